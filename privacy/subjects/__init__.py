"""From identifiers to every row about a person, each once, with the path to it.

Identifiers are looked up by equality in the columns that hold them, rows follow links,
and what the person's own rows say (a second e-mail, another notation) is looked up in
turn, until nothing new comes. Then every text of the store is read once for mentions.
"""

import datetime as dt
from collections.abc import Sequence

from privacy import stores
from privacy.datamap import Map
from privacy.identifiers import Mark
from privacy.models import Store
from privacy.subjects import equality, learning, links, texts
from privacy.subjects.equality import equals, identifying
from privacy.subjects.rows import Found, Key, Row, by_key, read_key, written_key
from privacy.subjects.texts import mentions

__all__ = [
    "Found",
    "Key",
    "Row",
    "by_key",
    "equals",
    "everywhere",
    "find",
    "identifying",
    "mentions",
    "read_key",
    "written_key",
]


def everywhere(*, marks: Sequence[Mark], at: dt.datetime) -> list[Found]:
    """What all connected databases know, as of the day the person asked.

    Marks learnt in one store are looked up in the others too.
    """
    found: list[Found] = []
    known = list(dict.fromkeys(marks))
    maps = [Map(s) for s in Store.objects.filter(kind=Store.Kind.DATABASE)]
    while True:
        found = [find(mapped=mapped, marks=known, at=at) for mapped in maps]
        learnt = [m for f in found for m in f.marks if m not in known]
        if not learnt:
            return found
        known += list(dict.fromkeys(learnt))


def find(*, mapped: Map, marks: Sequence[Mark], at: dt.datetime) -> Found:
    """Every row of one store about the person that the marks identify."""
    found = Found(mapped, list(marks))
    asked = set(marks)
    with stores.reaching(mapped.store):
        new = list(marks)
        while new:
            equality.look_up(found, new, at)
            texts.read(found, at)
            links.follow(found)
            new = learning.learn(found, asked)
            found.marks += new
    return found
