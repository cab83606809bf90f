"""Tries a treatment on a few rows of the store and rolls it back.

The catalogue says what a type can hold; only the store knows what a CHECK constraint, a
domain or a trigger accepts. So the first rows of the table are changed by the
expressions of a sweep, in a transaction that never commits.
"""

from collections.abc import Sequence
from typing import Any

from django.db import DataError, Error, IntegrityError, connections, transaction

from privacy import changes, faults
from privacy.datamap import Map
from privacy.models import Column, Table

ROWS = 50  # enough to meet a constraint, few enough to hold no lock for long
LOOKED_AT = 1000  # rows, for those of them that have values
DENIED = "The store refuses it: {column} has a constraint that this treatment breaks."


def refusal(mapped: Map, table: Table, columns: Sequence[Column]) -> str:
    """Why the store would refuse a column's new values, in one sentence; or empty.

    A store that can't be asked now (down, read-only, without transactions) gives no
    answer: the sweep singles out what it refuses then.
    """
    if not connections[mapped.alias].features.supports_transactions:
        return ""
    some = [[column] for column in columns]
    return next((said for each in some if (said := tried(mapped, table, each))), "")


def tried(mapped: Map, table: Table, columns: Sequence[Column]) -> str:
    """Tries several columns at once: a CHECK may be about them together."""
    raw = changes.still_raw(columns)
    try:
        with transaction.atomic(using=mapped.alias):
            rows = mapped.rows(table).filter(pk__in=_first(mapped, table, columns))
            rows.filter(raw).update(**changes.assignments(columns))
            transaction.set_rollback(True, using=mapped.alias)
    except (IntegrityError, DataError) as error:
        if faults.read(error) is faults.TAKEN and any(map(_is_unique, columns)):
            return ""  # two spellings of one value: a sweep gives each its code
        return DENIED.format(column=", ".join(c.full_name for c in columns))
    except Error:
        return ""
    return ""


def _is_unique(column: Column) -> bool:
    return changes.place_of(column).is_unique


def _first(mapped: Map, table: Table, columns: Sequence[Column]) -> list[Any]:
    """The first rows; of several columns, those in which most have a value."""
    every = mapped.rows(table).order_by(*table.key)
    if len(columns) == 1:
        return list(every.values_list("pk", flat=True)[:ROWS])
    names = [column.name for column in columns]
    found = list(every.values_list("pk", *names)[:LOOKED_AT])
    found.sort(key=lambda cells: -sum(cell is not None for cell in cells[1:]))
    return [cells[0] for cells in found[:ROWS]]
