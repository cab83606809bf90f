"""Which decision an appeal is against: the page of a request says so by itself, a mail,
a letter or another system does not.

Without it nobody could tell who may decide the appeal, and granting it would open
nothing again.
"""

import datetime as dt

from django.db import transaction
from django.db.models import QuerySet

from dsr import tickets
from dsr.models import Right, Ticket
from privacy import audit
from privacy.refusals import Refusal

DECIDED = (Ticket.Status.ANSWERED, Ticket.Status.REFUSED)


class WhichDecision(Refusal):
    """Say first which decision the appeal is against (“Name the decision”)."""


class NoSuchDecision(Refusal):
    """An appeal is against a request of the same person that was answered or refused,
    and against each only once."""


def possible(appeal: Ticket) -> QuerySet[Ticket]:
    """Decisions about anybody whom the appeal names, the latest first."""
    people = Ticket.objects.filter(identifiers__in=appeal.identifiers.all())
    decided = Ticket.objects.filter(pk__in=people.values("pk"), status__in=DECIDED)
    theirs = decided.exclude(right=Right.APPEAL).exclude(
        pk__in=_appealed().values("about")
    )
    return theirs.order_by("-closed_at", "-pk")


def _appealed() -> QuerySet[Ticket]:
    rows = Ticket.objects.filter(right=Right.APPEAL, about__isnull=False)
    return rows.exclude(status=Ticket.Status.WITHDRAWN)


def is_unnamed(ticket: Ticket) -> bool:
    return ticket.right == Right.APPEAL and ticket.about_id is None


def require_named(ticket: Ticket) -> None:
    """Raises `WhichDecision`. Where nothing was ever decided, there is nothing to
    name."""
    if is_unnamed(ticket) and possible(ticket).exists():
        raise WhichDecision


def name(*, appeal: Ticket, reference: str, by: str, now: dt.datetime) -> None:
    """The decision that it is against, while the appeal is open."""
    with transaction.atomic():
        tickets.lock_one(appeal)
        appeal.refresh_from_db()
        if not appeal.is_open or not is_unnamed(appeal):
            raise tickets.NotNow
        first = possible(appeal).filter(reference=reference).first()
        if first is None:
            raise NoSuchDecision
        Ticket.objects.filter(pk=appeal.pk).update(about=first)
        audit.record(
            action="ticket.appeals",
            subject=f"ticket:{appeal.reference}",
            by=by,
            now=now,
            against=first.reference,
        )
    appeal.refresh_from_db()
