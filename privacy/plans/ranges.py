"""The ranges of a plan: claimed by any number of workers, recorded, settled, given up.

Rows are the truth. A worker may die anywhere; what it had is claimed again after its
lease, and the store is asked whether its last transaction was committed.
"""

import datetime as dt
import uuid
from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from privacy.models import Plan, PlannedRow, Range, Table
from privacy.refusals import Refusal
from privacy.sql import prepared, statements

Status = Range.Status
UNFINISHED = (Status.OPEN, Status.CLAIMED, Status.COMMITTING)
PACE = 0.5  # seconds that a range should take
CANARY = 500  # rows of a sweep's first range: looked at before the second is cut
SMALLEST_BATCH = 500
FILES_BATCH = 50  # rows whose files go with them, each read and deleted before
FIRST_BATCH = {"delete": 50_000, "deidentify": 10_000}
LARGEST_BATCH = {"delete": 400_000, "deidentify": 50_000, "redact": 50_000}
FASTEST_GROWTH = 8.0
ROOM = 1_000_000  # more than any plan has ranges


class Waits(Refusal):
    """The store can't be worked on now. The work continues by itself later."""


def abandoned(plan: Plan, now: dt.datetime) -> Range | None:
    """Claims an open range, or one whose worker let its lease run out.

    A person's tables go in order, children before parents, so a range waits for the
    ones before it.
    """
    with transaction.atomic():
        ranges = plan.ranges.select_for_update(skip_locked=True)
        piece = ranges.filter(_free(now)).order_by("ordinal").first()
        if piece is None or not _is_its_turn(plan, piece):
            return None
        return _claim(piece, now)


def _free(now: dt.datetime) -> Q:
    return Q(status=Status.OPEN) | Q(status__in=UNFINISHED, lease_until__lt=now)


def _is_its_turn(plan: Plan, piece: Range) -> bool:
    if plan.kind == Plan.Kind.SWEEP:
        return True
    before = plan.ranges.filter(ordinal__lt=piece.ordinal, status__in=UNFINISHED)
    return not before.exists()


def claimed(plan: Plan, now: dt.datetime, **bounds: Any) -> Range:
    """A new range that is ours from the start."""
    return _claim(Range(plan=plan, **bounds), now)


def at_the_frontier(plan: Plan, now: dt.datetime, *, upper: Any, **said: Any) -> Range:
    """As `claimed`, for what lies between the frontier and `upper`. The frontier moves
    to `upper`; with None, nothing is left to cut."""
    piece = Range(plan=plan, lower=plan.frontier, upper=upper, **said)
    prepared.add_with(_to_us(piece, now), statements.MOVE_FRONTIER)
    return piece


def _claim(piece: Range, now: dt.datetime) -> Range:
    _to_us(piece, now).save()
    return piece


def _to_us(piece: Range, now: dt.datetime) -> Range:
    if piece.status != Status.COMMITTING:
        piece.status = Status.CLAIMED
    piece.claim = uuid.uuid4()
    piece.lease_until = now + dt.timedelta(seconds=settings.RANGE_LEASE_SECONDS)
    piece.attempts += 1
    return piece


def planned_rows(piece: Range) -> list[PlannedRow]:
    """The rows that a range names: its own, or a part of another range's.

    In that case `lower` is {"rows_of": the other's id, "from": n, "to": m}.
    """
    said = piece.lower if isinstance(piece.lower, dict) else {}
    rows = PlannedRow.objects.filter(range_id=said.get("rows_of", piece.pk))
    return list(rows.order_by("pk")[said.get("from", 0) : said.get("to")])


def insert_after(piece: Range, **fields: Any) -> Range:
    """An open range right after this one, so that the order of tables is kept."""
    with transaction.atomic():
        Plan.objects.select_for_update().get(pk=piece.plan_id)
        later = Range.objects.filter(plan=piece.plan_id, ordinal__gt=piece.ordinal)
        later.update(ordinal=F("ordinal") + ROOM)
        moved = Range.objects.filter(plan=piece.plan_id, ordinal__gt=ROOM)
        moved.update(ordinal=F("ordinal") - ROOM + 1)
        return Range.objects.create(
            plan_id=piece.plan_id,
            ordinal=piece.ordinal + 1,
            table=piece.table,
            action=piece.action,
            **fields,
        )


# --- how a range ends -----------------------------------------------------------


def note(piece: Range, *, transaction_id: str, rows: int, held: int) -> bool:
    """Call before the store commits: what it would count, and the id of its
    transaction.

    False if another worker has claimed the range meanwhile.
    """
    return _ours(
        piece,
        status=Status.COMMITTING,
        store_transaction=transaction_id,
        rows=rows,
        held=held,
    )


def noted(piece: Range) -> int:
    """For stores that cannot tell whether a transaction was committed: a range that was
    recorded and finds nothing left to do has done what was recorded."""
    is_noted = piece.status == Status.COMMITTING and not piece.store_transaction
    return piece.rows if is_noted else 0


def settle(plan: Plan, piece: Range, *, seconds: float) -> None:
    """The store has committed. Losing this in a crash costs one question to the store.

    The next batch is sized so that a transaction takes about the target time.
    """
    values = {
        "range": piece.pk,
        "claim": piece.claim,
        "seconds": seconds,
        "plan": plan.pk,
        "batch": _next_batch(plan, piece, seconds),
    }
    prepared.run(statements.SETTLE, values)


def _next_batch(plan: Plan, piece: Range, seconds: float) -> int:
    if piece.ordinal == 1 and plan.kind == Plan.Kind.SWEEP:
        return plan.batch  # a canary says nothing of the speed of a full range
    factor = min(FASTEST_GROWTH, max(0.25, PACE / max(seconds, 0.001)))
    largest = LARGEST_BATCH.get(piece.action, plan.batch)
    smallest = FILES_BATCH if piece.table.files else SMALLEST_BATCH
    return max(smallest, min(largest, int(plan.batch * factor)))


def first_batch(table: Table, action: str) -> int:
    """Before anybody knows how fast the store is."""
    return FILES_BATCH if table.files else FIRST_BATCH[action]


def leave(piece: Range, *, sentence: str) -> None:
    """The store as a whole is in trouble: the range becomes free again, as if never
    tried.

    Raises `Waits`, so that the worker leaves; the scheduler sends another one.
    """
    _ours(piece, status=Status.OPEN, lease_until=None, rows=0, held=0, attempts=0)
    wait(piece.plan_id, sentence)
    raise Waits(f"{sentence} The work continues by itself later.")


def wait(plan_id: uuid.UUID, sentence: str) -> None:
    """Records on the plan why nothing moves."""
    Plan.objects.filter(pk=plan_id).exclude(waits=sentence).update(waits=sentence)


def give_up(piece: Range, *, problem: str) -> None:
    """It can't be done as it is. Nothing was changed, and the plan is incomplete."""
    _ours(piece, status=Status.FAILED, problem=problem, lease_until=None, rows=0)


def reopen(plan: Plan) -> None:
    """Whatever was given up is tried again."""
    plan.ranges.filter(status=Status.FAILED).update(status=Status.OPEN, attempts=0)


def _ours(piece: Range, **changes: Any) -> bool:
    """A conditional update on the claim: False if somebody else has the range."""
    mine = Range.objects.filter(pk=piece.pk, claim=piece.claim)
    return bool(mine.update(**changes))


# --- how far a plan is ----------------------------------------------------------


@dataclass(frozen=True)
class Account:
    """All ranges of a plan at a glance: how many of which status, and how many rows the
    finished ones ended, or left because of a hold."""

    ranges: int
    last: int  # the highest ordinal
    done: int
    unfinished: int
    free: int  # unfinished, and nobody is at them
    partitions: int
    special: int  # unfinished: the first one, and partitions
    rows: int
    held: int


def account(plan: Plan, now: dt.datetime) -> Account:
    return Account(*statements.account(plan=plan.pk, now=now))


def is_worked_off(plan: Plan) -> bool:
    unfinished = Range.objects.filter(plan=OuterRef("pk"), status__in=UNFINISHED)
    cut = Plan.objects.filter(pk=plan.pk, is_cut=True)
    return cut.exclude(Exists(unfinished)).exists()


def failures(plan: Plan) -> list[str]:
    """What was given up and why, once for each table and reason."""
    failed = plan.ranges.filter(status=Status.FAILED).select_related("table__store")
    found = Counter((str(piece.table), piece.problem) for piece in failed)
    return [
        f"{table}: {problem}" + (f" ({times} times)" if times > 1 else "")
        for (table, problem), times in found.items()
    ]


def progress(plan: Plan) -> dict[str, int]:
    """Rows ended and rows kept by holds so far, the number of ranges, and how many are
    unfinished."""
    found = account(plan, plan.planned_at)
    numbers = {"rows": found.rows, "held": found.held, "ranges": found.ranges}
    return {**numbers, "left": found.unfinished}
