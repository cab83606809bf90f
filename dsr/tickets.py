"""The life of a request: the only code that changes its status.

A move is a conditional update, so that of two people or workers one wins, and its audit
row is in the same transaction.
"""

import contextlib
import datetime as dt
from typing import Any

from django.db import transaction

from dsr.models import Ticket
from privacy import audit, plans
from privacy.models import Plan
from privacy.refusals import Refusal

Status = Ticket.Status
MOVES: dict[str, set[str]] = {
    Status.RECEIVED: {Status.PLANNED, Status.REFUSED, Status.WITHDRAWN},
    Status.PLANNED: {
        Status.PLANNED,
        Status.APPROVED,
        Status.RECEIVED,
        Status.REFUSED,
        Status.WITHDRAWN,
    },
    Status.APPROVED: {Status.FULFILLING, Status.RECEIVED, Status.WITHDRAWN},
    Status.FULFILLING: {Status.ANSWERED, Status.RECEIVED},
}


class NoSuchTicket(Refusal):
    """There is no request of that number."""


class NotNow(Refusal):
    """That can't be done with the request as it stands."""


class ReasonNeeded(Refusal):
    """A request is refused or withdrawn with a reason that the person can be told."""


def find(text: str) -> Ticket:
    """By its reference (R-2026-000001) or its number."""
    name = text.strip()
    is_number = name.isascii() and name.isdecimal() and len(name) < 19
    asked = {"pk": int(name)} if is_number else {"reference": name.upper()}
    ticket = Ticket.objects.filter(**asked).first()
    if ticket is None:
        raise NoSuchTicket
    return ticket


def move(
    *, ticket: Ticket, to: Status, by: str, now: dt.datetime, **changes: Any
) -> None:
    """Raises `NotNow` when somebody else was first or the move is not allowed."""
    before = [status for status, after in MOVES.items() if to in after]
    with transaction.atomic():
        rows = Ticket.objects.filter(pk=ticket.pk, status__in=before)
        if not rows.update(status=to, **changes):
            ticket.refresh_from_db()
            raise NotNow(
                f"{ticket} is “{ticket.get_status_display()}”; that can't be done now."
            )
        audit.record(
            action=f"ticket.{to}", subject=f"ticket:{ticket.reference}", by=by, now=now
        )
    ticket.refresh_from_db()


def planned(*, ticket: Ticket, plan: Plan, by: str, now: dt.datetime) -> None:
    """The plan takes the place of an older one, unless that is done already."""
    older = ticket.plan
    with transaction.atomic():
        move(ticket=ticket, to=Status.PLANNED, by=by, now=now, plan=plan)
        _stop(older, by, now)


def refuse(*, ticket: Ticket, reason: str, by: str, now: dt.datetime) -> None:
    _close(ticket, Status.REFUSED, reason, by, now)


def withdraw(*, ticket: Ticket, reason: str, by: str, now: dt.datetime) -> None:
    _close(ticket, Status.WITHDRAWN, reason, by, now)


def _close(ticket: Ticket, to: Status, reason: str, by: str, now: dt.datetime) -> None:
    if not reason.strip():
        raise ReasonNeeded
    with transaction.atomic():
        move(
            ticket=ticket, to=to, by=by, now=now, decision=reason.strip(), closed_at=now
        )
        _stop(ticket.plan, by, now)


def _stop(plan: Plan | None, by: str, now: dt.datetime) -> None:
    """Whatever a request planned ends with it. Raises `TooLate` when it was done."""
    if plan is None:
        return
    plan.refresh_from_db()
    if plan.status not in (Plan.Status.CANCELLED, Plan.Status.REFUSED):
        plans.cancel(plan=plan, by=by, now=now)


def answered(*, ticket: Ticket, decision: str, by: str, now: dt.datetime) -> None:
    move(
        ticket=ticket,
        to=Status.ANSWERED,
        by=by,
        now=now,
        decision=decision,
        closed_at=now,
    )


def back(*, ticket: Ticket, by: str, now: dt.datetime) -> None:
    """To be planned again, with its first clock; its plan can't run any more."""
    plan = ticket.plan
    with transaction.atomic():
        move(ticket=ticket, to=Status.RECEIVED, by=by, now=now, plan=None)
        with contextlib.suppress(plans.TooLate):  # it has ended in its own way
            _stop(plan, by, now)
