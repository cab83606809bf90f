"""Recipients of data, registered without the browser."""

import datetime as dt
from collections.abc import Sequence
from typing import TypeVar

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Model, QuerySet

from privacy import audit
from privacy.models import Category, Provider, Purpose
from privacy.refusals import Refusal

Word = TypeVar("Word", bound=Model)


class Listed(Refusal):
    """A recipient of that name is already on the list; change it in the admin."""


class NothingChanged(Refusal):
    """Nothing about this recipient waits for a yes."""


class SamePerson(Refusal):
    """You changed it yourself: a second person must look at it."""


class NoSuchColleague(Refusal):
    """Nobody of the staff has that user name; leave it empty, and Legal is asked."""


class NoSuchWord(Refusal):
    """That word is not in the policy."""

    def __init__(self, kind: str, given: str, known: Sequence[str]) -> None:
        super().__init__(f"{given!r} is not a {kind}; choose from {', '.join(known)}.")


def add(
    *,
    name: str,
    contract: str,
    purposes: Sequence[str],
    categories: Sequence[str],
    ends: dt.date | None,
    owner: str,
    by: str,
    now: dt.datetime,
) -> Provider:
    """Until the admin says otherwise, `owner` tells it what people ask for."""
    if not is_colleague(owner):
        raise NoSuchColleague
    covered = _words("purpose", Purpose.objects.all(), purposes)
    given = _words("category", Category.objects.all(), categories)
    with transaction.atomic():
        if Provider.objects.filter(name=name).exists():
            raise Listed
        row = Provider.objects.create(
            name=name,
            contract=contract,
            contract_ends=ends,
            owner=owner,
            way=Provider.Way.TASK,
            changed_by=[by],
        )
        row.purposes.set(covered)
        row.categories.set(given)
        audit.record(
            action="provider.added",
            subject=f"provider:{row.pk}",
            by=by,
            now=now,
            name=name,
            contract=contract,
            purposes=sorted(purposes),
            categories=sorted(categories),
        )
    return row


def is_colleague(name: str) -> bool:
    """Or nobody."""
    staff = User.objects.filter(username=name, is_active=True, is_staff=True)
    return not name or staff.exists()


def agree(*, provider: Provider, by: str, now: dt.datetime) -> None:
    """A second person agrees to what it may be given, for what, and where it goes."""
    with transaction.atomic():
        row = Provider.objects.select_for_update().get(pk=provider.pk)
        if not row.changed_by:
            raise NothingChanged
        if by in row.changed_by:
            raise SamePerson
        Provider.objects.filter(pk=row.pk).update(changed_by=[])
        audit.record(
            action="provider.agreed",
            subject=f"provider:{row.pk}",
            by=by,
            now=now,
            changed_by=row.changed_by,
        )


def waiting() -> QuerySet[Provider]:
    """Those that were changed, and wait for a second person."""
    return Provider.objects.exclude(changed_by=[])


def changed(*, provider: Provider, by: str) -> None:
    """Somebody else must agree again; call it in the transaction of the change."""
    row = Provider.objects.select_for_update().get(pk=provider.pk)
    names = sorted({*row.changed_by, by})
    Provider.objects.filter(pk=row.pk).update(changed_by=names)


def _words(kind: str, known: QuerySet[Word], given: Sequence[str]) -> QuerySet[Word]:
    names = list(known.values_list("pk", flat=True))
    for name in given:
        if name not in names:
            raise NoSuchWord(kind, name, names)
    return known.filter(pk__in=given)
