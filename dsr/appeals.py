"""Which decision an appeal is against: the page of a request says so by itself, a mail,
a letter or another system does not.

Without it nobody could tell who may decide the appeal, and granting it would open
nothing again. The number of a decision is no secret, so whoever gives it proves nothing
by it: from another address than the first time it counts once somebody has decided that
it is the same person.
"""

import datetime as dt
import re

from django.db import transaction
from django.db.models import QuerySet

from dsr import identity, tickets
from dsr.models import IdentityDecision, Right, Ticket
from privacy import audit
from privacy.models import Identifier
from privacy.refusals import Refusal

NUMBER = re.compile(r"^R-\d{4}-\d{6}$", re.IGNORECASE | re.ASCII)  # of a request
DECIDED = (Ticket.Status.ANSWERED, Ticket.Status.REFUSED)


class WhichDecision(Refusal):
    """Say first which decision the appeal is against (“Name the decision”)."""


class NoSuchDecision(Refusal):
    """An appeal is against a request of the same person that was answered or refused,
    and against each only once."""


class AboutAnother(NoSuchDecision):
    """That decision is about another number or address. Decide first who is asking
    (“Who is it?”)."""


def possible(appeal: Ticket) -> QuerySet[Ticket]:
    """Decisions about anybody whom the appeal names, the latest first."""
    people = Ticket.objects.filter(identifiers__in=appeal.identifiers.all())
    theirs = _decided().filter(pk__in=people.values("pk"))
    return theirs.order_by("-closed_at", "-pk")


def _decided() -> QuerySet[Ticket]:
    """What can be appealed, and was not."""
    decided = Ticket.objects.filter(status__in=DECIDED).exclude(right=Right.APPEAL)
    return decided.exclude(pk__in=_appealed().values("about"))


def _appealed() -> QuerySet[Ticket]:
    rows = Ticket.objects.filter(right=Right.APPEAL, about__isnull=False)
    return rows.exclude(status=Ticket.Status.WITHDRAWN)


def people(appeal: Ticket, first: Ticket) -> list[Identifier]:
    """Whom the request that is opened again is about: whom the appeal names; and if it
    came from elsewhere, which somebody decided to be the same person, the first too."""
    mine, before = list(appeal.identifiers.all()), list(first.identifiers.all())
    return mine if set(mine) & set(before) else [*mine, *before]


def is_unnamed(ticket: Ticket) -> bool:
    return ticket.right == Right.APPEAL and ticket.about_id is None


def require_named(ticket: Ticket) -> None:
    """Raises `WhichDecision`. Where nothing was ever decided, there is nothing to
    name."""
    if is_unnamed(ticket) and possible(ticket).exists():
        raise WhichDecision


def require_known(ticket: Ticket) -> None:
    """Raises `WhichDecision` also where the number that they gave is a decision: to
    grant the appeal is to open that one again."""
    if is_unnamed(ticket) and claimed(ticket) is not None:
        raise WhichDecision
    require_named(ticket)


def claimed(appeal: Ticket) -> Ticket | None:
    """The decision whose number they gave, whoever it is about."""
    if not appeal.against:
        return None
    return _decided().filter(reference=appeal.against.upper()).first()


def firsts(ticket: Ticket) -> list[Ticket]:
    """Whose deciders can't decide this appeal."""
    if ticket.right != Right.APPEAL:
        return []
    return [first for first in (ticket.about, claimed(ticket)) if first is not None]


def find(appeal: Ticket, *, by: str, now: dt.datetime) -> None:
    """The number that they gave names a decision about the same number or address, and
    we know who they are: nobody has to look for it."""
    first = claimed(appeal) if is_unnamed(appeal) else None
    if first is None or not possible(appeal).filter(pk=first.pk).exists():
        return
    unproved = {row.pk for row in identity.standing(appeal).uncovered}
    proved = appeal.identifiers.exclude(pk__in=unproved)
    if _is_known(appeal) or proved.filter(tickets=first).exists():
        name(appeal=appeal, reference=first.reference, by=by, now=now)


def name(*, appeal: Ticket, reference: str, by: str, now: dt.datetime) -> None:
    """The decision that it is against, while the appeal is open."""
    with transaction.atomic():
        tickets.lock_one(appeal)
        appeal.refresh_from_db()
        if not appeal.is_open or not is_unnamed(appeal):
            raise tickets.NotNow
        first = _named(appeal, reference.strip().upper())
        Ticket.objects.filter(pk=appeal.pk).update(about=first)
        audit.record(
            action="ticket.appeals",
            subject=f"ticket:{appeal.reference}",
            by=by,
            now=now,
            against=first.reference,
        )
    appeal.refresh_from_db()


def _named(appeal: Ticket, reference: str) -> Ticket:
    first = _decided().filter(reference=reference).first()
    if first is None:
        raise NoSuchDecision
    if not possible(appeal).filter(pk=first.pk).exists() and not _is_known(appeal):
        raise AboutAnother
    return first


def _is_known(appeal: Ticket) -> bool:
    """Somebody of ours has decided who it is."""
    mine = IdentityDecision.objects.filter(ticket__request=appeal.request_id)
    last = mine.order_by("at", "pk").last()
    return last is not None and last.accepted and not last.is_vouched
