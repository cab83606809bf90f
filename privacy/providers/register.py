"""Recipients of data, entered without the browser."""

import datetime as dt
from collections.abc import Sequence
from typing import TypeVar

from django.db import transaction
from django.db.models import Model, QuerySet

from privacy import audit
from privacy.models import Category, Provider, Purpose
from privacy.refusals import Refusal

Word = TypeVar("Word", bound=Model)


class Listed(Refusal):
    """A recipient of that name is on the list already; change it in the admin."""


class NoSuchWord(Refusal):
    """That is none of the policy's words."""

    def __init__(self, kind: str, given: str, known: Sequence[str]) -> None:
        super().__init__(f"{given!r} is no {kind}; there are {', '.join(known)}.")


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
    """It is told of requests by a task for `owner`, until the admin says otherwise."""
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


def _words(kind: str, known: QuerySet[Word], given: Sequence[str]) -> QuerySet[Word]:
    names = list(known.values_list("pk", flat=True))
    for name in given:
        if name not in names:
            raise NoSuchWord(kind, name, names)
    return known.filter(pk__in=given)
