"""From identifiers to every row about a person, each once, with the path to it.

Identifiers are looked up by equality in the columns that hold them, rows follow links,
and what the person's own rows say (a second e-mail, another notation) is looked up in
turn, until nothing new comes. Then every text of the store is read once for mentions.
"""

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Func, Q, TextField, Value
from django.db.models.functions import Cast

from privacy import identifiers, spellings, stores
from privacy.datamap import Map
from privacy.identifiers import Kind, Mark, NotAnIdentifier
from privacy.models import Column, Link, Store, Table
from privacy.strategies.base import Matches

LOOKED_UP = (Kind.PHONE, Kind.EMAIL)
CHUNK = 2000  # keys in one statement

Key = tuple[Any, ...]


@dataclass
class Row:
    """A row about the person, or one that only mentions them."""

    table: Table
    key: Key
    path: str
    is_mention: bool = False


@dataclass
class Found:
    """What one store knows about a person."""

    mapped: Map
    marks: list[Mark]
    rows: dict[tuple[int, Key], Row] = field(default_factory=dict)
    withheld: dict[tuple[int, Key], Row] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)

    def add(self, row: Row) -> bool:
        place = (row.table.pk, row.key)
        known = self.rows.get(place)
        if place in self.withheld or (known and not known.is_mention):
            return False
        if known and row.is_mention:
            return False
        self.rows[place] = row
        return True

    def of(self, table: Table, *, mentions: bool = False) -> list[Row]:
        return [
            row
            for row in self.rows.values()
            if row.table.pk == table.pk and row.is_mention == mentions
        ]


def everywhere(*, marks: Sequence[Mark], at: dt.datetime) -> list[Found]:
    """What all connected databases know, as of the day the person asked.

    Marks learnt in one store are looked up in the others too.
    """
    found: list[Found] = []
    known = list(dict.fromkeys(marks))
    maps = [Map(s) for s in Store.objects.filter(kind=Store.Kind.DATABASE)]
    while True:
        found = [find(mapped=mapped, marks=known, at=at) for mapped in maps]
        learnt = [m for f in found for m in f.marks if m not in known]
        if not learnt:
            return found
        known += list(dict.fromkeys(learnt))


def find(*, mapped: Map, marks: Sequence[Mark], at: dt.datetime) -> Found:
    """Every row of one store about the person that the marks identify."""
    found = Found(mapped, list(marks))
    asked = set(marks)
    with stores.reaching(mapped.store):
        new = list(marks)
        while new:
            _look_up(found, new, at)
            _read_texts(found, at)
            _follow(found)
            new = _learn(found, asked)
            found.marks += new
    return found


# --- by equality -------------------------------------------------------------


def _look_up(found: Found, marks: Sequence[Mark], at: dt.datetime) -> None:
    for table in found.mapped.tables.values():
        for column in identifying(found.mapped, table):
            wanted = [m for m in marks if m.kind == column.identifier]
            if wanted:
                _take(found, table, column, wanted, at)


def identifying(mapped: Map, table: Table) -> list[Column]:
    """The columns by which a row is recognised as about a person."""
    return [
        c
        for c in mapped.columns(table)
        if c.identifier in LOOKED_UP and c.whose != Column.Whose.OTHER
    ]


def _take(
    found: Found,
    table: Table,
    column: Column,
    marks: Sequence[Mark],
    at: dt.datetime,
) -> None:
    texts = [text for mark in marks for text in spellings.written(mark)]
    rows = found.mapped.rows(table).filter(equals(column, texts))
    _sort(found, table, column, rows, at)


def equals(column: Column, texts: Sequence[str]) -> Q:
    return Q(**{f"{column.lookup}__in": list(texts)})


def _sort(found: Found, table: Table, column: Column, rows: Any, at: Any) -> None:
    """A number that was given up before the request is not the person's (whose history
    may its present holder see?); a row linked to somebody else's row is theirs."""
    gone = column.until
    own = _owner_columns(found.mapped, table) if table.about != "person" else []
    names = [*table.key, *([gone] if gone else []), *own]
    for values in _values(rows, names):
        key = tuple(values[: len(table.key)])
        row = Row(table, key, f"{column.full_name} is the {column.identifier} given")
        if gone and values[len(table.key)] and values[len(table.key)] <= at:
            found.withheld[(table.pk, key)] = row
        elif not any(value is not None for value in values[len(names) - len(own) :]):
            found.add(row)
        else:
            _by_owner(found, row)


def _owner_columns(mapped: Map, table: Table) -> list[str]:
    return [
        name
        for link in mapped.links_from(table)
        if link.role == Link.Role.SUBJECT
        for name in link.columns
    ]


def _by_owner(found: Found, row: Row) -> None:
    """The row has an owner by its link; `_follow` brings it if the owner is found."""
    row.is_mention = True
    found.add(row)


# --- by links ----------------------------------------------------------------


def _follow(found: Found) -> None:
    """From each of the person's rows to the rows that are about the same person."""
    _follow_withheld(found)
    frontier = [row for row in found.rows.values() if not row.is_mention]
    while frontier:
        by_table: dict[int, list[Row]] = defaultdict(list)
        for row in frontier:
            by_table[row.table.pk].append(row)
        frontier = [
            row
            for rows in by_table.values()
            for link in found.mapped.links_to(rows[0].table)
            if link.role == Link.Role.SUBJECT
            for row in _linked(found, link, rows)
            if found.add(row)
        ]


def _follow_withheld(found: Found) -> None:
    """What hangs on a row of the number's earlier owner is theirs as well."""
    frontier = list(found.withheld.values())
    while frontier:
        following = [
            row
            for parent in frontier
            for link in found.mapped.links_to(parent.table)
            if link.role == Link.Role.SUBJECT
            for row in _linked(found, link, [parent])
            if (row.table.pk, row.key) not in found.withheld
        ]
        for row in following:
            place = (row.table.pk, row.key)
            if place not in found.rows or found.rows[place].is_mention:
                found.rows.pop(place, None)
                found.withheld[place] = row
        frontier = following


def _linked(found: Found, link: Link, parents: Sequence[Row]) -> Iterator[Row]:
    table, mapped = link.table, found.mapped
    path = f"{', '.join(link.columns)} → {link.target.full_name}"
    for values in _targets(found, link, parents):
        rows = mapped.rows(table).filter(_in(link.columns, values))
        for key in _values(rows, table.key):
            yield Row(table, key, f"{path} ({parents[0].path})")


def _targets(
    found: Found, link: Link, parents: Sequence[Row]
) -> Iterator[list[tuple[Any, ...]]]:
    """The values that children refer to; mostly the parents' own keys."""
    keys = [row.key for row in parents]
    if link.target_columns == link.target.key:
        yield from _chunks(keys)
        return
    for chunk in _chunks(keys):
        rows = found.mapped.rows(link.target).filter(by_key(link.target, chunk))
        yield [v for v in _values(rows, link.target_columns) if None not in v]


def by_key(table: Table, keys: Sequence[Key]) -> Q:
    return _in(table.key, keys)


def _in(names: Sequence[str], values: Sequence[tuple[Any, ...]]) -> Q:
    if len(names) == 1:
        return Q(**{f"{names[0]}__in": [value[0] for value in values]})
    condition = Q(pk__in=[])
    for value in values:
        condition |= Q(**dict(zip(names, value, strict=True)))
    return condition


# --- by reading --------------------------------------------------------------


def _read_texts(found: Found, at: dt.datetime) -> None:
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
    for column in identifying(found.mapped, table):
        if not column.path and column in columns:
            place = Q(Matches(Cast(column.name, TextField()), Value(pattern)))
            _sort(found, table, column, hits.filter(place), at)
    for key in _values(hits, table.key):
        found.add(Row(table, key, "mentioned in its text", is_mention=True))


# --- what the person's own rows say ------------------------------------------


def _learn(found: Found, asked: set[Mark]) -> list[Mark]:
    """New marks from rows that are the person's own; none where rows disagree."""
    new: list[Mark] = []
    for kind in LOOKED_UP:
        told = _told(found, kind) - set(found.marks)
        if len(told) > 1 and not any(mark.kind == kind for mark in asked):
            found.doubts.append(
                f"{len(told)} different values of kind “{Kind(kind).label}” share what "
                f"was given in {found.mapped.store}; none of them was followed."
            )
        elif not found.doubts:
            new += sorted(told, key=lambda mark: mark.value)
    return new


def _told(found: Found, kind: str) -> set[Mark]:
    told: set[Mark] = set()
    for table in found.mapped.tables.values():
        own = [row.key for row in found.of(table)]
        columns = [
            c
            for c in identifying(found.mapped, table)
            if c.identifier == kind and c.whose == Column.Whose.SUBJECT
        ]
        if own and columns and table.about == Table.About.PERSON:
            told |= _marks(found.mapped, table, own, columns)
    return told


def _marks(
    mapped: Map, table: Table, keys: Sequence[Key], columns: Sequence[Column]
) -> set[Mark]:
    told: set[Mark] = set()
    for chunk in _chunks(keys):
        rows = mapped.rows(table).filter(by_key(table, chunk))
        for values in _values(rows, [c.lookup for c in columns]):
            told |= {m for v in values if v and (m := _understood(str(v)))}
    return told


def _understood(text: str) -> Mark | None:
    try:
        return identifiers.understand(text)
    except NotAnIdentifier:
        return None


# --- keys in plans ------------------------------------------------------------


def written_key(key: Key) -> str:
    return json.dumps(key, cls=DjangoJSONEncoder)


def read_key(mapped: Map, table: Table, text: str) -> Key:
    model = mapped.model(table)
    values = zip(table.key, json.loads(text), strict=True)
    return tuple(model._meta.get_field(name).to_python(v) for name, v in values)


# --- small things ------------------------------------------------------------


def _values(rows: Any, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    return iter(rows.order_by().values_list(*names).iterator(chunk_size=CHUNK))


def _chunks(values: Iterable[Any]) -> Iterator[list[Any]]:
    rest = iter(values)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk
