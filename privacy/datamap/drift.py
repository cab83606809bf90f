"""The store as it is against the map: what nobody has classified, what is gone."""

from collections.abc import Iterator
from dataclasses import dataclass

from privacy.datamap import schema
from privacy.datamap.maps import Map
from privacy.models import Column


@dataclass(frozen=True)
class Problem:
    place: str
    what: str

    def __str__(self) -> str:
        return f"{self.place} {self.what}."


def problems(mapped: Map) -> list[Problem]:
    """Everything that keeps the map from being the truth, in the store's order."""
    return list(_problems(mapped))


def _problems(mapped: Map) -> Iterator[Problem]:
    live = {table.full_name: table for table in schema.tables(mapped.store)}
    for name, real in live.items():
        place = f"{mapped.store}.{name}"
        if name not in mapped.tables:
            yield Problem(place, "is not in the map")
            continue
        yield from _columns(mapped, name, real)
    for name in mapped.tables:
        if name not in live:
            yield Problem(
                f"{mapped.store}.{name}", "is in the map but not in the store"
            )


def _columns(mapped: Map, name: str, real: schema.LiveTable) -> Iterator[Problem]:
    table = mapped.tables[name]
    known = {c.name: c for c in mapped.columns(table) if not c.path}
    if table.key != real.key:
        yield Problem(str(table), "has another primary key than the map says")
    for column in real.columns:
        mine = known.pop(column.name, None)
        if mine is None:
            yield Problem(f"{table}.{column.name}", "is not in the map")
        elif mine.state == Column.State.UNKNOWN:
            yield Problem(
                f"{table}.{column.name}", "has not been classified by anybody"
            )
        elif mine.kind != column.kind:
            yield Problem(
                f"{table}.{column.name}", "has another type than the map says"
            )
    for gone in known:
        yield Problem(f"{table}.{gone}", "is in the map but not in the store")
