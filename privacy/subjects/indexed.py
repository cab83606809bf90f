"""Tables whose texts have an index (`sql.textindex`), and those without one.

The name of an index stands for what it indexes: when the map of a table changes, it
needs a new one. The index changes only how fast something is found, not what.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connections
from django.db.models import BooleanField, F, Func

from privacy import stores
from privacy.datamap import Map
from privacy.identifiers import Kind
from privacy.models import Column, Table
from privacy.sql import textindex

TEXTS = ("CharField", "TextField")
LARGE = 10_000  # rows that are read in no time


@dataclass(frozen=True)
class Lacking:
    """A table with its number of rows, and the statement that makes its index; None
    where a column has a type (an array) that no such index can take."""

    table: Table
    rows: int
    statement: str


class Holds(Func):
    """The condition that a row's texts may hold what is `sought` (see
    `Spotter.sought`)."""

    output_field = BooleanField()

    def __init__(self, columns: Sequence[Column], sought: str) -> None:
        super().__init__(*(F(column.name) for column in columns))
        self.forms = [form(column) for column in columns]
        self.sought = sought

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **__: Any) -> Any:
        names = [compiler.compile(each)[0] for each in self.get_source_expressions()]
        keys = _keys(self.forms, names).replace("%", "%%")
        return textindex.SOUGHT.format(keys=keys), [self.sought]


def columns(mapped: Map, table: Table) -> list[Column]:
    """Those that can hold text; numbers, dates and booleans can't."""
    kinds = (*TEXTS, "JSONField", "OtherField")
    return [c for c in mapped.columns(table) if c.kind in kinds and not c.path]


def is_of_numbers(column: Column) -> bool:
    """Most hold only a number, which is looked up by equality."""
    return column.kind in TEXTS and column.identifier == Kind.PHONE


def there(mapped: Map) -> set[str]:
    """The names of the indexes that a store has."""
    return textindex.there(connections[mapped.alias])


def served(mapped: Map, table: Table, names: set[str]) -> list[Column]:
    """The columns that the table's index covers, if it is among those `names`."""
    covered = _covered(mapped, table)
    return covered if covered and _name(mapped, table, covered) in names else []


def lacking(mapped: Map) -> list[Lacking]:
    """Large tables without an index, the largest first."""
    if connections[mapped.alias].vendor != "postgresql":
        return []
    with stores.reaching(mapped.store):
        names = there(mapped)
        found = [
            _lacking(mapped, table)
            for table in mapped.tables.values()
            if columns(mapped, table) and not served(mapped, table, names)
        ]
    large = [each for each in found if each.rows >= LARGE]
    return sorted(large, key=lambda each: -each.rows)


def _lacking(mapped: Map, table: Table) -> Lacking:
    covered, place, statement = _covered(mapped, table), _place(mapped, table), ""
    rows = textindex.rows(connections[mapped.alias], place)
    if covered:
        name, keys = _name(mapped, table, covered), _of(mapped, table, covered)
        statement = textindex.CREATE.format(name=name, table=place, keys=keys)
    return Lacking(table, rows, statement)


def _covered(mapped: Map, table: Table) -> list[Column]:
    """None if no index is possible: the text of an array depends on settings. The words
    of an enum identify nobody."""
    found = columns(mapped, table)
    enums = [c for c in found if c.kind == "OtherField" and c.options.get("labels")]
    free = [c for c in found if c not in enums]
    return [] if any(c.kind == "OtherField" for c in free) else free


def _name(mapped: Map, table: Table, covered: Sequence[Column]) -> str:
    said = f"{_place(mapped, table)} {_of(mapped, table, covered)}"
    return textindex.PREFIX + hashlib.sha256(said.encode()).hexdigest()[:16]


def _place(mapped: Map, table: Table) -> str:
    connection = connections[mapped.alias]
    return str(connection.ops.quote_name(mapped.model(table)._meta.db_table))


def _of(mapped: Map, table: Table, covered: Sequence[Column]) -> str:
    quote, meta = connections[mapped.alias].ops.quote_name, mapped.model(table)._meta
    names = [quote(meta.get_field(column.name).column) for column in covered]
    return _keys([form(column) for column in covered], names)


def form(column: Column) -> str:
    return textindex.NUMBER if is_of_numbers(column) else textindex.TEXT


def _keys(forms: Sequence[str], names: Sequence[str]) -> str:
    pairs = zip(forms, names, strict=True)
    return textindex.keys([said.format(column=name) for said, name in pairs])
