"""Who has a number or an address: one person, or several who share it."""

import datetime as dt

from privacy import subjects
from privacy.datamap import Map
from privacy.identifiers import Mark
from privacy.models import Store, Table


def of(mark: Mark, *, now: dt.datetime) -> list[set[Mark]]:
    """For each person who has it, everything they are known by: a row with another
    person's address is that person's; a row that says nothing else adds nobody."""
    found: list[set[Mark]] = []
    for store in Store.objects.filter(kind=Store.Kind.DATABASE):
        seen = subjects.glance(mapped=Map(store), marks=[mark], at=now)
        for said in subjects.said(seen):
            same = [each for each in found if (each & said) - {mark}]
            nothing_else = not said - {mark}
            together = said.union(*same)
            found = [each for each in found if each not in same]
            if not (nothing_else and found):
                found.append(together)
    return _without_bare(found, mark)


def called(text: str, *, now: dt.datetime) -> list[set[Mark]]:
    """What the people are known by whose own row in a store has that key."""
    found: list[set[Mark]] = []
    for store in Store.objects.filter(kind=Store.Kind.DATABASE):
        mapped = Map(store)
        people = [t for t in mapped.tables.values() if t.about == Table.About.PERSON]
        marks = [Mark(str(table), text) for table in people]
        found += subjects.said(subjects.glance(mapped=mapped, marks=marks, at=now))
    return [each for each in found if each]


def _without_bare(found: list[set[Mark]], mark: Mark) -> list[set[Mark]]:
    rich = [each for each in found if each - {mark}]
    return rich or found[:1]
