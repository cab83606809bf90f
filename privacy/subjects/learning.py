"""What the person's own rows add to what they are known by: a second e-mail address,
another number."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from privacy.datamap import Map, attributes
from privacy.identifiers import Kind, Mark
from privacy.models import Column, Table
from privacy.subjects import owners, strangers
from privacy.subjects.equality import (
    LOOKED_UP,
    is_told,
    kinds,
    read,
    read_as,
    telling,
    values_in,
)
from privacy.subjects.rows import Found, Key, by_key, chunks, owned, values_of

Told = dict[str, dict[Any, set[Mark]]]  # by kind, what each row says
Written = set[tuple[Mark, Any]]  # what stands in a row, and when it was given up


def learn(mapped: Map, founds: Sequence[Found]) -> None:
    """New marks from rows that are the person's own; none where rows disagree."""
    told = _told(mapped, founds)
    strangers.leave_out(mapped, [(f, _news(f, told[id(f)])) for f in founds])
    for found in founds:
        found.fresh = []
        for kind in LOOKED_UP:
            _take(found, kind, list(told[id(found)][kind].values()))


def alone(mapped: Map, founds: Sequence[Found]) -> dict[int, set[Mark]]:
    """For each person, what they are known by and what their own rows say, as far as
    nobody else has it."""
    told = _told(mapped, founds)
    strangers.leave_out(mapped, [(f, _news(f, told[id(f)])) for f in founds])
    return {
        id(found): set(found.marks) | _news(found, told[id(found)]) for found in founds
    }


def said(found: Found) -> list[set[Mark]]:
    """For each row about the person, what it says they are known by, one row at a
    time."""
    told = []
    for table in found.mapped.tables.values():
        columns = [
            c for c in telling(found.mapped, table) if c.whose == Column.Whose.SUBJECT
        ]
        keys = [row.key for row in found.of(table)]
        if keys and columns and table.about == Table.About.PERSON:
            rows = _said(found.mapped, table, keys, columns).values()
            told += [
                {m for m, gone in row if not _is_past(gone, found)} for row in rows
            ]
    return told


def said_by(mapped: Map, table: Table, keys: Sequence[Key]) -> set[Mark]:
    """What rows of people say that their person is known by."""
    columns = [c for c in telling(mapped, table) if c.whose == Column.Whose.SUBJECT]
    if not columns or table.about != Table.About.PERSON:
        return set()
    told = _said(mapped, table, keys, columns).values()
    return {mark for written in told for mark, _ in written}


def _news(found: Found, told: Told) -> set[Mark]:
    """What the person was not known by before."""
    marks = {m for kind in LOOKED_UP for row in told[kind].values() for m in row}
    return marks - set(found.marks) - found.foreign


def _take(found: Found, kind: str, rows: list[set[Mark]]) -> None:
    """Two numbers in one row are one person's; in two rows they may be two people's.
    What somebody with another name has as well is not the person's alone."""
    rows = [row - found.foreign for row in rows]
    told: set[Mark] = set().union(*rows)
    fresh = told - set(found.marks)
    if (
        told not in rows
        and fresh
        and not any(mark.kind == kind for mark in found.asked)
    ):
        found.doubts.append(
            f"{len(told)} different values of kind “{Kind(kind).label}” share what "
            f"was given in {found.mapped.store}; none of them was followed."
        )
    elif not found.doubts:
        found.take(sorted(fresh, key=lambda mark: mark.value))


def _told(mapped: Map, founds: Sequence[Found]) -> Mapping[int, Told]:
    told: dict[int, Told] = defaultdict(lambda: defaultdict(lambda: defaultdict(set)))
    for table in mapped.tables.values():
        columns = [c for c in telling(mapped, table) if c.whose == Column.Whose.SUBJECT]
        if not columns or table.about != Table.About.PERSON:
            continue
        whose = owned(table, founds)
        said = _said(mapped, table, list(whose), columns)
        for key, written in said.items():
            for found in whose[key]:
                marks = {m for m, gone in written if not _is_past(gone, found)}
                place = _place(mapped, table, key, found)
                for mark in marks:
                    told[id(found)][mark.kind][place].add(mark)
    return told


def _place(mapped: Map, table: Table, key: Key, found: Found) -> tuple[Any, ...]:
    """Rows that say whose number or address they hold speak only for that row; so do
    rows that were merged into it."""
    row = found.rows.get((table.pk, key))
    while row and row.above and row.above[0] == table.pk:
        row = found.rows.get(row.above)
    key = row.key if row else key
    for link in mapped.links_from(table):
        target = mapped.by_id(link.target_id)
        if link.role == link.Role.SUBJECT and target.about == Table.About.PERSON:
            some = found.of(target)
            if target is not table and len(some) == 1:
                return some[0].place
    return (table.pk, key)


def _is_past(gone: Any, found: Found) -> bool:
    """Somebody else may have it by now."""
    return bool(gone) and owners.is_past(gone, found.at)


def _said(
    mapped: Map, table: Table, keys: Sequence[Key], columns: Sequence[Column]
) -> dict[Key, Written]:
    """Maps keys to the marks in the row's own columns."""
    said: dict[Key, Written] = {}
    ends = [column.until or table.key[0] for column in columns]
    tells = [c.options.get("told_by") or table.key[0] for c in columns]
    names = [*table.key, *map(read_as, columns), *ends, *tells]
    many = len(columns)
    for chunk in chunks(keys):
        rows = mapped.rows(table).filter(by_key(table, chunk))
        for values in values_of(rows, names):
            width = len(table.key)
            cells, gone, told = (
                values[width + part * many : width + (part + 1) * many]
                for part in range(3)
            )
            said[tuple(values[:width])] = {
                (mark, end if column.until else None)
                for column, cell, end, word in zip(
                    columns, cells, gone, told, strict=True
                )
                if not is_told(column) or attributes.is_own(str(word))
                for text in values_in(column, cell)
                if (mark := read(column, text)) and mark.kind in kinds(column)
            }
    return said
