"""Rows that a link makes the person's, but that belong just as much to somebody else: a
match, a review, a household's row. The person is a party to them.
"""

from collections.abc import Iterator, Sequence

from privacy.datamap import Map
from privacy.models import Link, Table
from privacy.subjects import steps
from privacy.subjects.rows import (
    Found,
    Place,
    Role,
    Row,
    by_key,
    chunks,
    matching,
    values_of,
)

Each = tuple[Found, Row]


def settle(mapped: Map, table: Table, some: Sequence[Each]) -> None:
    """Says of rows on their way into the result whether they are shared."""
    own = [(found, row) for found, row in some if row.is_own]
    for _, row in _of_others_too(mapped, table, own):
        row.role = Role.PARTY
    own = [(found, row) for found, row in own if row.is_own]
    for _, row in _used_by_others(mapped, table, own):
        row.role = Role.PARTY


def may_be(mapped: Map, table: Table) -> bool:
    """Whether a row of the table has two people, of whom one may stay when the other
    goes."""
    return len(owners(mapped, table)) > 1


def has_owner(mapped: Map, link: Link) -> bool:
    """Whether its rows name their owner, besides the row that they depend on."""
    return any(other.pk != link.pk for other in owners(mapped, link.table))


def owners(mapped: Map, table: Table) -> list[Link]:
    """The references to the people whose row it is."""
    return [
        link
        for link in mapped.links_from(table)
        if link.role == Link.Role.SUBJECT
        and link.target_id != table.pk
        and mapped.answers(link) is None
        and is_somebody(mapped, mapped.by_id(link.target_id))
    ]


def is_somebody(mapped: Map, table: Table) -> bool:
    """A person, or more about one under the same key."""
    return is_of_people(table) or any(
        link.columns == table.key
        and link.role == Link.Role.SUBJECT
        and is_of_people(mapped.by_id(link.target_id))
        for link in mapped.links_from(table)
    )


def is_of_people(table: Table) -> bool:
    return table.about == Table.About.PERSON


def _of_others_too(mapped: Map, table: Table, some: Sequence[Each]) -> Iterator[Each]:
    """Another column names a person who is not this one."""
    if not some or not may_be(mapped, table):
        return
    keys = list(dict.fromkeys(row.key for _, row in some))
    for link in owners(mapped, table):
        who = dict(named(mapped, link, keys))
        for found, row in some:
            place = who.get(row.key)
            if place is not None and not is_own(found, place):
                yield found, row


def named(
    mapped: Map, link: Link, keys: Sequence[tuple[object, ...]]
) -> Iterator[tuple[tuple[object, ...], Place]]:
    """Maps each key to the key of the row that it names, if there is one."""
    table, target = link.table, mapped.by_id(link.target_id)
    width = len(table.key)
    said: dict[tuple[object, ...], tuple[object, ...]] = {}
    for chunk in chunks(keys):
        rows = mapped.rows(table).filter(by_key(table, chunk), **link.when)
        for cells in values_of(rows, [*table.key, *link.lookups]):
            if None not in cells[width:]:
                said[tuple(cells[:width])] = tuple(map(str, cells[width:]))
    there: dict[tuple[object, ...], Place] = {}
    for chunk in chunks(dict.fromkeys(said.values())):
        rows = mapped.rows(target).filter(matching(link.target_columns, chunk))
        for cells in values_of(rows, [*target.key, *link.target_columns]):
            known = tuple(map(str, cells[len(target.key) :]))
            there[known] = (target.pk, tuple(cells[: len(target.key)]))
    for key, value in said.items():
        if value in there:
            yield key, there[value]


def _used_by_others(mapped: Map, table: Table, some: Sequence[Each]) -> Iterator[Each]:
    """A household, an account, a pet: the rows of other people refer to it."""
    if not some or is_of_people(table):
        return
    for link in mapped.links_to(table):
        plain = link.role == Link.Role.CONTEXT and mapped.answers(link) is None
        if plain and (
            is_of_people(mapped.by_id(link.table_id)) or link.table_id in mapped.holders
        ):
            by_value = steps.wanted_by(mapped, link, some)
            for key, said in steps.children(mapped, link, list(by_value)):
                for found, row in steps.meant(by_value, said):
                    if not is_own(found, (link.table_id, key)):
                        row.is_common = True
                        yield found, row


def is_own(found: Found, place: Place) -> bool:
    known = found.rows.get(place)
    return known is not None and known.is_own
