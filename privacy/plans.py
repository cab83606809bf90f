"""The life of a plan: frozen with a digest, approved by a second person, cut into
ranges, claimed by any number of workers, finished.

Rows are the truth. A worker may die anywhere; what it held is claimed again after its
lease, and the store is asked whether its last transaction counted.
"""

import contextlib
import datetime as dt
import hashlib
import uuid
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q, Sum

from privacy import audit
from privacy.models import Plan, Range
from privacy.refusals import Refusal
from privacy.sql import statements

Status = Plan.Status
MOST_ATTEMPTS = 3
UNFINISHED = (Range.Status.OPEN, Range.Status.CLAIMED, Range.Status.COMMITTING)
QUARTER_SECOND = 0.25
SMALLEST_BATCH = 500
FIRST_BATCH = {"delete": 50_000, "deidentify": 10_000}
LARGEST_BATCH = {"delete": 400_000, "deidentify": 50_000, "redact": 50_000}
FASTEST_GROWTH = 8.0  # the first range is small, and says how fast this table is


class SecondPersonNeeded(Refusal):
    """Who plans can't approve: a second person must look at it."""


class NotWaiting(Refusal):
    """This plan does not wait for approval."""


class NotRunning(Refusal):
    """This plan is not running."""


class NotPaused(Refusal):
    """This plan is not paused."""


class TooLate(Refusal):
    """This plan is finished; it can't be cancelled any more."""


def freeze(said: dict[str, Any]) -> str:
    """The digest of what staff are shown: SHA-256 over canonical JSON."""
    return hashlib.sha256(audit.canonical(said).encode()).hexdigest()


def approve(*, plan: Plan, by: str, now: dt.datetime) -> None:
    """Four eyes on destruction: the planner can't approve, also not in the database."""
    if plan.planned_by == by and plan.kind != Plan.Kind.ACCESS:
        raise SecondPersonNeeded
    changes = {"status": Status.APPROVED, "approved_by": by, "approved_at": now}
    _move(plan, {Status.PLANNED}, NotWaiting, "approved", by=by, now=now, **changes)


def cancel(*, plan: Plan, by: str, now: dt.datetime) -> None:
    stoppable = {Status.PLANNED, Status.APPROVED, Status.PAUSED, Status.RUNNING}
    _move(
        plan, stoppable, TooLate, "cancelled", by=by, now=now, status=Status.CANCELLED
    )


def pause(*, plan: Plan, by: str, now: dt.datetime) -> None:
    _move(
        plan,
        {Status.RUNNING, Status.APPROVED},
        NotRunning,
        "paused",
        by=by,
        now=now,
        status=Status.PAUSED,
    )


def resume(*, plan: Plan, by: str, now: dt.datetime) -> None:
    back = Status.RUNNING if plan.started_at else Status.APPROVED
    _move(plan, {Status.PAUSED}, NotPaused, "resumed", by=by, now=now, status=back)


def start(*, plan: Plan, now: dt.datetime, **found: Any) -> bool:
    """True for the one worker that started it, with what it found at the start."""
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


def refuse(*, plan: Plan, problem: str, now: dt.datetime) -> None:
    """Reality drifted from what was approved: nothing is done.

    Once another worker has started it, the changes seen are the plan's own.
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


def finish(*, plan: Plan, problem: str, now: dt.datetime) -> None:
    """Done, or not complete with the sentence that says what is left."""
    _move(
        plan,
        {Status.RUNNING},
        NotRunning,
        "finished",
        by=plan.approved_by,
        now=now,
        status=Status.INCOMPLETE if problem else Status.DONE,
        problem=problem,
        finished_at=now,
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
    """A conditional update wins the race; the audit row goes with it."""
    with transaction.atomic():
        open_ = Plan.objects.filter(pk=plan.pk, status__in=allowed)
        if not open_.update(**changes):
            raise refusal
        audit.record(
            action=f"plan.{verb}",
            subject=f"plan:{plan.pk}",
            by=by,
            now=now,
            kind=plan.kind,
            digest=plan.digest,
            problem=changes.get("problem", ""),
        )
    plan.refresh_from_db()


# --- ranges --------------------------------------------------------------------


def abandoned(plan: Plan, now: dt.datetime) -> Range | None:
    """An open range, or one whose worker let its lease run out; claimed for us.

    A person's tables go in order, children before parents, so there a range waits for
    the ones before it.
    """
    with transaction.atomic():
        ranges = plan.ranges.select_for_update(skip_locked=True)
        free = Q(status=Range.Status.OPEN) | Q(
            status__in=UNFINISHED, lease_until__lt=now
        )
        piece = ranges.filter(free).order_by("ordinal").first()
        if piece is None or not _is_its_turn(plan, piece):
            return None
        return _claim(piece, now)


def _is_its_turn(plan: Plan, piece: Range) -> bool:
    if plan.kind == Plan.Kind.SWEEP:
        return True
    before = plan.ranges.filter(ordinal__lt=piece.ordinal, status__in=UNFINISHED)
    return not before.exists()


def claimed(plan: Plan, now: dt.datetime, **bounds: Any) -> Range:
    """A new range that is ours from the start."""
    last = plan.ranges.order_by("-ordinal").values_list("ordinal", flat=True).first()
    piece = Range(plan=plan, ordinal=(last or 0) + 1, **bounds)
    return _claim(piece, now)


def _claim(piece: Range, now: dt.datetime) -> Range:
    if piece.status != Range.Status.COMMITTING:
        piece.status = Range.Status.CLAIMED
    piece.claim = uuid.uuid4()
    piece.lease_until = now + dt.timedelta(seconds=settings.RANGE_LEASE_SECONDS)
    piece.attempts += 1
    piece.save()
    return piece


def note(piece: Range, *, transaction_id: str, rows: int, held: int) -> bool:
    """Before the store commits: what would count, and under which transaction.

    False when the range was claimed by another worker meanwhile.
    """
    ours = Range.objects.filter(pk=piece.pk, claim=piece.claim)
    return bool(
        ours.update(
            status=Range.Status.COMMITTING,
            store_transaction=transaction_id,
            rows=rows,
            held=held,
        )
    )


def settle(plan: Plan, piece: Range, *, seconds: float) -> None:
    """The store has committed. Losing this in a crash costs one question to the store.

    The next batch is sized so that a transaction stays near a quarter of a second.
    """
    factor = min(FASTEST_GROWTH, max(0.25, QUARTER_SECOND / max(seconds, 0.001)))
    batch = min(LARGEST_BATCH[piece.action], int(plan.batch * factor))
    with transaction.atomic():
        statements.commit_soon(connection)
        ours = Range.objects.filter(pk=piece.pk, claim=piece.claim)
        ours.update(
            status=Range.Status.DONE, seconds=seconds, problem="", lease_until=None
        )
        Plan.objects.filter(pk=plan.pk).update(batch=max(SMALLEST_BATCH, batch))


def reopen(piece: Range, *, problem: str) -> None:
    """It failed and changed nothing: once more, or given up after three times."""
    given_up = piece.attempts >= MOST_ATTEMPTS
    status = Range.Status.FAILED if given_up else Range.Status.OPEN
    ours = Range.objects.filter(pk=piece.pk, claim=piece.claim)
    ours.update(status=status, problem=problem, lease_until=None, rows=0, held=0)


def is_worked_off(plan: Plan) -> bool:
    fresh = Plan.objects.filter(pk=plan.pk, is_cut=True)
    return fresh.exists() and not plan.ranges.filter(status__in=UNFINISHED).exists()


def left(plan: Plan, counted: dict[str, int]) -> int:
    """Of the rows counted at the start, those that no finished range accounts for."""
    done = progress(plan)
    return counted["rows"] + counted["held"] - done["rows"] - done["held"]


def failures(plan: Plan) -> list[str]:
    failed = plan.ranges.filter(status=Range.Status.FAILED).select_related("table")
    return [f"{piece.table}: {piece.problem}" for piece in failed]


def progress(plan: Plan) -> dict[str, int]:
    """Rows ended and kept by holds so far, and ranges by status."""
    sums = plan.ranges.filter(status=Range.Status.DONE).aggregate(
        rows=Sum("rows", default=0), held=Sum("held", default=0)
    )
    left = plan.ranges.filter(status__in=UNFINISHED).count()
    return {**sums, "ranges": plan.ranges.count(), "left": left}


def unfinished() -> list[Plan]:
    """Plans that some worker should be at."""
    live = Q(status__in=[Status.APPROVED, Status.RUNNING])
    return list(
        Plan.objects.filter(live).order_by(F("started_at").asc(nulls_last=True))
    )
