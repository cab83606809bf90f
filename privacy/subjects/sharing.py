"""Rows that the person's rows refer to, such as an address, which others may share.

They are the person's while nobody else's row refers to them; otherwise the person is
one party to them. Conversely, a number in a row to which only one person's row refers
is that person's.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from privacy.datamap import Map, words
from privacy.models import Link, Table
from privacy.subjects import links, merged, shares, steps, whose
from privacy.subjects.rows import Found, Place, Role, Row

SHARED = (
    "{table}: a row holds the person's identifier, and {many} rows of other people "
    "refer to it. None of them was followed."
)

Each = tuple[Found, Row]
Users = dict[tuple[int, Place], list[Row]]  # by person and row: who refers to it


def follow(mapped: Map, founds: Sequence[Found]) -> None:
    """Everything that depends on the person's rows, then what those refer to, and so
    on."""
    while passed := links.follow(mapped, founds):
        for table_id, rows in passed.items():
            table = mapped.by_id(table_id)
            _ahead(mapped, table, rows)
            own = [(found, row) for found, row in rows if row.is_own]
            for link in links.owned(mapped, table, back=True):
                follow = merged.follow_back if merged.is_merge(link) else _behind
                follow(mapped, link, steps.wanted_by(mapped, link, own))


def _behind(mapped: Map, link: Link, parents: steps.Parents) -> None:
    """The rows that `parents` refer to. What depends on a thing that people have
    together, such as a pet, is theirs together, too; an address is only where they
    live."""
    candidates = [
        (found, Row(link.table, key, steps.path_of(link, parent)))
        for key, said in steps.children(mapped, link, list(parents))
        for found, parent in steps.meant(parents, said)
    ]
    is_had = not shares.is_of_people(link.target)
    is_had = is_had and not words.is_contact(link.table.name)
    referring = _referring(mapped, link.table)
    users = _users(mapped, link.table, candidates, referring)
    named = whose.by_keys(mapped, link, candidates)
    for (found, row), by in zip(candidates, named, strict=True):
        some = users[id(found), row.place]
        is_anothers = by is whose.Whose.ANOTHERS
        if is_anothers or any(not _is_own(found, user) for user in some):
            row.role, row.is_common = Role.PARTY, is_had
        if found.add(row) and row.role == Role.PARTY and is_had:
            found.frontier.append(row)


def _ahead(mapped: Map, table: Table, rows: Sequence[Each]) -> None:
    """The people whose rows refer to rows that hold an identifier themselves."""
    direct = [(found, row) for found, row in rows if steps.ARROW not in row.path]
    users = _users(mapped, table, direct, _shared_by(mapped, table))
    for found, row in direct:
        some = users[id(found), row.place]
        others = [user for user in some if not _is_own(found, user)]
        if len(some) == 1 and some[0].table.about == Table.About.PERSON:
            found.add(some[0])
        elif others:
            row.role = Role.PARTY
            if len(others) == len(some):
                found.doubts.append(SHARED.format(table=table, many=len(some)))


def _is_own(found: Found, row: Row) -> bool:
    known = found.rows.get(row.place)
    return known is not None and known.is_own


def _users(
    mapped: Map, table: Table, rows: Sequence[Each], referring: Iterable[Link]
) -> Users:
    users: Users = defaultdict(list)
    for link in referring if rows else ():
        by_value = steps.wanted_by(mapped, link, rows)
        for key, said in steps.children(mapped, link, list(by_value)):
            for found, row in steps.meant(by_value, said):
                path = steps.path_of(link, row)
                users[id(found), row.place].append(Row(link.table, key, path))
    return users


def _shared_by(mapped: Map, table: Table) -> Iterator[Link]:
    """The references to rows that may be shared; a row that depends on another does not
    share it."""
    for link in mapped.links_from(table):
        forward = mapped.answers(link)
        if forward and forward.role != Link.Role.SUBJECT:
            yield forward


def _referring(mapped: Map, table: Table) -> Iterator[Link]:
    """All references of other tables to its rows, except for those that do not own
    them: a company is not the person who was invited to it."""
    for link in mapped.links_to(table):
        is_plain = mapped.answers(link) is None and link.table_id != table.pk
        if is_plain and link.role != Link.Role.SUBJECT:
            yield link
