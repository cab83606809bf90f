"""What the person's own rows say of them: a second e-mail, another number."""

from collections.abc import Sequence

from privacy import identifiers
from privacy.datamap import Map
from privacy.identifiers import Kind, Mark, NotAnIdentifier
from privacy.models import Column, Table
from privacy.subjects.equality import LOOKED_UP, identifying
from privacy.subjects.rows import Found, Key, by_key, chunks, values_of


def learn(found: Found, asked: set[Mark]) -> list[Mark]:
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
    for chunk in chunks(keys):
        rows = mapped.rows(table).filter(by_key(table, chunk))
        for values in values_of(rows, [c.lookup for c in columns]):
            told |= {m for v in values if v and (m := _understood(str(v)))}
    return told


def _understood(text: str) -> Mark | None:
    try:
        return identifiers.understand(text)
    except NotAnIdentifier:
        return None
