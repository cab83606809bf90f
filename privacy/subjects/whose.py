"""Whose a row is that depends on a thing, such as a visit of a pet.

It belongs to whoever it names, whoever has the thing; only where it names nobody, to
those who have it. So what somebody does with a thing that several people have stays
theirs. The owner of a row is named by a key; where a thing is shared, also by a number,
an address or a name.
"""

from collections import defaultdict
from collections.abc import Sequence
from enum import Enum

from privacy.datamap import Map
from privacy.identifiers import Mark
from privacy.models import Column, Link, Table
from privacy.subjects import equality, learning, names, parties, shares
from privacy.subjects.names import Who
from privacy.subjects.rows import Found, Key, Place, Role, Row, by_key, chunks

Each = tuple[Found, Row]
Says = tuple[Who, set[Mark]]


class Whose(Enum):
    THEIRS, ANOTHERS, NOBODYS = range(3)


def settle(mapped: Map, link: Link, some: Sequence[Each]) -> list[Each]:
    """The rows without those of others; a row that names the person is theirs, however
    many share what it depends on."""
    keyed = by_keys(mapped, link, some)
    open_ = [e for e, whose in zip(some, keyed, strict=True) if _is_open(e, whose)]
    told = dict(
        zip(map(_place, open_), _by_words(mapped, link.table, open_), strict=True)
    )
    left = []
    for each, whose in zip(some, keyed, strict=True):
        found, row = each
        whose = told.get(_place(each), whose)
        if whose is Whose.THEIRS:
            row.role, row.above = Role.SUBJECT, None
        if whose is not Whose.ANOTHERS:
            left.append(each)
        elif row.is_own:
            found.anothers.add(row.place)
    return left


def _is_open(each: Each, whose: Whose) -> bool:
    """What depends on the person's own thing is theirs, also if a number in it is
    another's: whoever collects the order."""
    return whose is Whose.NOBODYS and not each[1].is_own


def _place(each: Each) -> tuple[int, Place]:
    return id(each[0]), each[1].place


def by_keys(mapped: Map, link: Link, some: Sequence[Each]) -> list[Whose]:
    """The references to people say it."""
    keys = list(dict.fromkeys(row.key for _, row in some))
    named: dict[Key, list[Place]] = defaultdict(list)
    for owner in shares.owners(mapped, link.table) if keys else ():
        if owner.pk != link.pk:
            for key, place in shares.named(mapped, owner, keys):
                named[key].append(place)
    return [_whose(found, named[row.key]) for found, row in some]


def _whose(found: Found, places: Sequence[Place]) -> Whose:
    if not places:
        return Whose.NOBODYS
    is_own = any(shares.is_own(found, place) for place in places)
    return Whose.THEIRS if is_own else Whose.ANOTHERS


def _by_words(mapped: Map, table: Table, some: Sequence[Each]) -> list[Whose]:
    if not some or table.about == Table.About.PERSON:
        return [Whose.NOBODYS for _ in some]
    said = _said(mapped, table, list({row.key for _, row in some}))
    marks = {mark for _, told in said.values() for mark in told}
    known = parties.private(mapped, sorted(marks, key=str), [Table.About.PERSON])
    people = list({id(found): found for found, _ in some}.values()) if said else []
    alone, who = learning.alone(mapped, people), names.own(mapped, people)
    return [
        _of_words(
            said[row.key], who[id(found)], alone[id(found)], known - found.foreign
        )
        if row.key in said
        else Whose.NOBODYS
        for found, row in some
    ]


def _of_words(says: Says, own: Who, alone: set[Mark], others: set[Mark]) -> Whose:
    """A number that two people share says nothing."""
    called, marks = says
    if marks & alone:
        return Whose.THEIRS
    if marks & others or own.is_not(called):
        return Whose.ANOTHERS
    return Whose.NOBODYS if own.names.isdisjoint(called.names) else Whose.THEIRS


def _said(mapped: Map, table: Table, keys: Sequence[Key]) -> dict[Key, Says]:
    """The names, numbers and addresses in columns that say whose a row is."""
    columns = [
        c for c in equality.telling(mapped, table) if c.whose == Column.Whose.SUBJECT
    ]
    if not columns and not names.columns(mapped, table, "name"):
        return {}
    read_ = [equality.read_as(c) for c in columns]
    said: dict[Key, Says] = {}
    for chunk in chunks(keys):
        rows = mapped.rows(table).filter(by_key(table, chunk))
        for key, who, cells in names.lines(mapped, table, rows, read_):
            texts = [
                (c, text)
                for c, cell in zip(columns, cells, strict=True)
                for text in equality.values_in(c, cell)
            ]
            marks = {m for c, text in texts if (m := equality.read(c, text))}
            said[key] = (who, marks)
    return said
