"""Other notations and mentions: every text of a table is read once for everyone, or
found by its index (`indexed`)."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import BooleanField, Func, Q, TextField, Value
from django.db.models.functions import Cast

from privacy.datamap import Map
from privacy.identifiers import Kind, Mark
from privacy.models import Column, Table
from privacy.sql import statements
from privacy.strategies.base import matches
from privacy.strategies.expressions import Together
from privacy.subjects import equality, indexed
from privacy.subjects.equality import Line, is_looked_up, kinds, read_as, values_in
from privacy.subjects.rows import Found, chunks
from privacy.subjects.spotting import Spotter

MOST = 2000  # marks in one reading
LEAST = 6  # letters and digits of a number that is searched for in texts
IN_TEXT = "in_text_"


def read(
    mapped: Map,
    tables: Sequence[Table],
    wanted: dict[Mark, list[Found]],
    since: str = "",
) -> None:
    """Other notations in the columns of identifiers, and mentions anywhere else.

    Only in rows written since the transaction `since`, if given.
    """
    indexes = indexed.there(mapped) if wanted else set()
    for some in chunks(wanted, MOST):
        spotter = Spotter(some)
        for table in tables:
            _read_table(mapped, table, spotter, wanted, since, indexes)


class WrittenSince(Func):
    """This transaction or a later one wrote the row (PostgreSQL)."""

    output_field = BooleanField()

    def __init__(self, transaction: str) -> None:
        super().__init__(Value(transaction))
        self.template = statements.WRITTEN_SINCE.format(transaction="%(expressions)s")


class WrittenBy(Func):
    """One of these transactions wrote the row (PostgreSQL)."""

    output_field = BooleanField()

    def __init__(self, transactions: Sequence[str]) -> None:
        super().__init__(*(Value(str(int(each) % 2**32)) for each in transactions))
        self.template = statements.WRITTEN_BY.format(transactions="%(expressions)s")


def wanted(founds: Sequence[Found], marks: str) -> dict[Mark, list[Found]]:
    """The marks (`fresh` or `unread`) that can be looked for in texts, and whose."""
    who: dict[Mark, list[Found]] = defaultdict(list)
    for found in founds:
        for mark in getattr(found, marks):
            if mark.kind in Kind.values or _is_telling(mark):
                who[mark].append(found)
    return who


def _is_telling(mark: Mark) -> bool:
    """A customer's or insurance number, however its kind is called. A short one stands
    in texts by coincidence, and so does a row's own key."""
    is_key = "." in mark.kind  # STORE.TABLE
    return not is_key and len(re.sub(r"[\W_]", "", mark.value)) >= LEAST


def mentions(columns: Sequence[Column], pattern: str) -> Q:
    """The condition that one of the columns matches."""
    return matches(together(columns), pattern)


def together(columns: Sequence[Column]) -> Any:
    texts = [Cast(column.name, TextField()) for column in columns]
    if len(texts) == 1:
        return texts[0]
    return Together(Value("\n"), *texts)


def _read_table(
    mapped: Map,
    table: Table,
    spotter: Spotter,
    wanted: dict[Mark, list[Found]],
    since: str,
    indexes: set[str],
) -> None:
    columns = indexed.columns(mapped, table)
    if not columns:
        return
    line = Line(mapped, table)
    casts = {f"{IN_TEXT}{i}": Cast(c.name, TextField()) for i, c in enumerate(columns)}
    rows = mapped.rows(table)
    if since:
        rows = rows.filter(WrittenSince(since))
    covered, sought = indexed.served(mapped, table, indexes), spotter.sought()
    if covered and sought:
        condition = Q(indexed.Holds(covered, sought))
    else:
        condition = _condition(columns, spotter)
    rows = rows.filter(condition).annotate(**casts)
    for cells in line.read(rows, *casts):
        for column, mark in _seen(line, columns, cells, spotter):
            for found in wanted[mark]:
                if column in line.columns and is_looked_up(column):
                    line.sort(found, column, mark, cells)
                else:
                    line.mention(found, mark, cells)


def _condition(columns: Sequence[Column], spotter: Spotter) -> Q:
    """Numeric columns get a condition of their own."""
    numbers = [c for c in columns if indexed.is_of_numbers(c)]
    others = [c for c in columns if c not in numbers]
    condition = Q(pk__in=[])
    for column in numbers:
        text = Cast(column.name, TextField())
        condition |= spotter.condition(text, is_number=True)
    if others:
        condition |= spotter.condition(together(others))
    return condition


def _seen(
    line: Line, columns: Sequence[Column], cells: dict[str, Any], spotter: Spotter
) -> Iterator[tuple[Column, Mark]]:
    """Columns of identifiers come first: they say whose row it is."""
    seen = [
        (_told(line, column, mark, cells), mark)
        for i, column in enumerate(columns)
        if (text := cells[f"{IN_TEXT}{i}"])
        for mark in spotter.marks_in(text)
    ]
    yield from (each for each in seen if each[0] in line.columns)
    yield from (each for each in seen if each[0] not in line.columns)


def _told(line: Line, whole: Column, mark: Mark, cells: dict[str, Any]) -> Column:
    """The path inside a document where identifiers are expected, if this one is
    there."""
    for inner in line.columns:
        if inner.name == whole.name and inner.path and mark.kind in kinds(inner):
            said = values_in(inner, cells[read_as(inner)])
            if mark in (equality.read(inner, text) for text in said):
                return inner
    return whole
