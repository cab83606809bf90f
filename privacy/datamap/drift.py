"""Compares the store with its map: what nobody has classified, and what is gone.

It reads the catalogue once and the map in three statements, whatever the number of
tables, and writes nothing. The only rows it reads are some of those that name another
table in a word, and the newest documents.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from privacy import changes, strategies
from privacy.datamap import keyless, newkeys, sampling, schema
from privacy.datamap.maps import Map
from privacy.models import Column, Table
from privacy.strategies import Unsupported

MATTERS = ("null", "max_length", "unique", "labels", "generated")


GUARDED = (
    "has row-level security, which may hide rows from the portal's database user; give "
    "that user BYPASSRLS"
)
UNREADABLE = (
    "can't be read by the portal's database user; grant it SELECT, UPDATE and DELETE"
)


@dataclass(frozen=True)
class Problem:
    place: str
    what: str
    table: str = ""  # of a column

    def __str__(self) -> str:
        return f"{self.place} {self.what}."


NEW_WORDS = (
    "names other tables than when it was discovered ({words}): run datamap discover "
    "again, and check the links"
)
NEW_KEYS = (
    "holds what nobody has classified ({keys}): run datamap discover again, and accept "
    "what it proposes"
)
NEW, GONE = "is not in the map", "is in the map but not in the store"
_OPEN: dict[str, str] = {
    Column.State.UNKNOWN: "has not been classified",
    Column.State.PROPOSED: "is proposed but not accepted",
}
# Of many columns of one table, in one sentence.
MANY = {
    _OPEN[Column.State.UNKNOWN]: "have not been classified",
    _OPEN[Column.State.PROPOSED]: "are proposed but not accepted",
    NEW: "are not in the map",
    GONE: "are in the map but not in the store",
}
SHOWN = 3  # columns that such a sentence names


def sentences(found: Sequence[Problem]) -> list[str]:
    """One sentence for each table and kind of problem, in the store's order."""
    together: dict[tuple[str, str], list[Problem]] = {}
    for each in found:
        is_alike = each.table and each.what in MANY
        key = (each.table if is_alike else each.place, each.what)
        together.setdefault(key, []).append(each)
    return [_sentence(some) for some in together.values()]


def _sentence(some: Sequence[Problem]) -> str:
    first = some[0]
    if len(some) == 1:
        return str(first)
    names = [each.place.removeprefix(f"{first.table}.") for each in some]
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    listed = ", ".join(names[:SHOWN]) + more
    return f"{first.table}: {len(names)} columns {MANY[first.what]} ({listed})."


def problems(mapped: Map) -> list[Problem]:
    """Everything in which the map differs from the store's schema, in the store's
    order."""
    return list(_problems(mapped, _live(mapped)))


def check(mapped: Map) -> list[Problem]:
    """The same, and then new keys in its documents."""
    live = _live(mapped)
    return [*_problems(mapped, live), *_new_keys(mapped, live)]


def _live(mapped: Map) -> dict[str, schema.LiveTable]:
    return {table.full_name: table for table in schema.tables(mapped.store)}


def _problems(mapped: Map, live: dict[str, schema.LiveTable]) -> Iterator[Problem]:
    for name, real in live.items():
        place = f"{mapped.store}.{name}"
        if name not in mapped.tables:
            yield Problem(place, NEW)
            continue
        yield from _columns(mapped, name, real)
    for name in mapped.tables:
        if name not in live:
            yield Problem(f"{mapped.store}.{name}", GONE)


def _columns(mapped: Map, name: str, real: schema.LiveTable) -> Iterator[Problem]:
    table = mapped.tables[name]
    known = {c.name: c for c in mapped.columns(table) if not c.path}
    if table.key != (real.key or keyless.KEY):
        yield Problem(str(table), "has a different primary key from the one in the map")
    if real.guarded:
        yield Problem(str(table), GUARDED)
    if not real.readable:
        yield Problem(str(table), UNREADABLE)
    for column in real.columns:
        mine = known.pop(column.name, None)
        place = f"{table}.{column.name}"
        if mine is None:
            yield Problem(place, NEW, str(table))
            continue
        for what in _differences(mine, column):
            yield Problem(place, what, str(table))
    for gone in known:
        yield Problem(f"{table}.{gone}", GONE, str(table))
    yield from _new_words(mapped, table, real)
    for inner in mapped.columns(table):
        if inner.path and inner.state != Column.State.ACCEPTED:
            yield Problem(str(inner), _OPEN[inner.state], str(table))


def _new_words(mapped: Map, table: Table, real: schema.LiveTable) -> Iterator[Problem]:
    """Reads some rows where a word names the table that is referred to: a new word is a
    reference that the map does not have."""
    for column in mapped.columns(table):
        known = set(column.options.get("words", ()))
        live = [each for each in real.columns if each.name == column.name]
        if not known or column.path or not live:
            continue
        try:
            said = sampling.sample(mapped.store, replace(real, columns=live))
        except sampling.Unreadable:
            continue
        if new := sorted(set(said.get(column.name, ())) - known):
            what = NEW_WORDS.format(words=", ".join(new[:SHOWN]))
            yield Problem(str(column), what, str(table))


def _new_keys(mapped: Map, live: dict[str, schema.LiveTable]) -> Iterator[Problem]:
    for name, table in mapped.tables.items():
        if name not in live:
            continue
        for column, keys in newkeys.find(mapped, table, live[name]):
            more = f" and {len(keys) - SHOWN} more" if len(keys) > SHOWN else ""
            what = NEW_KEYS.format(keys=", ".join(keys[:SHOWN]) + more)
            yield Problem(str(column), what, str(table))


def _differences(mine: Column, live: schema.LiveColumn) -> Iterator[str]:
    if mine.state in _OPEN:
        yield _OPEN[mine.state]
    if mine.kind != live.kind:
        yield "has a different type from the one in the map"
    elif mine.treatment and _limits(mine.options) != _limits(live.options):
        now = Column(
            name=mine.name,
            kind=live.kind,
            options=live.options,
            identifier=mine.identifier,
        )
        try:
            strategies.check(changes.place_of(now), mine.strategy)
        except Unsupported as problem:
            yield (
                f"has changed and can't be treated as the map says: {problem}"
            ).rstrip(".")


def _limits(options: dict[str, object]) -> list[object]:
    return [options.get(name) or None for name in MATTERS]
