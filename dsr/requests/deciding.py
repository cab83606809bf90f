"""What people decide: the plan, its approval by a second person, what is granted or
denied."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction

from dsr import appeals, deadlines, frequency, identity, notices, tickets, withdrawals
from dsr.fulfilment import FULFILMENTS, PLANNED, Way
from dsr.models import Right, Ticket
from privacy import plans
from privacy.correction import Change
from privacy.models import Plan
from privacy.refusals import Refusal


class NotPlanned(Refusal):
    """Plan the request first, so that there is something to approve."""


class NothingToPlan(Refusal):
    """This right needs no plan: decide it."""


class DecisionNeeded(Refusal):
    """A person must decide about this right: say what you decide, and why."""


class NoCorrection(Refusal):
    """This request does not ask for a correction, so it takes no changes."""


class NotTooOften(Refusal):
    """This person has not used all the free answers the law gives them."""


class SomebodyElse(Refusal):
    """The person who took the first decision can't decide the appeal against it."""


def plan(
    *, ticket: Ticket, by: str, now: dt.datetime, changes: Sequence[Change] = ()
) -> Plan:
    """What will happen to every row and why; replaces an older plan.

    The `changes` of a rectification say what is wrong and what it should be.
    """
    if ticket.status not in (tickets.Status.RECEIVED, tickets.Status.PLANNED):
        raise tickets.not_now(ticket)
    if ticket.right not in PLANNED:
        raise NothingToPlan
    if changes and ticket.right != Right.RECTIFICATION:
        raise NoCorrection
    people = tickets.named(ticket)
    made = PLANNED[ticket.right].plan(ticket, by=by, now=now, changes=changes)
    try:
        tickets.planned(ticket=ticket, plan=made, people=people, by=by, now=now)
    except Refusal:  # somebody closed or changed it while its rows were looked for
        plans.cancel(plan=made, by=by, now=now)
        raise
    return made


def approve(*, ticket: Ticket, by: str, now: dt.datetime) -> None:
    """A second person's approval, exceptions of the plan included.

    Raises `NotVerified` as long as we are not sure that it is the person.
    """
    withdrawals.require_none(ticket)
    identity.require(ticket)
    way = FULFILMENTS[ticket.right].way
    if way is Way.JUDGED:
        raise DecisionNeeded
    if way is Way.AT_ONCE:
        tickets.approved(ticket=ticket, by=by, now=now, as_decided={})
        return
    if ticket.plan is None:
        raise NotPlanned
    ticket.plan.refresh_from_db()
    with transaction.atomic():
        tickets.lock_one(ticket)
        if not ticket.plan.approved_by:  # on its own page, which is as good
            plans.approve(plan=ticket.plan, by=by, now=now)
        tickets.approved(ticket=ticket, by=by, now=now, as_decided={})


def decide(
    *,
    ticket: Ticket,
    outcome: str,
    reason: str,
    by: str,
    now: dt.datetime,
    ground: str = "",
) -> None:
    """For a right that a person weighs: granted whole or in part, or denied; and why.

    `reason` is what the person is told.
    """
    if FULFILMENTS[ticket.right].way is not Way.JUDGED:
        raise tickets.NotNow(
            f"{ticket} asks for {ticket.get_right_display()}, which is planned and "
            "approved, or refused; there is nothing else to decide."
        )
    if outcome == tickets.Outcome.DENIED:
        refuse(ticket=ticket, reason=reason, ground=ground, by=by, now=now)
        return
    withdrawals.require_none(ticket)
    identity.require(ticket)
    appeals.find(ticket, by=by, now=now)
    appeals.require_known(ticket)
    _is_another(ticket, by)
    said = tickets.judged(
        ticket,
        outcome=outcome,
        reason=reason,
        ground=ground,
        on=deadlines.day_of(now),
    )
    tickets.approved(ticket=ticket, by=by, now=now, as_decided=said)


def refuse(
    *, ticket: Ticket, reason: str, ground: str, by: str, now: dt.datetime
) -> None:
    """Denied as a whole; the letter says why and what the person can do about it."""
    appeals.find(ticket, by=by, now=now)
    _is_another(ticket, by)
    often = frequency.of(ticket)
    if ground.strip().upper() == "FREQ_CAP" and not (often and often.is_reached):
        raise NotTooOften
    with transaction.atomic():
        tickets.lock_one(ticket)
        tickets.refuse(ticket=ticket, reason=reason, ground=ground, by=by, now=now)
        notices.refusal(ticket=ticket, now=now)


def _is_another(ticket: Ticket, by: str) -> None:
    """An appeal is decided by somebody who took no part in the first decision."""
    appeals.require_named(ticket)
    for first in appeals.firsts(ticket):
        took_part = {first.decided_by}
        if first.plan is not None:
            took_part |= {first.plan.planned_by, first.plan.approved_by}
        if by in took_part:
            raise SomebodyElse
