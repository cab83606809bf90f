"""What others in the person's rows are called, whose names may stand in its texts.

Their numbers and addresses there, and the rows of people to which those rows refer,
lead to their names. Nothing is searched for, so a name that no row leads to is not
known.
"""

import datetime as dt
from collections.abc import Collection, Iterator, Sequence

from privacy import once, stores, subjects
from privacy.datamap import Map
from privacy.identifiers import Kind, Mark
from privacy.models import Column, Link, Store, Table
from privacy.subjects import names
from privacy.subjects.equality import is_several, read
from privacy.subjects.names import Name
from privacy.subjects.rows import Key, by_key, chunks, matching, values_of

CONTACTS = (Kind.PHONE, Kind.EMAIL)


def marks(mapped: Map, table: Table, keys: Sequence[Key]) -> set[Mark]:
    """The numbers and addresses in columns that may be another side's."""
    told = [column for column in mapped.columns(table) if _is_a_side(column)]
    rows = mapped.rows(table).filter(by_key(table, keys)) if told else ()
    return {
        mark
        for cells in (values_of(rows, [c.name for c in told]) if told else ())
        for column, cell in zip(told, cells, strict=True)
        if cell and (mark := read(column, cell))
    }


def _is_a_side(column: Column) -> bool:
    is_one = not column.path and not is_several(column)
    is_contact = column.identifier in CONTACTS
    return is_one and is_contact and column.whose != Column.Whose.SUBJECT


def referred(mapped: Map, table: Table, keys: Sequence[Key]) -> Iterator[Name]:
    """The names of all people to whom the rows refer; the person's own among them."""
    for link in mapped.links_from(table):
        target = mapped.by_id(link.target_id)
        if target.about == Table.About.PERSON and _is_plain(link):
            rows = mapped.rows(table).filter(by_key(table, keys), **link.when)
            wanted = {cells for cells in values_of(rows, link.columns) if all(cells)}
            for some in chunks(wanted):
                condition = matching(link.target_columns, some)
                yield from _named(mapped, target, mapped.rows(target).filter(condition))


def _is_plain(link: Link) -> bool:
    return not any("." in name for name in (*link.columns, *link.target_columns))


def _named(mapped: Map, table: Table, rows: object) -> Iterator[Name]:
    told = [column.name for column in names.columns(mapped, table, "name")]
    for cells in values_of(rows, told) if told else ():
        yield from names.names_in(cells)


def called(some: Collection[Mark], *, at: dt.datetime) -> Iterator[Name]:
    """What the databases call whoever has these numbers and addresses."""
    for store in Store.objects.filter(kind=Store.Kind.DATABASE) if some else ():
        mapped = once.read(Map, store)
        for chunk in chunks(some):
            found = subjects.glance(mapped=mapped, marks=chunk, at=at)
            with stores.reaching(store):
                for table in names.people(mapped):
                    for keys in chunks(row.key for row in found.of(table)):
                        rows = mapped.rows(table).filter(by_key(table, keys))
                        yield from _named(mapped, table, rows)
