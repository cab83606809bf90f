"""The end of a restriction: the person is told first (GDPR Art. 18(3))."""

import datetime as dt

from django.db import transaction

from dsr import notices
from dsr.fulfilment.restriction import matter_of
from dsr.models import Notice, Ticket
from privacy import audit, holds
from privacy.models import Hold
from privacy.refusals import Refusal


class NotRestricted(Refusal):
    """This request has no restriction in force."""


class ReasonNeeded(Refusal):
    """Tell the person why the restriction ends."""


class NotTold(Refusal):
    """The person must be told before a restriction ends, and the letter has not been
    sent."""


def standing(ticket: Ticket) -> Hold | None:
    return Hold.objects.filter(
        kind=Hold.Kind.RESTRICTION, matter=matter_of(ticket), released_at=None
    ).first()


def last(ticket: Ticket) -> Hold | None:
    """The latest restriction, even a lifted one."""
    placed = Hold.objects.filter(kind=Hold.Kind.RESTRICTION, matter=matter_of(ticket))
    return placed.order_by("pk").last()


def announce(*, ticket: Ticket, reason: str, by: str, now: dt.datetime) -> Notice:
    """Writes the letter that it will end, and why; a second call changes nothing."""
    if standing(ticket) is None:
        raise NotRestricted
    if not reason.strip():
        raise ReasonNeeded
    with transaction.atomic():
        notice = notices.lifting(ticket=ticket, reason=reason.strip(), now=now)
        audit.record(
            action="restriction.announced",
            subject=f"ticket:{ticket.reference}",
            by=by,
            now=now,
            reason=reason.strip(),
        )
    notices.send_waiting(ticket=ticket, now=now)
    return notice


def lift(*, ticket: Ticket, by: str, now: dt.datetime) -> None:
    """Raises `NotTold` until the letter has been sent."""
    hold = standing(ticket)
    if hold is None:
        raise NotRestricted
    told = ticket.notices.filter(kind=Notice.Kind.LIFTING, sent_at__isnull=False)
    letter = told.order_by("sent_at").first()
    if letter is None:
        raise NotTold
    holds.release(hold=hold, by=by, now=now, told_at=letter.sent_at)
