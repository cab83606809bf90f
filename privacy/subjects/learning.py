"""What the person's own rows say of them: a second e-mail, another number."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from privacy.datamap import Map
from privacy.identifiers import Kind, Mark
from privacy.models import Column, Table
from privacy.subjects.equality import (
    LOOKED_UP,
    kinds,
    read,
    read_as,
    telling,
    values_in,
)
from privacy.subjects.rows import Found, Key, by_key, chunks, values_of

Told = dict[str, list[set[Mark]]]  # by kind, what each row says


def learn(mapped: Map, founds: Sequence[Found]) -> None:
    """New marks from rows that are the person's own; none where rows disagree."""
    told = _told(mapped, founds)
    for found in founds:
        found.fresh = []
        for kind in LOOKED_UP:
            _take(found, kind, told[id(found)][kind])


def _take(found: Found, kind: str, rows: list[set[Mark]]) -> None:
    """Two numbers in one row are one person's; in two rows they may be two people's."""
    told = set().union(*rows)
    new = told - set(found.marks)
    if told not in rows and new and not any(mark.kind == kind for mark in found.asked):
        found.doubts.append(
            f"{len(told)} different values of kind “{Kind(kind).label}” share what "
            f"was given in {found.mapped.store}; none of them was followed."
        )
    elif not found.doubts:
        found.take(sorted(new, key=lambda mark: mark.value))


def _told(mapped: Map, founds: Sequence[Found]) -> Mapping[int, Told]:
    told: dict[int, Told] = defaultdict(lambda: defaultdict(list))
    for table in mapped.tables.values():
        columns = [c for c in telling(mapped, table) if c.whose == Column.Whose.SUBJECT]
        if not columns or table.about != Table.About.PERSON:
            continue
        owned = _owned(table, founds)
        said = _said(mapped, table, list(owned), columns)
        for key, marks in said.items():
            for found in owned[key]:
                for kind in {mark.kind for mark in marks}:
                    some = {mark for mark in marks if mark.kind == kind}
                    told[id(found)][kind].append(some)
    return told


def _owned(table: Table, founds: Sequence[Found]) -> dict[Key, list[Found]]:
    owned: dict[Key, list[Found]] = defaultdict(list)
    for found in founds:
        for row in found.of(table):
            owned[row.key].append(found)
    return owned


def _said(
    mapped: Map, table: Table, keys: Sequence[Key], columns: Sequence[Column]
) -> dict[Key, set[Mark]]:
    """Key to the marks that stand in the row's own columns."""
    said: dict[Key, set[Mark]] = {}
    names = [*table.key, *map(read_as, columns)]
    for chunk in chunks(keys):
        rows = mapped.rows(table).filter(by_key(table, chunk))
        for values in values_of(rows, names):
            cells = zip(columns, values[len(table.key) :], strict=True)
            marks = [(c, read(c, t)) for c, v in cells for t in values_in(c, v)]
            own = {m for c, m in marks if m and m.kind in kinds(c)}
            said[tuple(values[: len(table.key)])] = own
    return said
