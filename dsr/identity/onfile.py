"""What our stores know under an address: for workers alone, never in an answer.

Only rows that are people are read, and only by equality. Rows from before a number was
given up (`until`) are not about its present holder and are left out.
"""

import datetime as dt
from dataclasses import dataclass, field

from privacy import identifiers, stores, subjects
from privacy.datamap import Map
from privacy.identifiers import Kind, Mark, NotAnIdentifier
from privacy.models import Column, Store, Table
from privacy.subjects.rows import Found, by_key, chunks, values_of


@dataclass
class OnFile:
    """Who is known under an identifier: names as sets of words, and addresses."""

    names: set[frozenset[str]] = field(default_factory=set)
    emails: set[Mark] = field(default_factory=set)
    phones: set[Mark] = field(default_factory=set)
    is_known: bool = False

    @property
    def is_shared(self) -> bool:
        """Different people: none of their names have the same words."""
        return len(self.names) > 1


def look(mark: Mark, *, at: dt.datetime) -> OnFile:
    known = OnFile()
    for store in Store.objects.filter(kind=Store.Kind.DATABASE):
        mapped = Map(store)
        with stores.reaching(store):
            found = subjects.glance(mapped=mapped, marks=[mark], at=at)
            for table in mapped.tables.values():
                _read(known, found, table)
    return known


def _read(known: OnFile, found: Found, table: Table) -> None:
    keys = [row.key for row in found.of(table)]
    if not keys:
        return
    known.is_known = True
    if table.about != Table.About.PERSON:
        return
    told = [
        column
        for column in found.mapped.columns(table)
        if column.whose == Column.Whose.SUBJECT
        and column.identifier in (Kind.NAME, Kind.EMAIL, Kind.PHONE)
        and not subjects.is_several(column)
    ]
    for chunk in chunks(keys):
        rows = found.mapped.rows(table).filter(by_key(table, chunk))
        for values in values_of(rows, [column.lookup for column in told]):
            _take(known, told, values)


def _take(known: OnFile, columns: list[Column], values: tuple[object, ...]) -> None:
    words: set[str] = set()
    for column, value in zip(columns, values, strict=True):
        text = str(value or "").strip()
        if column.identifier == Kind.NAME:
            words |= set(text.casefold().split())
        elif text:
            _address(known, text)
    if words:
        known.names.add(frozenset(words))


def _address(known: OnFile, text: str) -> None:
    try:
        mark = identifiers.understand(text)
    except NotAnIdentifier:
        return
    (known.emails if mark.kind == Kind.EMAIL else known.phones).add(mark)
