"""Rows as they are found: whose they are, by which key and path, and keys in words."""

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Q

from privacy.datamap import Map
from privacy.identifiers import Mark
from privacy.models import Table

CHUNK = 2000  # keys in one statement

Key = tuple[Any, ...]


@dataclass
class Row:
    """A row about the person, or one that only mentions them."""

    table: Table
    key: Key
    path: str
    is_mention: bool = False


@dataclass
class Found:
    """What one store knows about a person."""

    mapped: Map
    marks: list[Mark]
    rows: dict[tuple[int, Key], Row] = field(default_factory=dict)
    withheld: dict[tuple[int, Key], Row] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)

    def add(self, row: Row) -> bool:
        place = (row.table.pk, row.key)
        known = self.rows.get(place)
        if place in self.withheld or (known and not known.is_mention):
            return False
        if known and row.is_mention:
            return False
        self.rows[place] = row
        return True

    def of(self, table: Table, *, mentions: bool = False) -> list[Row]:
        return [
            row
            for row in self.rows.values()
            if row.table.pk == table.pk and row.is_mention == mentions
        ]


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
    """To the microsecond: Django's own would cut a time that is part of a key."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if isinstance(o, dt.datetime) else super().default(o)


def written_key(key: Key) -> str:
    return json.dumps(key, cls=Exactly)


def read_key(mapped: Map, table: Table, text: str) -> Key:
    model = mapped.model(table)
    values = zip(table.key, json.loads(text), strict=True)
    return tuple(model._meta.get_field(name).to_python(v) for name, v in values)


def values_of(rows: Any, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    return iter(rows.order_by().values_list(*names).iterator(chunk_size=CHUNK))


def chunks(items: Iterable[Any]) -> Iterator[list[Any]]:
    rest = iter(items)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk
