"""Rows as they are found: whose they are, by which key and path; keys as text."""

import base64
import datetime as dt
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Q

from privacy.datamap import Map
from privacy.identifiers import Mark
from privacy.models import Table
from privacy.strategies.base import EACH

CHUNK = 2000  # keys in one statement

UNDATED = (
    "{table}: {many} rows without a date hold a number that had another owner at "
    "another time. They stay as they are until you decide."
)
ANOTHERS = (
    "Rows of {table} that depend on the person's and name somebody else: {many}. They "
    "are that other person's, and stay as they are."
)

Key = tuple[Any, ...]
Place = tuple[int, Key]  # a table's id and a key in it
Days = tuple[dt.date | None, dt.date | None]  # first and last


class Role(StrEnum):
    """What the person is to a row."""

    SUBJECT = "subject"  # it is theirs
    PARTY = "party"  # it is somebody else's, and they are the other side of it
    ACTOR = "actor"  # it is somebody else's, and they did something with it
    MENTION = "mention"  # it is somebody else's and speaks of them


@dataclass
class Row:
    """A row about the person, and how it was found."""

    table: Table
    key: Key
    path: str
    role: Role = Role.SUBJECT
    above: Place | None = None  # the row that led to it
    is_common: bool = False  # about several people together, such as their household

    @property
    def place(self) -> Place:
        return (self.table.pk, self.key)

    @property
    def is_own(self) -> bool:
        return self.role == Role.SUBJECT


@dataclass
class Found:
    """What one store knows about a person, as of the day they asked."""

    mapped: Map
    marks: list[Mark]
    at: dt.datetime
    moment: str = ""  # of the store, when the search began
    rows: dict[Place, Row] = field(default_factory=dict)
    acted: dict[Place, Row] = field(default_factory=dict)  # beside: a copy has them too
    withheld: dict[Place, Row] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # said, and no reason to stop
    asked: set[Mark] = field(default_factory=set)
    fresh: list[Mark] = field(default_factory=list)  # not looked up yet
    unread: list[Mark] = field(default_factory=list)  # not looked for in all texts yet
    frontier: list[Row] = field(default_factory=list)  # own rows, links not followed
    shared: dict[Place, list[Mark]] = field(default_factory=dict)  # other sides
    had: dict[Mark, Days] = field(default_factory=dict)  # where owners changed
    told: dict[Mark, bool] = field(default_factory=dict)  # by the store itself
    foreign: set[Mark] = field(default_factory=set)  # somebody else's as much
    undated: set[Place] = field(default_factory=set)  # somebody must decide
    anothers: set[Place] = field(default_factory=set)  # named in rows below their own

    def take(self, marks: Iterable[Mark], *, are_asked: bool = False) -> None:
        """More that the person is known by."""
        new = [m for m in dict.fromkeys(marks) if m not in self.marks]
        self.marks += new
        self.fresh += new
        self.unread += new
        if are_asked:
            self.asked |= set(new)

    def forget(self, foreign: set[Mark]) -> None:
        """These marks are just as much somebody else's, and are not searched for any
        more."""
        self.foreign |= foreign
        for some in (self.marks, self.fresh, self.unread):
            some[:] = [mark for mark in some if mark not in foreign]

    def add(self, row: Row) -> bool:
        """False if nothing is new: each row is there once, in its strongest role."""
        known = self.rows.get(row.place)
        if row.place in self.withheld or (known and _weight(known) >= _weight(row)):
            return False
        self.rows[row.place] = row
        if row.is_own:
            self.frontier.append(row)
        return True

    def note_acted(self, row: Row) -> None:
        """They acted on it; what else it says about them is searched for separately."""
        known = self.rows.get(row.place)
        if row.place not in self.withheld and (
            known is None or known.role == Role.MENTION
        ):
            self.acted.setdefault(row.place, row)

    def withhold(self, row: Row) -> None:
        """It belongs to somebody else, who had the number before or after."""
        self.rows.pop(row.place, None)
        self.withheld[row.place] = row

    def said_doubts(self) -> list[str]:
        """What somebody must decide, in sentences."""
        anothers = self.anothers - self.rows.keys()
        return [
            *self.doubts,
            *dict.fromkeys(self.notes),
            *self._counted(UNDATED, self.undated),
            *self._counted(ANOTHERS, anothers),
        ]

    def _counted(self, sentence: str, places: Iterable[Place]) -> list[str]:
        tables = Counter(str(self.mapped.by_id(table_id)) for table_id, _ in places)
        return [sentence.format(table=t, many=n) for t, n in sorted(tables.items())]

    def of(self, table: Table, *roles: Role) -> list[Row]:
        return [
            row
            for row in self.rows.values()
            if row.table.pk == table.pk and row.role in (roles or (Role.SUBJECT,))
        ]


def owned(table: Table, founds: Sequence[Found]) -> dict[Key, list[Found]]:
    """The rows of the table that were found, and for whom."""
    whose: dict[Key, list[Found]] = defaultdict(list)
    for found in founds:
        for row in found.of(table):
            whose[row.key].append(found)
    return whose


def _weight(row: Row) -> int:
    return (Role.MENTION, Role.PARTY, Role.SUBJECT).index(row.role)


def by_key(table: Table, keys: Sequence[Key]) -> Q:
    return matching(table.key, keys)


def matching(names: Sequence[str], values: Sequence[tuple[Any, ...]]) -> Q:
    if len(names) == 1:
        return Q(**{f"{names[0]}__in": [value[0] for value in values]})
    condition = Q(pk__in=[])
    for value in values:
        condition |= Q(**dict(zip(names, value, strict=True)))
    return condition


class Exactly(DjangoJSONEncoder):
    """To the microsecond: Django's own encoder would cut a time that is part of a key.
    Bytes, such as a UUID in BINARY(16), become base64, which Django reads back."""

    def default(self, o: Any) -> Any:
        if isinstance(o, bytes | memoryview):
            return base64.b64encode(o).decode()
        return o.isoformat() if isinstance(o, dt.datetime) else super().default(o)


def written_key(key: Key) -> str:
    return json.dumps(key, cls=Exactly)


def read_key(mapped: Map, table: Table, text: str) -> Key:
    model = mapped.model(table)
    values = zip(table.key, json.loads(text), strict=True)
    read = (model._meta.get_field(name).to_python(v) for name, v in values)
    return tuple(bytes(v) if isinstance(v, memoryview) else v for v in read)


def within(value: Any, path: Sequence[str]) -> Iterator[Any]:
    """The values at a path of a document or an array, each element by itself."""
    if isinstance(value, list) and (not path or path[0] == EACH):
        for each in value:
            yield from within(each, path[1:])
    elif path and isinstance(value, dict):
        yield from within(value.get(path[0]), path[1:])
    elif not path:
        yield value


def values_of(rows: Any, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    return iter(rows.order_by().values_list(*names).iterator(chunk_size=CHUNK))


def chunks(items: Iterable[Any], size: int = CHUNK) -> Iterator[list[Any]]:
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk
