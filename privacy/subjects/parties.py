"""Rows between two people: one may be erased without the other having asked.

A row that names two sides and has no owner is the person's alone only if the other side
is not a person, such as a business's own number.
"""

from collections.abc import Collection, Sequence

from django.db.models import Q

from privacy.datamap import Map, words
from privacy.identifiers import Mark
from privacy.models import Column, Table
from privacy.subjects.equality import equals, identifying, kinds, read, written
from privacy.subjects.rows import Found, Role, chunks, values_of

PRIVATE = (Table.About.PERSON, Table.About.LINKED)
MOST = 200  # marks in one statement


def settle(mapped: Map, founds: Sequence[Found]) -> None:
    """Where the other side is a private person too, this one is only a party to the
    row."""
    asked = {m for f in founds for marks in f.shared.values() for m in marks}
    known = private(mapped, sorted(asked, key=lambda mark: mark.value))
    for found in founds:
        for place, others in found.shared.items():
            row = found.rows.get(place)
            theirs = [m for m in others if m in known and m not in found.marks]
            if row is not None and theirs:
                row.role = Role.PARTY
        _pass_on(found)


def _pass_on(found: Found) -> None:
    """What depends on a shared row is shared as well."""
    shared = {place for place, row in found.rows.items() if row.role == Role.PARTY}
    while below := [
        row for row in found.rows.values() if row.is_own and row.above in shared
    ]:
        for row in below:
            row.role = Role.PARTY
            shared.add(row.place)


def private(
    mapped: Map, marks: Sequence[Mark], abouts: Collection[str] = PRIVATE
) -> set[Mark]:
    """Marks that occur in rows of people, or in rows that are theirs alone. Being in
    the documents of a log or an inbox does not make one a person's."""
    found: set[Mark] = set()
    for table in mapped.tables.values():
        columns = [
            c
            for c in identifying(mapped, table)
            if c.whose == Column.Whose.SUBJECT and (not c.path or _is_of_people(table))
        ]
        if table.about not in abouts or not columns:
            continue
        for some in chunks(marks, MOST):
            wanted = Q(pk__in=[])
            for c in columns:
                of_kind = [mark for mark in some if mark.kind in kinds(c)]
                wanted |= equals(
                    c, [text for mark in of_kind for text in written(mark)]
                )
            rows = mapped.rows(table).filter(wanted)
            for cells in values_of(rows, [c.lookup for c in columns]):
                said = [(c, t) for c, t in zip(columns, cells, strict=True) if t]
                found |= {m for c, text in said if (m := read(c, text))}
    return found


def _is_of_people(table: Table) -> bool:
    """Judged by its name too: webhooks know people but are not people."""
    return table.about == Table.About.PERSON and words.is_about_people(table.name)
