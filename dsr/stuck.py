"""Requests that a worker can't finish: which, why, and what to do.

A worker that is refused, or stops with an error, leaves the reason on the request: a
line in a log would reach nobody at the desk.
"""

import datetime as dt

from django.db import transaction
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet

from dsr import requests
from dsr.models import Ticket
from privacy import audit
from privacy.models import Plan

UNDER_WAY = Q(status__in=[Ticket.Status.APPROVED, Ticket.Status.FULFILLING])
NEVER_SAID = (
    "No worker has finished it since {day}. “Try again” wakes one; if that does not "
    "help, ask whoever runs the portal whether workers run."
)
ERROR = (
    "A worker stopped with an error of the portal itself ({kind}). Tell whoever runs "
    "it: the log of the workers says more. It is tried again every few minutes."
)
PAUSED = "Its plan is paused. Resume or cancel it on the page of the plan."


def note(*, ticket: Ticket, why: str, now: dt.datetime) -> None:
    """The same reason again, at the next try, changes nothing."""
    mine = Ticket.objects.filter(pk=ticket.pk, closed_at=None).exclude(trouble=why)
    _say(mine, ticket, why, now)


def clear(*, ticket: Ticket, now: dt.datetime) -> None:
    """A worker got through."""
    _say(Ticket.objects.filter(pk=ticket.pk).exclude(trouble=""), ticket, "", now)


def _say(mine: QuerySet[Ticket], ticket: Ticket, why: str, now: dt.datetime) -> None:
    with transaction.atomic():
        if mine.update(trouble=why):
            audit.record(
                action="ticket.stuck" if why else "ticket.unstuck",
                subject=f"ticket:{ticket.reference}",
                by=requests.WORKER,
                now=now,
            )


def marked(some: QuerySet[Ticket], *, on: dt.date) -> QuerySet[Ticket]:
    """Each with `is_stuck`, so that a list needs no query for each. Where nothing was
    said, a day without an end is too long; a plan that runs may take its time."""
    open_ = UNDER_WAY | requests.needs_nobody()
    silent = UNDER_WAY & Q(decided_at__date__lt=on)
    silent &= ~Q(plan__status=Plan.Status.RUNNING) & ~requests.behind_a_copy()
    is_stuck = open_ & ~Q(trouble="")
    is_stuck |= UNDER_WAY & Q(plan__status=Plan.Status.PAUSED) | silent
    return some.annotate(is_stuck=ExpressionWrapper(is_stuck, BooleanField()))


def why(ticket: Ticket) -> str:
    """In words, for one that is."""
    if ticket.plan is not None and ticket.plan.status == Plan.Status.PAUSED:
        return PAUSED
    if ticket.trouble or ticket.decided_at is None:
        return ticket.trouble
    return NEVER_SAID.format(day=f"{ticket.decided_at:%-d %B %Y}")
