"""What a treatment writes into a row's columns, and the condition that it is still to
do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import connections
from django.db.models import Case, F, Field, Q, When

from privacy.datamap import Map
from privacy.models import Column, Table
from privacy.strategies import STRATEGIES, Place, elements
from privacy.strategies.base import EACH, matches


@dataclass(frozen=True)
class Ending:
    """What one range does, and to which rows of a table."""

    mapped: Map
    table: Table
    rows: Q
    columns: Sequence[Column] | None  # None: the rows are deleted; empty: they stay
    pattern: str = ""  # for `redact`: what to take out
    own: str = ""  # cells that may hold either side's value: only these are touched
    cutter: str = ""  # the column that the bounds of the range are in
    referred: bool = False  # others refer to them: locked before they are looked at
    partition: str = ""  # the rows are all of this partition (quoted name)
    values: Mapping[str, Any] | None = None  # a correction: column to its new value
    documents: Mapping[str, Sequence[When]] | None = None  # of rows named by key
    turn: int = 0  # see `Place.turn`: of one row whose code another row has

    @property
    def how(self) -> dict[str, Any]:
        return {"pattern": self.pattern, "own": self.own, "documents": self.documents}

    @property
    def own_references(self) -> list[str]:
        """Columns that may refer to other rows of the table, in MariaDB and MySQL,
        which look at each row by itself; other databases look at the statement's
        end."""
        if connections[self.mapped.alias].vendor != "mysql" or not self.table.has_key:
            return []
        links = self.mapped.links_to(self.table)
        own = [k for k in links if k.is_constraint and k.table_id == self.table.pk]
        names = {name for link in own for name in link.columns}
        return [n for n in names if self.mapped.column(self.table, n).nullable]

    def lock(self) -> None:
        """Where rows go only while none refers to them: none can, from here on. One
        that is being written is waited for, and the statement sees it."""
        if self.referred:
            rows = self.mapped.rows(self.table).filter(self.rows)
            for _ in rows.select_for_update().values_list(*self.table.key).iterator():
                pass


def assignments(
    columns: Sequence[Column],
    *,
    pattern: str = "",
    own: str = "",
    documents: Mapping[str, Sequence[When]] | None = None,
    turn: int = 0,
) -> dict[str, Any]:
    """Maps each column to its new value; all paths of one JSON column become one
    expression.

    `documents` are those of certain rows that were read, and what becomes of them. Only
    raw values change: a pseudonym is not pseudonymised again, and an empty value stays
    empty.
    """
    new: dict[str, Any] = {}
    columns = [c for c in columns if not c.options.get("of_text")]  # go with the text
    listed = [c for c in columns if EACH in c.path and not _is_shared(c, own)]
    for column in columns:
        if not any(column is each for each in listed):
            value = left(column, pattern=pattern, own=own, turn=turn)
            _put(new, place_of(column), value)
    wholes = {c.name: new[c.name] for c in columns if not c.path}
    parts = [_part(column, pattern, wholes.get(column.name)) for column in listed]
    for some in elements.together(parts):
        _put(new, some[0][1], elements.left_of_all(some))
    for name, whens in (documents or {}).items():
        new[name] = Case(*whens, default=new[name], output_field=Field())
    return new


def _put(new: dict[str, Any], place: Place, value: Any) -> None:
    new[place.name] = place.put(new.get(place.name, F(place.name)), value)


def _is_shared(column: Column, own: str) -> bool:
    """Whether the column belongs to two people, so that each value has to be asked
    whose it is."""
    return bool(own) and column.whose == Column.Whose.EITHER


def _part(column: Column, pattern: str, whole: Any) -> elements.Part:
    """Reads from what is left of the whole document: the other values of its elements
    are written again too, and must not bring the old ones back."""
    options = options_of(column, pattern)
    place = replace(place_of(column), source=whole)
    return STRATEGIES[options["strategy"]], place, options


def left(column: Column, *, pattern: str = "", own: str = "", turn: int = 0) -> Any:
    """What is left of one value afterwards, as an expression."""
    place = replace(place_of(column), turn=turn)
    options = options_of(column, pattern)
    value = elements.left(STRATEGIES[options["strategy"]], place, options)
    if _is_shared(column, own):
        mine = When(_holds(place, own), then=value)
        return Case(mine, default=place.whole, output_field=place.field)
    return value


def still_raw(
    columns: Sequence[Column],
    *,
    pattern: str = "",
    own: str = "",
    documents: Mapping[str, Sequence[When]] | None = None,
) -> Q:
    """The condition that at least one of the values has not been treated yet."""
    condition = Q(pk__in=[])
    for column in columns:
        if column.options.get("of_text"):
            continue
        place, options = place_of(column), options_of(column, pattern)
        raw = elements.still_raw(STRATEGIES[options["strategy"]], place, options)
        if _is_shared(column, own):
            raw &= _holds(place, own)
        condition |= raw
    for when in (when for whens in (documents or {}).values() for when in whens):
        condition |= when.condition
    return condition


def _holds(place: Place, own: str) -> Q:
    """The condition that the cell holds the person's own value and not the other
    side's."""
    return matches(place.text, own)


def place_of(column: Column) -> Place:
    return Place(
        name=column.name,
        kind=column.kind,
        path=tuple(column.path),
        nullable=column.nullable,
        max_length=column.options.get("max_length"),
        digits=column.options.get("max_digits", 1000),
        decimals=column.options.get("decimal_places", 500),
        is_unique=bool(column.options.get("unique")),
        is_checked=bool(column.options.get("checked")),
        identifier=column.identifier,
        region=column.options.get("region", ""),
        type=column.options.get("type", ""),
        element=column.options.get("element", ""),
        labels=tuple(column.options.get("labels", ())),
        tied=column.options.get("tied") or _generated(column),
    )


def _generated(column: Column) -> str:
    return "generated" if column.options.get("generated") else ""


def options_of(column: Column, pattern: str) -> dict[str, Any]:
    """A pattern replaces the treatment of the map: only what matches is taken out of
    the text."""
    if pattern:
        return {"strategy": "redact", "pattern": pattern}
    return dict(column.strategy)
