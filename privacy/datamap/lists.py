"""Lists of keys: `member_ids bigint[]`, `{"guests": [1005, 1007]}`, `[{"user_id": 7}]`.

Such a row has to do with each person whose key is in it. The name says which table the
keys are from, as with any reference; or the values do, where all of them are keys of
only one table of people.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from privacy.datamap import called, sampling, words
from privacy.datamap.characters import Character
from privacy.datamap.references import LEAST, SOME
from privacy.datamap.sampling import EACH, Path, Values
from privacy.datamap.schema import LiveColumn, LiveTable
from privacy.models import Column, Link, Store, Table

NUMBERS = {"SmallIntegerField", "IntegerField", "BigIntegerField"}
KEYS = NUMBERS | {"UUIDField", "CharField", "TextField"}
SAID = "Its lists hold {many} values, and all of them stand in {target}"
ALIKE = (
    "Its lists may hold keys of {targets}: link it by hand, or those rows are not found"
)
UNSURE = 0.3  # somebody must look at it


@dataclass(frozen=True)
class Listed:
    """A list in a column, or at a path of its JSON, and its sampled elements."""

    table: LiveTable
    column: LiveColumn  # as if each element stood in a column of its own
    name: str  # as a link writes it
    values: list[str]


@dataclass(frozen=True)
class Refers:
    """The table whose keys the list holds, why that is believed, and whether it is
    certain; or one of several tables, and people must choose."""

    listed: Listed
    targets: list[LiveTable]
    reason: str
    is_sure: bool


def infer(
    store: Store,
    tables: Sequence[LiveTable],
    samples: Mapping[str, Values],
    found: Mapping[str, Character],
) -> Iterator[Refers]:
    names = called.Names(tables)
    near = [t for t in tables if found[t.full_name].about != Table.About.CONTEXT]
    for table in tables:
        for listed in _lists(table, samples[table.full_name]):
            some = sorted(set(listed.values))[:SOME]
            yield from _by_name(store, listed, near, names, some) or _by_values(
                store, listed, near, some
            )


def write(tables: Mapping[str, Table], some: Sequence[Refers]) -> None:
    """Writes them as links: a person in the list is a party of the row."""
    for each in some:
        table = tables[each.listed.table.full_name]
        if len(each.targets) > 1:
            waiting = table.columns.filter(path=[], state=Column.State.PROPOSED)
            waiting.filter(name=each.listed.name.split(".")[0], category=None).update(
                not_personal=each.reason, confidence=UNSURE
            )
            continue
        if each.is_sure or each.listed.column.kind in {*NUMBERS, "UUIDField"}:
            # keys are no value of theirs to be replaced
            name, *path = each.listed.name.split(".")
            mine = table.columns.filter(name=name, state=Column.State.PROPOSED)
            mine.filter(path=path if path != [EACH] else []).update(
                category=None, source=None, purposes=[], identifier="", treatment={},
                free_text=False, ground="", not_personal=each.reason,
            )  # fmt: skip
        state = Link.State.ACCEPTED if each.is_sure else Link.State.PROPOSED
        Link.objects.get_or_create(
            table=table,
            columns=[each.listed.name],
            target=tables[each.targets[0].full_name],
            target_columns=each.targets[0].key,
            when={},
            defaults={
                "role": Link.Role.PARTY,
                "state": state,
                "reason": each.reason,
            },
        )


# --- which ------------------------------------------------------------------------
def _lists(table: LiveTable, values: Values) -> Iterator[Listed]:
    for column in table.columns:
        texts = values.get(column.name, [])
        element = str(column.options.get("element", ""))
        if element in KEYS:
            inside = [part for text in texts for part in _parts(text)]
            yield from _one(table, column.name, element, (EACH,), column.name, inside)
        elif column.kind == "JSONField":
            for path, inside in sampling.paths(list(texts)).items():
                if path.count(EACH) == 1 and path[-2:].count(EACH) == 1:
                    steps = [s for s in (column.name, *path) if s != EACH]
                    kind = "BigIntegerField" if _are_numbers(inside) else "CharField"
                    yield from _one(table, steps[-1], kind, path, column.name, inside)


def _one(
    table: LiveTable, name: str, kind: str, path: Path, own: str, values: list[str]
) -> Iterator[Listed]:
    is_plain = not any("." in step or "{" in step for step in path)
    is_key = kind in NUMBERS or kind == "UUIDField" or _is_called_a_key(name)
    if values and is_plain and is_key and words.named(name) is None:
        column = LiveColumn(name, kind, {"null": True})
        yield Listed(table, column, ".".join((own, *path)), values)


def _is_called_a_key(name: str) -> bool:
    return words.tokens(name)[-1:] in (["id"], ["ids"], ["uuid"], ["uuids"])


def _are_numbers(values: Sequence[str]) -> bool:
    return all(value.isascii() and value.isdecimal() for value in values)


def _parts(text: str) -> list[str]:
    """A sampled array is written in PostgreSQL's form or in Python's."""
    if text.startswith("{"):
        return [part.strip('" ') for part in text.strip("{}").split(",") if part]
    try:
        read = json.loads(text.replace("'", '"'))
    except ValueError:
        return []
    return [str(each) for each in read] if isinstance(read, list) else []


# --- whose ------------------------------------------------------------------------
def _by_name(
    store: Store,
    listed: Listed,
    near: Sequence[LiveTable],
    names: called.Names,
    some: list[str],
) -> list[Refers]:
    for target, key, _ in names.candidates(listed.table, listed.column):
        if target in near and _all_there(store, target, key, some):
            reason = SAID.format(many=len(some), target=target.full_name)
            return [Refers(listed, [target], reason, is_sure=True)]
    return []


def _by_values(
    store: Store, listed: Listed, near: Sequence[LiveTable], some: list[str]
) -> list[Refers]:
    """Of several tables that count from one, nobody can say which is meant."""
    if len(some) < LEAST:
        return []
    found = [
        target
        for target in near
        if target is not listed.table and target.schema == listed.table.schema
        if (key := called.single_key(target)) and called.comparable(listed.column, key)
        if _all_there(store, target, key, some)
    ]
    found = _firsthand(found)
    if not found:
        return []
    said = " and ".join(target.full_name for target in found)
    if len(found) > 1:
        return [Refers(listed, found, ALIKE.format(targets=said), is_sure=False)]
    is_said = words.is_about_people(listed.column.name)
    reason = SAID.format(many=len(some), target=said)
    return [Refers(listed, found, reason, is_sure=is_said)]


def _firsthand(some: Sequence[LiveTable]) -> list[LiveTable]:
    """A table whose key refers to another's key only repeats its values."""
    names = {target.full_name for target in some}
    return [
        target
        for target in some
        if not any(
            own == target.key and to in names - {target.full_name}
            for own, to, _ in target.references
        )
    ]


def _all_there(
    store: Store, target: LiveTable, key: LiveColumn, some: list[str]
) -> bool:
    return sampling.known(store, target, key.name, some) == len(some)
