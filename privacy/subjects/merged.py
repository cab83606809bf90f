"""Another row of the same table that the store says is about the same person: a
duplicate, or the contact that theirs was merged into.

Whoever merged them may have been wrong, so a row with another name and date of birth is
not followed: it stays, and the plan says so.
"""

from collections import defaultdict
from collections.abc import Sequence

from privacy.datamap import Map
from privacy.models import Link, Table
from privacy.subjects import names, steps
from privacy.subjects.names import Who
from privacy.subjects.rows import Found, Key, Role, Row, by_key, chunks

ANOTHERS = (
    "Rows of {table} that were merged with the person's and have another name: {many}. "
    "They were not followed, and stay as they are."
)

Each = tuple[Found, Row]


def is_merge(link: Link) -> bool:
    is_person = link.target.about == Table.About.PERSON
    is_within = link.target_id == link.table_id
    return is_person and is_within and link.role == Link.Role.SUBJECT


def follow_back(mapped: Map, link: Link, parents: steps.Parents) -> None:
    some = [
        (found, Row(link.table, key, steps.path_of(link, parent), above=parent.place))
        for key, said in steps.children(mapped, link, list(parents))
        for found, parent in steps.meant(parents, said)
    ]
    for found, row in settle(mapped, link.table, some):
        found.add(row)


def settle(mapped: Map, table: Table, some: Sequence[Each]) -> list[Each]:
    """The rows without those of somebody with another name."""
    if not some:
        return []
    own = names.own(mapped, list({id(found): found for found, _ in some}.values()))
    said = _said(mapped, table, list({row.key for _, row in some}))
    left, others = [], defaultdict(list)
    for found, row in some:
        if own[id(found)].is_not(said.get(row.key, Who())):
            others[id(found)].append((found, row))
        else:
            left.append((found, row))
    for each in others.values():
        _note(table, each)
    return left


def _note(table: Table, others: Sequence[Each]) -> None:
    """A copy has them like other rows with which the person had to do."""
    for found, row in others:
        row.role, row.above = Role.ACTOR, None
        found.note_acted(row)
    found = others[0][0]
    found.notes.append(ANOTHERS.format(table=table, many=len(others)))


def _said(mapped: Map, table: Table, keys: Sequence[Key]) -> dict[Key, Who]:
    rows = mapped.rows(table)
    return {
        key: who
        for some in chunks(keys)
        for key, who, _ in names.lines(mapped, table, rows.filter(by_key(table, some)))
    }
