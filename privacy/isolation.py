"""One bad row must not block the others.

A range that the store refuses is halved again and again until the refused rows stand
alone; those are given up with their reason, and all others go on.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from privacy import plans, subjects
from privacy.changes import Ending
from privacy.datamap import Map
from privacy.models import PlannedRow, Range, Table

FEW = 500  # from here on rows are named by key; before, the range is cut by its bounds
TURNS = 3  # codes that are tried for a value that must be unique
MOST_GIVEN_UP = 50  # then it is no exception any more, and singling out costs too much


def split(
    piece: Range, rows: QuerySet[Any], cutter: str, *, single_out: bool = True
) -> bool:
    """Replaces a refused range by two open halves; False where that is impossible.

    `rows` are the rows of the range that are still to be ended; `cutter` is the column
    of its bounds, or empty where the range lists its rows.
    """
    if not single_out:
        many = rows.count()
        return many > FEW and bool(cutter) and _by_bounds(piece, rows, cutter, many)
    if piece.plan.ranges.filter(status=Range.Status.FAILED).count() >= MOST_GIVEN_UP:
        return False
    planned = plans.planned_rows(piece)
    if planned:
        return _by_rows(piece, planned)
    many = rows.count()
    if many > FEW and cutter and _by_bounds(piece, rows, cutter, many):
        return True
    if 1 < many <= FEW:
        return _by_rows(piece, _name(piece, rows))
    return False


def _by_bounds(piece: Range, rows: QuerySet[Any], cutter: str, many: int) -> bool:
    values = rows.order_by(cutter).values_list(cutter, flat=True)
    middle = str(values[many // 2])
    if middle in (piece.lower, piece.upper):
        return False
    with transaction.atomic():
        plans.insert_after(piece, lower=middle, upper=piece.upper)
        return _halve(piece, upper=middle)


def _name(piece: Range, rows: QuerySet[Any]) -> Sequence[PlannedRow]:
    """The rows of a sweep's range by key, sealed because keys may be e-mail
    addresses."""
    keys = rows.values_list(*piece.table.key)
    return PlannedRow.objects.bulk_create(
        PlannedRow(
            plan=piece.plan,
            table=piece.table,
            range=piece,
            key=subjects.written_key(tuple(key)),
            action=piece.action,
        )
        for key in keys
    )


def _by_rows(piece: Range, planned: Sequence[PlannedRow]) -> bool:
    if len(planned) < 2:
        return False
    said = piece.lower if isinstance(piece.lower, dict) else {}
    part = {"rows_of": planned[0].range_id, **said}
    first = part.get("from", 0)
    middle = first + len(planned) // 2
    with transaction.atomic():
        second = {**part, "from": middle, "to": first + len(planned)}
        plans.insert_after(piece, lower=second)
        return _halve(piece, lower={**part, "from": first, "to": middle})


def _halve(piece: Range, **bounds: Any) -> bool:
    """This range becomes the first half, open again; False if its claim was taken
    over."""
    mine = Range.objects.filter(pk=piece.pk, claim=piece.claim)
    free = {"status": Range.Status.OPEN, "lease_until": None, "attempts": 0}
    if not mine.update(**free, rows=0, held=0, **bounds):
        transaction.set_rollback(True)
        return False
    return True


def another_code(ending: Ending, rows: QuerySet[Any]) -> Ending | None:
    """The same with another code, for one row of which the code was refused because
    another spelling of its value has it; None where that was not the reason."""
    is_made = bool(ending.columns) and ending.values is None
    if not is_made or ending.turn == TURNS or rows.count() != 1:
        return None
    return replace(ending, turn=ending.turn + 1)


def named(mapped: Map, table: Table, piece: Range) -> Q | None:
    """The condition of a range that lists its rows; None for one with bounds."""
    planned = plans.planned_rows(piece)
    if not planned:
        return None
    keys = [subjects.read_key(mapped, table, row.key.open()) for row in planned]
    return subjects.by_key(table, keys)
