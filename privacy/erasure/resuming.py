"""Going on with a plan that was paused or ended incomplete: only with rows that are
still what was approved (law 8). Months may have passed, and a row may be somebody
else's by now."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection

from privacy import plans, stores, subjects
from privacy.datamap import Map
from privacy.erasure import noticing
from privacy.models import Plan, PlannedRow, Range, Table
from privacy.refusals import Refusal
from privacy.subjects.rows import chunks

NOT_DONE = (Range.Status.OPEN, Range.Status.CLAIMED)  # what may be done already is not


CHANGED = (
    "changed after they were approved, so nothing more is changed. Plan them again; a "
    "plan that is paused must be cancelled first."
)


class RowsChanged(Refusal):
    """Rows changed after they were approved."""


def retry(*, plan: Plan, by: str, now: dt.datetime) -> None:
    """As `plans.retry`. Raises `RowsChanged` and `StoreDown`."""
    _must_be_the_same(plan, [Range.Status.FAILED])
    plans.retry(plan=plan, by=by, now=now)


def resume(*, plan: Plan, by: str, now: dt.datetime) -> None:
    """As `plans.resume`. What was never begun is compared when it begins."""
    if plan.started_at:
        _must_be_the_same(plan, NOT_DONE)
    plans.resume(plan=plan, by=by, now=now)


def _must_be_the_same(plan: Plan, states: Collection[str]) -> None:
    for table, rows in _left(plan, states).items():
        mapped = Map(table.store)
        if table.full_name in mapped.tables and _differ(mapped, table, rows):
            raise RowsChanged(f"Rows of {table} {CHANGED}")


def _left(plan: Plan, states: Collection[str]) -> dict[Table, list[PlannedRow]]:
    """The rows of these ranges that the plan has not touched. A sweep has none: its
    statement repeats the condition."""
    left: dict[Table, list[PlannedRow]] = defaultdict(list)
    for piece in plan.ranges.filter(status__in=states).select_related("table__store"):
        is_again = isinstance(piece.lower, dict) and piece.lower.get("again")
        if not is_again:  # another range of the plan may have changed them
            rows = plans.planned_rows(piece)
            left[piece.table] += [row for row in rows if row.fingerprint]
    return left


def _differ(mapped: Map, table: Table, rows: list[PlannedRow]) -> bool:
    """One that is gone can't be taken for another."""
    prints = {row.fingerprint: row.key.open() for row in rows}
    with stores.reaching(mapped.store):
        same = noticing.same(mapped, table.full_name, prints)
        keys = {subjects.read_key(mapped, table, text) for text in prints.values()}
        return any(
            mapped.rows(table).filter(subjects.by_key(table, some)).exists()
            for some in chunks(keys - set(same))
        )
