"""Rows that hold an identifier of a person in a column of that kind."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q

from privacy import identifiers, instants, spellings
from privacy.datamap import Map, attributes, words
from privacy.identifiers import Kind, Mark, NotAnIdentifier
from privacy.models import Column, Link, Table
from privacy.strategies.base import EACH
from privacy.subjects import owners
from privacy.subjects.rows import Found, Key, Role, Row, chunks, values_of, within
from privacy.subjects.stored import fitting, is_same_uuid, text_of

LOOKED_UP = (Kind.PHONE, Kind.EMAIL)
EITHER = "contact"  # a column of numbers and addresses
UUIDS = ("UUIDField", "BinaryField")  # given in any notation
MOST = 5000  # notations in one statement

Who = Mapping[Mark, list[Found]]


def look_up(
    mapped: Map, founds: Sequence[Found], tables: Sequence[Table] | None = None
) -> None:
    """Searches every table (or only these) once, for the new marks of everyone."""
    who: dict[Mark, list[Found]] = defaultdict(list)
    for found in founds:
        for mark in found.fresh:
            who[mark].append(found)
    for table in _dated_first(mapped) if tables is None else tables:
        _by_the_key(mapped, table, who)
        for some in chunks(who, MOST // 20):
            _look_up(mapped, table, {mark: who[mark] for mark in some})


def _dated_first(mapped: Map) -> list[Table]:
    """Tables that say when a number was given up come first: a row from after that day
    is not the person's."""
    tables = mapped.tables.values()
    return sorted(tables, key=lambda t: not any(c.until for c in mapped.columns(t)))


def identifying(mapped: Map, table: Table) -> list[Column]:
    """The columns with one value each that show whom a row is about."""
    return [c for c in telling(mapped, table) if not is_several(c)]


def telling(mapped: Map, table: Table) -> list[Column]:
    """Those, and the arrays of such values."""
    return [c for c in known_by(mapped, table) if is_looked_up(c)]


def kinds(column: Column) -> tuple[str, ...]:
    """The kinds of marks that the column may hold."""
    return LOOKED_UP if column.identifier == EITHER else (column.identifier,)


def is_looked_up(column: Column) -> bool:
    return column.identifier in (*LOOKED_UP, EITHER)


def known_by(mapped: Map, table: Table) -> list[Column]:
    """Those, and columns of any other kind that somebody may search by name."""
    return [
        c
        for c in mapped.columns(table)
        if c.identifier and c.whose != Column.Whose.OTHER
    ]


def is_several(column: Column) -> bool:
    """An array, a value in an array of a document, or one in a document stored as text:
    searched by reading texts."""
    is_in_text = bool(column.options.get("of_text"))
    return "element" in column.options or EACH in column.path or is_in_text


def read_as(column: Column) -> str:
    return column.name if is_several(column) else column.lookup


def values_in(column: Column, cell: Any) -> list[str]:
    """The values in a cell that was `read_as` the column: one, or several."""
    inside = column.path if is_several(column) else []
    if column.options.get("of_text"):
        cell = _document(cell)
    some = within(cell, inside)
    return [text_of(value) for value in some if value not in (None, "")]


def _document(text: Any) -> Any:
    """None where the text is not JSON."""
    try:
        return json.loads(text)
    except (TypeError, ValueError):
        return None


def equals(column: Column, texts: Sequence[str]) -> Q:
    return Q(**{f"{column.lookup}__in": list(fitting(column, texts))})


def _by_the_key(mapped: Map, table: Table, who: Who) -> None:
    """A mark of the kind STORE.TABLE is a row's own key, its parts separated by
    commas."""
    for mark, founds in who.items():
        if mark.kind == str(table) and (key := _key(mapped, table, mark.value)):
            rows = mapped.rows(table).filter(**dict(zip(table.key, key, strict=True)))
            for values in values_of(rows, table.key):
                for found in founds:
                    found.add(Row(table, tuple(values), "Its key is the one given"))


def _key(mapped: Map, table: Table, text: str) -> Key:
    """Empty where the text can't be a key of the table."""
    parts = [part.strip() for part in text.split(",")]
    columns = [mapped.column(table, name) for name in table.key]
    try:
        pairs = zip(columns, parts, strict=True)
        return tuple(_part(mapped, table, column, part) for column, part in pairs)
    except (ValueError, ValidationError):
        return ()


def _part(mapped: Map, table: Table, column: Column, text: str) -> Any:
    if column.kind == "BinaryField":
        return next(fitting(column, [text]))
    return mapped.model(table)._meta.get_field(column.name).to_python(text)


def _look_up(mapped: Map, table: Table, who: Who) -> None:
    wanted = Q(pk__in=[])
    columns = []
    for column in known_by(mapped, table):
        if is_several(column):
            continue
        texts = [t for m in who if m.kind in kinds(column) for t in written(m)]
        if texts:
            columns.append(column)
            wanted |= equals(column, texts)
    if not columns:
        return
    line = Line(mapped, table)
    for cells in line.read(mapped.rows(table).filter(wanted)):
        for column in columns:
            for mark in _marks(cells[column.lookup], column, who):
                for found in who[mark]:
                    line.sort(found, column, mark, cells)
    owners.note_given_up(line.given_up)


def written(mark: Mark) -> list[str]:
    return spellings.written(mark) if mark.kind in LOOKED_UP else [mark.value]


def _marks(value: Any, column: Column, who: Who) -> list[Mark]:
    if value is None:
        return []
    if is_looked_up(column):
        mark = read(column, value) or Mark("", "")
    else:
        mark = Mark(column.identifier, text_of(value))
    if mark not in who and column.kind in UUIDS:
        return [m for m in who if m.kind == mark.kind and is_same_uuid(m.value, value)]
    return [mark] if mark in who else []


def read(column: Column, value: Any) -> Mark | None:
    """The value of a column; a number without a country has the column's country."""
    region = column.options.get("region", identifiers.DEFAULT_REGION)
    try:
        return identifiers.understand(text_of(value), region)
    except NotAnIdentifier:
        return None


class Line:
    """The values of a row that show whose it is."""

    def __init__(self, mapped: Map, table: Table) -> None:
        self.mapped, self.table = mapped, table
        self.columns = known_by(mapped, table)
        self.linked = _owner_columns(mapped, table)
        self.owners = self.linked if table.about != "person" else []
        self.given_up: list[owners.GivenUp] = []
        names = [*table.key, *map(read_as, self.columns), *self.linked]
        names += [c.until for c in self.columns if c.until]
        names += [c.options["told_by"] for c in self.columns if is_told(c)]
        self.names = list(dict.fromkeys([*names, *([table.start] * bool(table.start))]))

    def read(self, rows: Any, *more: str) -> Iterator[dict[str, Any]]:
        names = [*self.names, *more]
        for values in values_of(rows, names):
            yield dict(zip(names, values, strict=True))

    def key(self, cells: Mapping[str, Any]) -> Key:
        return tuple(cells[name] for name in self.table.key)

    def sort(
        self, found: Found, column: Column, mark: Mark, cells: Mapping[str, Any]
    ) -> None:
        """A row of somebody who had the number at another time is not the person's. A
        row linked to somebody else's row is theirs, and the person is its other
        side."""
        if is_told(column) and not self._is_own(column, mark, cells):
            self.mention(found, mark, cells)
            return
        how = "given" if mark in found.asked else "known from their rows"
        path = f"{column.full_name} is the {mark.kind} {how}"
        row = Row(self.table, self.key(cells), path)
        gone = cells.get(column.until) if column.until else None
        date = instants.read(cells.get(self.table.start))
        if gone and owners.is_past(gone, found.at):
            self.given_up.append((found, mark, gone))
            found.withhold(row)
        elif mark in found.had and date is None and self._is_linked(cells):
            return  # whoever it is linked to has it
        elif owners.is_elsewhere(found, mark, row, date):
            found.withhold(row)
        elif any(cells[name] is not None for name in self.owners):
            row.role = Role.PARTY  # `links` makes it theirs if its owner is the person
            found.add(row)
        elif found.add(row) and (column.path or column.whose == Column.Whose.EITHER):
            self._note_other_sides(found, row, column, cells)

    def _is_own(self, column: Column, mark: Mark, cells: Mapping[str, Any]) -> bool:
        """The word says that it is somebody's own, the cell holds nothing else, and
        nobody else has it: names can't be compared here."""
        word = str(cells[column.options["told_by"]])
        value = cells[read_as(column)] or ""
        if not attributes.is_own(word) or read(column, value) != mark:
            return False
        rows = self.mapped.rows(self.table).filter(equals(column, written(mark)))
        names = [column.options["told_by"], *self.linked]
        own = {tuple(said[1:]) for said in values_of(rows, names)
               if attributes.is_own(str(said[0]))}  # fmt: skip
        return len(own) <= 1

    def _is_linked(self, cells: Mapping[str, Any]) -> bool:
        return any(cells[name] is not None for name in self.linked)

    def mention(self, found: Found, mark: Mark, cells: Mapping[str, Any]) -> None:
        path = f"Mentions the {mark.kind}"
        row = Row(self.table, self.key(cells), path, Role.MENTION)
        if row.place in found.rows:
            return
        date = instants.read(cells.get(self.table.start))
        if owners.is_elsewhere(found, mark, row, date):
            found.withhold(row)
        else:
            found.add(row)

    def _note_other_sides(
        self, found: Found, row: Row, column: Column, cells: Mapping[str, Any]
    ) -> None:
        """Notes the other side; or the owner of a row that mentions the person in a
        document."""
        sides = [c for c in self.columns if c.whose == Column.Whose.EITHER]
        if column.path:
            wholes = [c for c in self.columns if is_looked_up(c) and not c.path]
            sides = [c for c in {*sides, *wholes} if not words.is_actor(c.name)]
        marks = [
            read(c, text) for c in sides for text in values_in(c, cells[read_as(c)])
        ]
        if others := [mark for mark in marks if mark and mark not in found.marks]:
            found.shared[row.place] = others


def is_told(column: Column) -> bool:
    """A word beside it says what it is."""
    return bool(column.options.get("told_by"))


def _owner_columns(mapped: Map, table: Table) -> list[str]:
    return [
        name
        for link in mapped.links_of(table)
        if link.role == Link.Role.SUBJECT and not link.when
        if mapped.answers(link) is None
        for name in link.lookups
    ]
