"""The life of a ticket: the only code that changes its status.

A move is a conditional update, so that of two people or workers only one wins, and its
audit row is in the same transaction.
"""

import contextlib
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from dsr import deadlines, grounds
from dsr.models import Ticket, Withheld
from privacy import audit, plans
from privacy.models import Plan
from privacy.refusals import Refusal

Status = Ticket.Status
Outcome = Ticket.Outcome
CLOSED = (Status.ANSWERED, Status.REFUSED, Status.WITHDRAWN)
NOT_BEGUN = (Status.RECEIVED, Status.PLANNED, Status.APPROVED)  # no worker has
NOT_DONE = (Status.REFUSED, Status.WITHDRAWN)
MOVES: dict[str, set[str]] = {
    Status.RECEIVED: {Status.PLANNED, Status.APPROVED, *NOT_DONE},
    Status.PLANNED: {Status.PLANNED, Status.APPROVED, Status.RECEIVED, *NOT_DONE},
    Status.APPROVED: {Status.FULFILLING, Status.RECEIVED, *NOT_DONE},
    Status.FULFILLING: {Status.ANSWERED, Status.REFUSED, Status.RECEIVED},
    # What a hold had kept is free or what was done is undone (`reopen`).
    Status.ANSWERED: {Status.PLANNED, Status.RECEIVED},
    Status.REFUSED: {Status.PLANNED},  # the hold had kept everything
}
UNDECIDED = {"outcome": "", "ground": None, "decided_by": "", "decided_at": None}


class NoSuchTicket(Refusal):
    """There is no request with that number."""


class NotNow(Refusal):
    """That can't be done with the request as it stands."""


class OthersNow(NotNow):
    """Whom the request is about has changed while their rows were looked for. Plan it
    again."""


class ReasonNeeded(Refusal):
    """To refuse or withdraw a request, give a reason that the person can be told."""


class GroundNeeded(Refusal):
    """Give the legal ground for what is not done or done only in part."""


@dataclass(frozen=True)
class Part:
    """Something asked for that is not done: which part, on which ground (its code)."""

    what: str
    ground: str
    rows: int = 0


def find(text: str) -> Ticket:
    """By its reference (R-2026-000001) or its number."""
    name = text.strip()
    is_number = name.isascii() and name.isdecimal() and len(name) < 19
    asked = {"pk": int(name)} if is_number else {"reference": name.upper()}
    ticket = Ticket.objects.filter(**asked).first()
    if ticket is None:
        raise NoSuchTicket
    return ticket


def lock(some: QuerySet[Ticket]) -> list[Ticket]:
    """Locks tickets, then their plans, each by id, and before the audit trail is
    written: if two change several, one waits, and there is no deadlock.

    Others may still add rows that refer to a ticket (`no_key`).
    """
    rows = list(some.select_for_update(of=("self",), no_key=True).order_by("pk"))
    plans_ = Plan.objects.filter(pk__in=[row.plan_id for row in rows if row.plan_id])
    list(plans_.select_for_update(of=("self",), no_key=True).order_by("pk"))
    return rows


def not_now(ticket: Ticket) -> NotNow:
    state = ticket.get_status_display()
    return NotNow(f"{ticket} is “{state}”; that can't be done now.")


def lock_one(ticket: Ticket) -> None:
    lock(Ticket.objects.filter(pk=ticket.pk))


def lock_in(ticket: Ticket, states: Sequence[str]) -> None:
    """Raises `NotNow` unless it is in one of them by now."""
    lock_one(ticket)
    ticket.refresh_from_db(fields=["status"])
    if ticket.status not in states:
        raise not_now(ticket)


def move(
    *, ticket: Ticket, to: Status, by: str, now: dt.datetime, **changes: Any
) -> None:
    """Raises `NotNow` when somebody else was first or the move is not allowed."""
    before = [status for status, after in MOVES.items() if to in after]
    with transaction.atomic():
        rows = Ticket.objects.filter(pk=ticket.pk, status__in=before)
        if not rows.update(status=to, **changes):
            ticket.refresh_from_db()
            raise not_now(ticket)
        audit.record(
            action=f"ticket.{to}",
            subject=f"ticket:{ticket.reference}",
            by=by,
            now=now,
            outcome=changes.get("outcome", ""),
            ground=str(changes["ground"].code) if changes.get("ground") else "",
        )
    ticket.refresh_from_db()


# --- on the way -----------------------------------------------------------------


def named(ticket: Ticket) -> set[int]:
    """Whom it is about, by their keys: asked before a plan is made for them."""
    return {row.pk for row in ticket.identifiers.all()}


def planned(
    *, ticket: Ticket, plan: Plan, people: set[int], by: str, now: dt.datetime
) -> None:
    """The plan replaces an older one, unless that is already done. `people` are those
    it was made for: somebody may have left out one of them meanwhile."""
    older = ticket.plan
    ticket.plans.add(plan)  # also one that comes too late
    with transaction.atomic():
        lock_one(ticket)
        if ticket.status in CLOSED:
            raise not_now(ticket)
        if people != named(Ticket.objects.get(pk=ticket.pk)):
            raise OthersNow
        move(ticket=ticket, to=Status.PLANNED, by=by, now=now, plan=plan)
        _stop(older, by, now)


def approved(
    *, ticket: Ticket, by: str, now: dt.datetime, as_decided: dict[str, Any]
) -> None:
    """`as_decided` is what `judged` returns; empty where nobody weighs anything."""
    signed = {"decided_by": by, "decided_at": now}
    move(ticket=ticket, to=Status.APPROVED, by=by, now=now, **signed, **as_decided)


def judged(
    ticket: Ticket, *, outcome: str, reason: str, ground: str, on: dt.date
) -> dict[str, Any]:
    """What a person decided, as fields: granted, whole or in part, and why."""
    if outcome not in (Outcome.WHOLE, Outcome.PART) or not reason.strip():
        raise ReasonNeeded
    if outcome == Outcome.PART and not ground:
        raise GroundNeeded
    named = _ground(ticket, ground, on) if outcome == Outcome.PART else None
    return {"outcome": outcome, "decision": reason.strip(), "ground": named}


def back(*, ticket: Ticket, by: str, now: dt.datetime) -> None:
    """To be planned again, with its original clock; its plan can't run any more."""
    plan = ticket.plan
    with transaction.atomic():
        lock_in(ticket, (*NOT_BEGUN, Status.FULFILLING))
        move(ticket=ticket, to=Status.RECEIVED, by=by, now=now, plan=None, **UNDECIDED)
        with contextlib.suppress(plans.TooLate):  # it has ended in its own way
            _stop(plan, by, now)


def reopen(*, ticket: Ticket, plan: Plan | None, by: str, now: dt.datetime) -> None:
    """What a hold had kept is free, and `plan` is for the rest; or, without one, what
    was done is undone. Both with the original clock."""
    if plan is not None and not plan.follows_id:
        raise NotNow
    to = Status.PLANNED if plan else Status.RECEIVED
    changes = {"plan": plan, "closed_at": None, "round": ticket.round + 1} | UNDECIDED
    changes |= {} if plan else {"decision": ""}
    with transaction.atomic():
        lock_in(ticket, (Status.ANSWERED, Status.REFUSED))
        move(ticket=ticket, to=to, by=by, now=now, **changes)
        ticket.plans.add(*filter(None, [plan]))


# --- closed -----------------------------------------------------------------------


def refuse(
    *, ticket: Ticket, reason: str, ground: str, by: str, now: dt.datetime
) -> None:
    """Denied as a whole, before a worker has begun. `ground` is a code that the law
    has for this right."""
    if not reason.strip():
        raise ReasonNeeded
    signed = {"decided_by": by, "decided_at": now}
    why = {"ground": _ground(ticket, ground, deadlines.day_of(now))}
    with transaction.atomic():
        lock_in(ticket, NOT_BEGUN)
        _close(ticket, Status.REFUSED, Outcome.DENIED, reason, by, now, signed | why)


def withdraw(*, ticket: Ticket, reason: str, by: str, now: dt.datetime) -> None:
    if not reason.strip():
        raise ReasonNeeded
    with transaction.atomic():
        lock_one(ticket)
        _close(ticket, Status.WITHDRAWN, Outcome.NONE, reason, by, now, {})


def _close(
    ticket: Ticket,
    to: Status,
    outcome: Outcome,
    reason: str,
    by: str,
    now: dt.datetime,
    more: dict[str, Any],
) -> None:
    ended = {"outcome": outcome, "decision": reason.strip(), "closed_at": now}
    move(ticket=ticket, to=to, by=by, now=now, **({"ground": None} | ended | more))
    _stop(ticket.plan, by, now)


def _summed(parts: Sequence[Part]) -> dict[tuple[str, str], int]:
    """A table may occur twice: for rows of the person, and of others."""
    found: dict[tuple[str, str], int] = {}
    for part in parts:
        key = (part.what[:200], part.ground)
        found[key] = found.get(key, 0) + part.rows
    return found


def answered(
    *,
    ticket: Ticket,
    outcome: str,
    decision: str,
    by: str,
    now: dt.datetime,
    withheld: Sequence[Part] = (),
) -> None:
    """Done, or found that a law keeps all of it: then it is refused after all. What was
    not done is recorded with it, each part with its ground."""
    on = deadlines.day_of(now)
    ticket.withheld.all().delete()
    parts = [
        Withheld.objects.create(
            ticket=ticket, ground=_ground(ticket, ground, on), what=what, rows=rows
        )
        for (what, ground), rows in _summed(withheld).items()
    ]
    ground = parts[0].ground if parts else ticket.ground
    move(
        ticket=ticket,
        to=Status.REFUSED if outcome == Outcome.DENIED else Status.ANSWERED,
        by=by,
        now=now,
        outcome=outcome,
        ground=ground,
        decision=decision,
        closed_at=now,
    )


def _ground(ticket: Ticket, code: str, on: dt.date) -> Any:
    return grounds.named(code, regime=ticket.regime, right=ticket.right, on=on)


def _stop(plan: Plan | None, by: str, now: dt.datetime) -> None:
    """Whatever a request planned ends with it. Raises `TooLate` when it was done."""
    if plan is None:
        return
    plan.refresh_from_db()
    if plan.status not in (Plan.Status.CANCELLED, Plan.Status.REFUSED):
        plans.cancel(plan=plan, by=by, now=now)
