"""Numbers and addresses of the person that are somebody else's as much: the line of a
household, the mailbox of a couple. What is found by them alone is not the person's.
"""

import datetime as dt
from collections.abc import Sequence

from privacy.datamap import Map
from privacy.identifiers import Kind, Mark
from privacy.models import Column, Table
from privacy.subjects import equality, texts
from privacy.subjects.equality import identifying, read
from privacy.subjects.names import Who, columns, lines
from privacy.subjects.rows import Found, Key, by_key, chunks

SHARED = (
    "A {kind} of theirs is also that of somebody else with another name in {table}. "
    "What it alone leads to was not followed, and it stays there."
)


def shared(mapped: Map, found: Found, new: Sequence[Mark]) -> set[Mark]:
    """Of marks that the person's rows told, those that another person has too."""
    own = _own(mapped, found)
    if not own.names:
        return set()
    theirs: set[Mark] = set()
    for table in _named(mapped):
        for mark in _met(mapped, table, found, own, new):
            theirs.add(mark)
            kind = Kind(mark.kind).label.lower()
            found.notes.append(SHARED.format(kind=kind, table=table))
    return theirs


def _named(mapped: Map) -> list[Table]:
    return [
        table
        for table in mapped.tables.values()
        if table.about == Table.About.PERSON and columns(mapped, table, "name")
    ]


def _own(mapped: Map, found: Found) -> Who:
    """Who the person is, as their own rows say."""
    own = Who()
    for table in _named(mapped):
        for some in chunks([row.key for row in found.of(table)]):
            rows = mapped.rows(table).filter(by_key(table, some))
            for _, who, _ in lines(mapped, table, rows):
                own.names |= who.names
                own.born |= who.born
    return own


def _met(
    mapped: Map, table: Table, found: Found, own: Who, new: Sequence[Mark]
) -> set[Mark]:
    """The marks in rows of the table that are certainly not the person's."""
    holding = [c for c in identifying(mapped, table) if c.whose == Column.Whose.SUBJECT]
    rows = mapped.rows(table).filter(by_key(table, _holding(mapped, table, new)))
    met: set[Mark] = set()
    for key, who, cells in lines(mapped, table, rows, [c.lookup for c in holding]):
        known = found.rows.get((table.pk, key))
        if not (known and known.is_own) and own.is_not(who):
            said = zip(holding, cells, strict=True)
            met |= {m for c, text in said if text and (m := read(c, str(text)))}
    return met & set(new)


def _holding(mapped: Map, table: Table, new: Sequence[Mark]) -> list[Key]:
    """The rows of the table that hold one of them, in whatever notation."""
    probe = Found(mapped, [], dt.datetime.max.replace(tzinfo=dt.UTC))
    probe.take(new, are_asked=True)
    equality.look_up(mapped, [probe], [table])
    texts.read(mapped, [table], texts.wanted([probe], "fresh"))
    return [row.key for row in probe.of(table)]
