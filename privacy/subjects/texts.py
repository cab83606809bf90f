"""Other notations and mentions: every text of the store, read once."""

import datetime as dt
from collections.abc import Sequence

from django.db.models import Func, Q, TextField, Value
from django.db.models.functions import Cast

from privacy import spellings
from privacy.datamap import Map
from privacy.models import Column, Table
from privacy.strategies.base import Matches
from privacy.subjects import equality
from privacy.subjects.rows import Found, Row, values_of


def read(found: Found, at: dt.datetime) -> None:
    """One pass over each table: other notations, and mentions in free text and JSON."""
    pattern = spellings.any_of(found.marks)
    for table in found.mapped.tables.values():
        columns = readable(found.mapped, table)
        if columns and table.key:
            _read_table(found, table, columns, pattern, at)


def readable(mapped: Map, table: Table) -> list[Column]:
    """Columns that can hold text; numbers, dates and truth values can't."""
    texts = ("CharField", "TextField", "JSONField", "OtherField")
    return [c for c in mapped.columns(table) if c.kind in texts and not c.path]


class Together(Func):
    """All texts in one, so that a row is read once; NULL is left out."""

    function = "concat_ws"
    output_field = TextField()


def mentions(columns: Sequence[Column], pattern: str) -> Q:
    """The condition that one of the columns has a match."""
    texts = [Cast(column.name, TextField()) for column in columns]
    whole = Together(Value("\n"), *texts)
    return Q(Matches(whole, Value(pattern)))


def _read_table(
    found: Found,
    table: Table,
    columns: Sequence[Column],
    pattern: str,
    at: dt.datetime,
) -> None:
    hits = found.mapped.rows(table).filter(mentions(columns, pattern))
    for column in equality.identifying(found.mapped, table):
        if not column.path and column in columns:
            place = Q(Matches(Cast(column.name, TextField()), Value(pattern)))
            equality.sort(found, table, column, hits.filter(place), at)
    for key in values_of(hits, table.key):
        found.add(Row(table, key, "mentioned in its text", is_mention=True))
