"""The life of a plan: frozen with a digest, approved by a second person, cut into
ranges (`ranges`), claimed by any number of workers, finished.
"""

import contextlib
import datetime as dt
import hashlib
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet

from privacy import audit, journal
from privacy.models import Plan, PlannedRow
from privacy.plans import together
from privacy.plans.ranges import (
    CANARY,
    FIRST_BATCH,
    LARGEST_BATCH,
    SMALLEST_BATCH,
    Account,
    Waits,
    abandoned,
    account,
    at_the_frontier,
    claimed,
    failures,
    first_batch,
    give_up,
    insert_after,
    is_worked_off,
    leave,
    note,
    noted,
    planned_rows,
    progress,
    reopen,
    settle,
    wait,
)
from privacy.refusals import Refusal

__all__ = [
    "CANARY",
    "COMPLETE",
    "ENDED_EARLY",
    "FINISHED",
    "FIRST_BATCH",
    "LARGEST_BATCH",
    "SMALLEST_BATCH",
    "Account",
    "Waits",
    "abandoned",
    "account",
    "at_the_frontier",
    "claimed",
    "failures",
    "first_batch",
    "give_up",
    "insert_after",
    "is_worked_off",
    "leave",
    "note",
    "noted",
    "planned_rows",
    "progress",
    "reopen",
    "settle",
    "together",
    "unname",
    "wait",
]

Status = Plan.Status
ENDED_EARLY = (Status.CANCELLED, Status.REFUSED)
COMPLETE = (Status.DONE, Status.EXCEPTED)
FINISHED = (*COMPLETE, Status.INCOMPLETE)
STILL_IN_JOURNAL = (
    "It is cancelled, but the erasure journal could not be written, and a portal that "
    "is restored from an older backup would carry it out."
)


class SecondPersonNeeded(Refusal):
    """You made this plan yourself. Somebody else must approve it."""


class NotWaiting(Refusal):
    """This plan is not waiting for approval."""


class NotRunning(Refusal):
    """This plan is not running."""


class NotPaused(Refusal):
    """This plan is not paused."""


class NotIncomplete(Refusal):
    """Only a plan that finished incomplete can be tried again."""


class TooLate(Refusal):
    """This plan is finished; it can't be cancelled any more."""


def freeze(said: dict[str, Any]) -> str:
    """The digest of what staff are shown: SHA-256 over canonical JSON."""
    return hashlib.sha256(audit.canonical(said).encode()).hexdigest()


def approve(*, plan: Plan, by: str, now: dt.datetime) -> None:
    """Destruction needs two people: the planner can't approve, and the database refuses
    it too."""
    if not may_approve(plan, by):
        raise SecondPersonNeeded
    changes = {"status": Status.APPROVED, "approved_by": by, "approved_at": now}
    _move(plan, {Status.PLANNED}, NotWaiting, "approved", by=by, now=now, **changes)


def may_approve(plan: Plan, by: str) -> bool:
    """A copy changes nothing, so the person who planned it may hand it over."""
    return plan.planned_by != by or plan.kind == Plan.Kind.ACCESS


def cancel(*, plan: Plan, by: str, now: dt.datetime) -> None:
    """An erasure that had begun is in the journal, from which it is withdrawn: a
    restored portal, which does not know the plan, would carry it out."""
    open_ = {Status.PLANNED, Status.APPROVED, Status.PAUSED, Status.RUNNING}
    _move(plan, open_, TooLate, "cancelled", by=by, now=now, status=Status.CANCELLED)
    if plan.kind == Plan.Kind.ERASURE and plan.approved_at:
        transaction.on_commit(lambda: _withdraw(plan, now))


def _withdraw(plan: Plan, now: dt.datetime) -> None:
    try:
        journal.withdraw(plan=plan, now=now)
    except journal.JournalDown:
        wait(plan.pk, STILL_IN_JOURNAL)


def pause(*, plan: Plan, by: str, now: dt.datetime) -> None:
    live = {Status.RUNNING, Status.APPROVED}
    _move(plan, live, NotRunning, "paused", by=by, now=now, status=Status.PAUSED)


def resume(*, plan: Plan, by: str, now: dt.datetime) -> None:
    back = Status.RUNNING if plan.started_at else Status.APPROVED
    _move(plan, {Status.PAUSED}, NotPaused, "resumed", by=by, now=now, status=back)


def retry(*, plan: Plan, by: str, now: dt.datetime) -> None:
    """What was given up is tried again, under the existing approval."""
    with transaction.atomic():
        again = {"status": Status.RUNNING, "finished_at": None}
        stuck = {Status.INCOMPLETE}
        _move(plan, stuck, NotIncomplete, "retried", by=by, now=now, **again)
        reopen(plan)


def start(*, plan: Plan, now: dt.datetime, **found: Any) -> bool:
    """True for the one worker that started it; stores what it found at the start."""
    try:
        _move(
            plan,
            {Status.APPROVED},
            NotWaiting,
            "started",
            by=plan.approved_by,
            now=now,
            status=Status.RUNNING,
            started_at=now,
            **found,
        )
    except NotWaiting:
        return False
    return True


def start_many(*, some: Sequence[Plan], now: dt.datetime) -> None:
    """Starts those that wait, together, each with its own audit row. What another
    worker started or somebody stopped is left alone. Returns all of them as they are
    then."""
    keys = [plan.pk for plan in some]
    with transaction.atomic():
        waiting = Plan.objects.filter(pk__in=keys, status=Status.APPROVED)
        ours = waiting.select_for_update().order_by("pk")
        found = set(ours.values_list("pk", flat=True))
        begun = {"status": Status.RUNNING, "started_at": now, "waits": ""}
        waiting.filter(pk__in=found).update(**begun)
        audit.record_many(
            audit.event(**_said(plan, "started", plan.approved_by, now))
            for plan in some
            if plan.pk in found
        )
    fresh = Plan.objects.in_bulk(keys)
    for plan in some:
        plan.status, plan.started_at = fresh[plan.pk].status, fresh[plan.pk].started_at


def refuse(*, plan: Plan, problem: str, now: dt.datetime) -> None:
    """The data differs from what was approved: nothing is done.

    Once another worker has started the plan, the changes seen are its own, and nothing
    is refused.
    """
    with contextlib.suppress(NotWaiting):
        _refuse(plan, problem, now)
    plan.refresh_from_db()


def _refuse(plan: Plan, problem: str, now: dt.datetime) -> None:
    _move(
        plan,
        {Status.APPROVED},
        NotWaiting,
        "refused",
        by=plan.approved_by,
        now=now,
        status=Status.REFUSED,
        problem=problem,
        finished_at=now,
    )


def finish(*, plan: Plan, problem: str, now: dt.datetime, **found: Any) -> None:
    """Done, or incomplete with a sentence that says what is left; stores what was found
    at the end. What was approved with exceptions, or kept by a hold, is complete with
    those, and no more than that."""
    plan.residue = found.get("residue", plan.residue)
    complete = Status.EXCEPTED if plan.exceptions else Status.DONE
    _move(
        plan,
        {Status.RUNNING},
        NotRunning,
        "finished",
        by=plan.approved_by,
        now=now,
        status=Status.INCOMPLETE if problem else complete,
        problem=problem,
        waits="",
        finished_at=now,
        **found,
    )


def _move(
    plan: Plan,
    allowed: set[Status],
    refusal: type[Refusal],
    verb: str,
    *,
    by: str,
    now: dt.datetime,
    **changes: Any,
) -> None:
    """A conditional update wins the race; the audit row is in the same transaction."""
    with transaction.atomic():
        open_ = Plan.objects.filter(pk=plan.pk, status__in=allowed)
        if not open_.update(**changes):
            state = Plan.objects.get(pk=plan.pk).get_status_display().lower()
            raise refusal(f"{refusal()} Its state: {state}.")
        said = _said(plan, verb, by, now)
        audit.record(**said | {"problem": changes.get("problem", "")})
    plan.refresh_from_db()


def _said(plan: Plan, verb: str, by: str, now: dt.datetime) -> dict[str, Any]:
    return {
        "action": f"plan.{verb}",
        "subject": f"plan:{plan.pk}",
        "by": by,
        "now": now,
        "kind": plan.kind,
        "digest": plan.digest,
        "problem": "",
    }


def unfinished() -> list[Plan]:
    """Plans that some worker should be working on."""
    live = Q(status__in=[Status.APPROVED, Status.RUNNING])
    return list(
        Plan.objects.filter(live).order_by(F("started_at").asc(nulls_last=True))
    )


def unname(some: QuerySet[Plan]) -> None:
    """Removes from plans of copies and corrections whose they were and which rows. What
    an erasure removed is known by digest only and stays, so that a restore can't bring
    it back."""
    kinds = (Plan.Kind.ACCESS, Plan.Kind.CORRECTION)
    keys = list(some.filter(kind__in=kinds).values_list("pk", flat=True))
    PlannedRow.objects.filter(plan__in=keys).delete()
    Plan.identifiers.through.objects.filter(plan__in=keys).delete()
