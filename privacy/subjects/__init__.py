"""From identifiers to every row about a person, each once, with the path to it.

Identifiers are looked up by equality in the columns that hold them, links are followed,
and whatever the person's own rows add (a second e-mail address, another notation) is
looked up in turn, until nothing new comes. Then every other text is read once for
mentions. All of it works for any number of people together, with one statement for each
table and step.
"""

import datetime as dt
from collections.abc import Mapping, Sequence

from django.db import connections

from privacy import once, stores
from privacy.datamap import Map
from privacy.identifiers import Mark
from privacy.models import Store, Table
from privacy.sql import statements
from privacy.subjects import (
    equality,
    learning,
    links,
    owners,
    parties,
    sharing,
    strangers,
    texts,
)
from privacy.subjects.equality import (
    equals,
    identifying,
    is_several,
    read,
    telling,
)
from privacy.subjects.learning import said
from privacy.subjects.owners import is_within
from privacy.subjects.rows import (
    Days,
    Found,
    Key,
    Role,
    Row,
    by_key,
    read_key,
    written_key,
)
from privacy.subjects.texts import mentions

__all__ = [
    "Days",
    "Found",
    "Key",
    "Role",
    "Row",
    "by_key",
    "equals",
    "everywhere",
    "find",
    "for_many",
    "glance",
    "had",
    "identifying",
    "is_several",
    "is_within",
    "known_as",
    "linked",
    "mentions",
    "read",
    "read_key",
    "said",
    "telling",
    "written_key",
]

Person = tuple[Sequence[Mark], dt.datetime]  # known by these, asked at that instant


def everywhere(*, marks: Sequence[Mark], at: dt.datetime) -> list[Found]:
    """What all connected databases know, as of the day the person asked."""
    return for_many(people=[(marks, at)])[0]


def for_many(
    *,
    people: Sequence[Person],
    since: Mapping[str, str] | None = None,
    learns: bool = True,
) -> list[list[Found]]:
    """For each person, in order, what each connected database knows about them.

    Identifiers learned in one store are looked up in the others too; with `learns`
    False nothing is learned. `since` gives stores and a moment of each
    (`Found.moment`): there, only texts written after it are read, if the store can
    tell.
    """
    maps = [Map(store) for store in Store.objects.filter(kind=Store.Kind.DATABASE)]
    sides = [_begin(mapped, people) for mapped in maps]
    newer = [_first_since(m, (since or {}).get(str(m.store), "")) for m in maps]
    busy = True
    while busy:
        for side, first in zip(sides, newer, strict=True):
            _find(side, first, learns=learns)
        busy = _tell_each_other(sides)
    return [[side[i] for side in sides] for i in range(len(people))]


def find(*, mapped: Map, marks: Sequence[Mark], at: dt.datetime) -> Found:
    """Every row of one store about the person whom the marks identify."""
    found = _begin(mapped, [(marks, at)])
    _find(found)
    return found[0]


def glance(*, mapped: Map, marks: Sequence[Mark], at: dt.datetime) -> Found:
    """The rows that an index finds at once, without learning or reading texts."""
    found = _begin(mapped, [(marks, at)])
    with stores.reaching(mapped.store):
        owners.read(found)
        equality.look_up(mapped, found)
    return found[0]


def had(*, marks: Sequence[Mark], at: dt.datetime) -> dict[Mark, Days]:
    """When whoever asks had each of them, where owners changed: as staff noted, and as
    the databases say themselves. The days count that all of them give."""
    days = owners.noted(marks, at)
    for store in Store.objects.filter(kind=Store.Kind.DATABASE):
        found = glance(mapped=once.read(Map, store), marks=marks, at=at)
        for mark, told in found.had.items():
            days[mark] = owners.common(days.get(mark, told), told)
    return days


def linked(*, mapped: Map, marks: Sequence[Mark], at: dt.datetime) -> Found:
    """Those, and the rows that links lead to from them."""
    found = _begin(mapped, [(marks, at)])
    with stores.reaching(mapped.store):
        while found[0].fresh or found[0].frontier:
            owners.read(found)
            equality.look_up(mapped, found)
            sharing.follow(mapped, found)
            found[0].fresh = []
    return found[0]


def known_as(*, mapped: Map, people: Sequence[Person]) -> list[Mark]:
    """What else the people are known by, according to their own rows in one store; no
    text is read for it."""
    founds = _begin(mapped, people)
    with stores.reaching(mapped.store):
        while busy := [f for f in founds if f.fresh or f.frontier]:
            owners.read(busy)
            equality.look_up(mapped, busy)
            sharing.follow(mapped, busy)
            learning.learn(mapped, busy)
    return list(dict.fromkeys(mark for found in founds for mark in found.marks))


def _begin(mapped: Map, people: Sequence[Person]) -> list[Found]:
    with stores.reaching(mapped.store):
        moment = statements.moment(connections[mapped.alias])
    founds = [Found(mapped, [], at, moment=moment) for _, at in people]
    for found, (marks, _) in zip(founds, people, strict=True):
        found.take(marks, are_asked=True)
    return founds


def _tell_each_other(sides: Sequence[list[Found]]) -> bool:
    """True if one store has to look for something that another learned."""
    is_news = False
    strangers.leave_out_across(sides)
    for side in sides:
        for other in sides:
            if side and side is not other:
                for found, told in zip(side, other, strict=True):
                    found.take(told.marks, are_asked=True)
                is_news |= links.across(side, other)
        is_news |= any(found.fresh for found in side)
    return is_news


def _first_since(mapped: Map, moment: str) -> str:
    if not moment:
        return ""
    with stores.reaching(mapped.store):
        return statements.first_since(connections[mapped.alias], moment)


def _find(founds: list[Found], since: str = "", *, learns: bool = True) -> None:
    """Tables of people come first: they say what else a person is known by."""
    if not founds:
        return
    mapped = founds[0].mapped
    people = [t for t in mapped.tables.values() if t.about == Table.About.PERSON]
    others = [t for t in mapped.tables.values() if t.about != Table.About.PERSON]
    with stores.reaching(mapped.store):
        while busy := [f for f in founds if f.fresh or f.unread or f.frontier]:
            owners.read(busy)
            if any(found.fresh for found in busy):
                equality.look_up(mapped, busy)
                texts.read(mapped, people, texts.wanted(busy, "fresh"), since)
            else:
                texts.read(mapped, others, texts.wanted(busy, "unread"), since)
                for found in busy:
                    found.unread = []
            sharing.follow(mapped, busy)
            if learns:
                learning.learn(mapped, busy)
            else:
                for found in busy:
                    found.fresh = []
        parties.settle(mapped, founds)
        links.note_acted(mapped, founds)
