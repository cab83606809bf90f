"""The procedure: plan, approve, fulfil. Every interface calls these three."""

import datetime as dt
from collections.abc import Callable

from django.db import transaction
from django.db.models import Q

from dsr import notices, tickets
from dsr.fulfilment import FULFILMENTS
from dsr.models import Ticket
from privacy import erasure, plans
from privacy.models import Plan
from privacy.refusals import Refusal

Clock = Callable[[], dt.datetime]
WORKER = "worker"
ENDED_EARLY = (Plan.Status.CANCELLED, Plan.Status.REFUSED)
ENDED = (*ENDED_EARLY, Plan.Status.DONE, Plan.Status.INCOMPLETE)


class NotPlanned(Refusal):
    """Plan the request first, so that there is something to approve."""


def plan(*, ticket: Ticket, by: str, now: dt.datetime) -> Plan:
    """What will happen to every row and why; takes the place of an older plan."""
    if ticket.status not in (tickets.Status.RECEIVED, tickets.Status.PLANNED):
        raise tickets.NotNow
    made = FULFILMENTS[ticket.right].plan(ticket, by=by, now=now)
    try:
        tickets.planned(ticket=ticket, plan=made, by=by, now=now)
    except Refusal:  # somebody closed the request while its rows were looked for
        plans.cancel(plan=made, by=by, now=now)
        raise
    return made


def approve(*, ticket: Ticket, by: str, now: dt.datetime) -> None:
    """A second person's yes, exceptions of the plan included."""
    if ticket.plan is None:
        raise NotPlanned
    ticket.plan.refresh_from_db()
    with transaction.atomic():
        if not ticket.plan.approved_by:  # on its own page, which is as good
            plans.approve(plan=ticket.plan, by=by, now=now)
        tickets.move(ticket=ticket, to=tickets.Status.APPROVED, by=by, now=now)


def fulfil(*, ticket: Ticket, clock: Clock) -> Ticket:
    """Carry out what was approved, or go on where a worker stopped; safe to repeat."""
    ticket.refresh_from_db()
    _follow_the_plan(ticket, clock())
    if ticket.status == tickets.Status.APPROVED:
        _begin(ticket, clock())
    if ticket.status == tickets.Status.FULFILLING and ticket.plan is not None:
        done = erasure.carry_out(plan=ticket.plan, clock=clock)
        if done.status in ENDED:
            _conclude(ticket, done, clock())
    ticket.refresh_from_db()
    return ticket


def _follow_the_plan(ticket: Ticket, now: dt.datetime) -> None:
    """A plan has its own page: what is decided there is decided for the request."""
    plan = ticket.plan
    if ticket.status != tickets.Status.PLANNED or plan is None:
        return
    if plan.status in ENDED_EARLY:
        tickets.back(ticket=ticket, by=WORKER, now=now)
    elif plan.approved_by:
        tickets.move(
            ticket=ticket,
            to=tickets.Status.APPROVED,
            by=plan.approved_by,
            now=now,
        )


def _begin(ticket: Ticket, now: dt.datetime) -> None:
    try:
        tickets.move(ticket=ticket, to=tickets.Status.FULFILLING, by=WORKER, now=now)
    except tickets.NotNow:  # another worker was first
        ticket.refresh_from_db()


def _conclude(ticket: Ticket, done: Plan, now: dt.datetime) -> None:
    """The answer and the status in one transaction; the row lock lets one do it."""
    with transaction.atomic():
        rows = Ticket.objects.select_for_update().filter(pk=ticket.pk)
        fresh = rows.filter(status=tickets.Status.FULFILLING).first()
        if fresh is None:
            return
        if done.status != Plan.Status.DONE:
            tickets.back(ticket=fresh, by=WORKER, now=now)
            return
        decision = FULFILMENTS[fresh.right].conclude(fresh, now=now)
        notices.answer(ticket=fresh, now=now)
        tickets.answered(ticket=fresh, decision=decision, by=WORKER, now=now)
    notices.send_waiting(ticket=fresh, now=now)


def waiting() -> list[Ticket]:
    """Requests that some worker should be at."""
    busy = Q(status__in=[tickets.Status.APPROVED, tickets.Status.FULFILLING])
    decided = ~Q(plan__approved_by="") | Q(plan__status__in=ENDED_EARLY)
    busy |= Q(status=tickets.Status.PLANNED) & decided
    return list(Ticket.objects.filter(busy).order_by("due_date"))
