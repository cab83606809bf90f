"""A treatment is tried on a few rows of the store, and taken back.

What a type can take is known from the catalogue; what a CHECK constraint, a domain or a
trigger says is known to the store alone. So it is asked: the first rows of the table
are ended by the same expressions as a sweep's, in a transaction that never commits.
"""

from collections.abc import Sequence

from django.db import DataError, Error, IntegrityError, connections, transaction

from privacy import changes
from privacy.datamap import Map
from privacy.models import Column, Table

ROWS = 50  # enough to meet a constraint, few enough to hold no lock for long
DENIED = "The store refuses it: {column} has a constraint that this treatment breaks."


def refusal(mapped: Map, table: Table, columns: Sequence[Column]) -> str:
    """Why the store would not take a column's new values, in one sentence; or empty.

    A store that can't be asked now (down, read-only, without transactions) says
    nothing: the sweep singles out what it refuses then.
    """
    if not connections[mapped.alias].features.supports_transactions:
        return ""
    return next((said for c in columns if (said := tried(mapped, table, c))), "")


def tried(mapped: Map, table: Table, column: Column) -> str:
    every = mapped.rows(table)
    try:
        first = list(every.order_by(*table.key).values_list("pk", flat=True)[:ROWS])
        rows = every.filter(pk__in=first)
        with transaction.atomic(using=mapped.alias):
            raw = rows.filter(changes.still_raw([column]))
            raw.update(**changes.assignments([column]))
            transaction.set_rollback(True, using=mapped.alias)
    except (IntegrityError, DataError):
        return DENIED.format(column=column.full_name)
    except Error:
        return ""
    return ""
