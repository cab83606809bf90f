"""Numbers and addresses of the person that are just as much somebody else's: a
household's line, a couple's mailbox. Rows found only by them are not the person's."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence

from privacy import stores
from privacy.datamap import Map
from privacy.identifiers import Kind, Mark
from privacy.models import Column, Table
from privacy.subjects import equality, names, texts
from privacy.subjects.equality import read, read_as, telling, values_in
from privacy.subjects.names import Who, lines
from privacy.subjects.rows import Found, Key, by_key, chunks

SHARED = (
    "A {kind} of theirs is also that of somebody else with another name in {table}. "
    "Rows that only it leads to were not followed, and it stays there."
)
Sought = Mapping[Mark, Sequence[tuple[Found, Who]]]  # of whom it was told, their names


def leave_out(mapped: Map, told: Sequence[tuple[Found, set[Mark]]]) -> None:
    """Marks from the rows of each person that another person has too become `foreign`
    to them. Tables of people are read once for everyone."""
    own = names.own(mapped, [found for found, marks in told if marks])
    _leave_out(mapped, [(found, marks, own[id(found)]) for found, marks in told])


def leave_out_across(sides: Sequence[Sequence[Found]]) -> None:
    """The same before a mark from one store is searched for in the others: what
    somebody else has in any of them is not followed into any. `sides` are the stores,
    each with the people in the same order."""
    people = list(zip(*(side for side in sides if side), strict=True))
    told = [_told(person) for person in people]
    if not any(any(marks) for marks in told):
        return
    own = [Who() for _ in people]
    for side in filter(None, sides):
        with stores.reaching(side[0].mapped.store):
            said = names.own(side[0].mapped, side)
        for who, found in zip(own, side, strict=True):
            who.join(said[id(found)])
    for at, side in enumerate(filter(None, sides)):
        with stores.reaching(side[0].mapped.store):
            new = [marks[at] for marks in told]
            _leave_out(side[0].mapped, list(zip(side, new, own, strict=True)))
    for person in people:
        foreign = set().union(*(found.foreign for found in person))
        for found in person:
            found.forget(foreign)


def _told(person: Sequence[Found]) -> list[set[Mark]]:
    """For each store, what another one knows the person by."""
    marks = {mark for found in person for mark in found.marks}
    return [marks - set(found.marks) - found.foreign for found in person]


def _leave_out(mapped: Map, told: Sequence[tuple[Found, set[Mark], Who]]) -> None:
    sought: dict[Mark, list[tuple[Found, Who]]] = defaultdict(list)
    for found, marks, own in told:
        for mark in marks if own.names else ():
            sought[mark].append((found, own))
    for table in names.people(mapped) if sought else ():
        for found, mark in sorted(_met(mapped, table, sought), key=_order):
            found.foreign.add(mark)
            kind = Kind(mark.kind).label.lower()
            found.notes.append(SHARED.format(kind=kind, table=table))


def _order(met: tuple[Found, Mark]) -> str:
    return met[1].value


def _met(mapped: Map, table: Table, sought: Sought) -> list[tuple[Found, Mark]]:
    """The marks in rows of the table that are certainly not the person's."""
    holding = [c for c in telling(mapped, table) if c.whose == Column.Whose.SUBJECT]
    read_ = [read_as(c) for c in holding]
    met: dict[tuple[int, Mark], Found] = {}
    for some in chunks(_holding(mapped, table, list(sought))):
        rows = mapped.rows(table).filter(by_key(table, some))
        for key, who, cells in lines(mapped, table, rows, read_):
            said = [
                (c, text)
                for c, cell in zip(holding, cells, strict=True)
                for text in values_in(c, cell)
            ]
            marks = {m for c, text in said if (m := read(c, text))}
            for mark in marks & sought.keys():
                for found, own in sought[mark]:
                    known = found.rows.get((table.pk, key))
                    if not (known and known.is_own) and own.is_not(who):
                        met[id(found), mark] = found
    return [(found, mark) for (_, mark), found in met.items()]


def _holding(mapped: Map, table: Table, marks: Sequence[Mark]) -> list[Key]:
    """The rows of the table that hold one of them, in any notation."""
    probe = Found(mapped, [], dt.datetime.max.replace(tzinfo=dt.UTC))
    probe.take(marks, are_asked=True)
    equality.look_up(mapped, [probe], [table])
    texts.read(mapped, [table], texts.wanted([probe], "fresh"))
    return [row.key for row in probe.of(table)]
