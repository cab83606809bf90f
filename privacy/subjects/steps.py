"""One step along a link: the values by which rows are referred to, and the rows that
refer to them."""

import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import product
from typing import Any

from privacy.datamap import Map
from privacy.models import Column, Link
from privacy.subjects import listed
from privacy.subjects.rows import (
    Found,
    Key,
    Row,
    by_key,
    chunks,
    matching,
    values_of,
    within,
)
from privacy.subjects.stored import fitting, text_of

ARROW = "→"

Parents = dict[tuple[Any, ...], list[tuple[Found, Row]]]  # by what children say


def path_of(link: Link, parent: Row) -> str:
    return f"{', '.join(link.columns)} {ARROW} {parent.table.full_name} ({parent.path})"


def children(
    mapped: Map, link: Link, values: Sequence[tuple[Any, ...]]
) -> Iterator[tuple[Key, tuple[Any, ...]]]:
    """For each row that has one of the values, its key and the value."""
    if link.is_list:
        yield from _listing(mapped, link, values)
        return
    table, names = link.table, link.lookups
    width = len(table.key)
    is_json = any("." in name for name in link.columns)
    fit = _as_json if is_json else partial(_as_stored, _columns(mapped, link))
    for chunk in chunks(values):
        wanted = [v for value in chunk for v in fit(value)]
        rows = mapped.rows(table).filter(matching(names, wanted), **link.when)
        for cells in values_of(rows, [*table.key, *names]):
            yield tuple(cells[:width]), tuple(cells[width:])


def _listing(
    mapped: Map, link: Link, values: Sequence[tuple[Any, ...]]
) -> Iterator[tuple[Key, tuple[Any, ...]]]:
    name, *path = link.columns[0].split(".")
    width = len(link.table.key)
    for chunk in chunks(values):
        wanted = {_words(value) for value in chunk}
        rows = mapped.rows(link.table).filter(listed.holds(mapped, link, chunk))
        for cells in values_of(rows, [*link.table.key, name]):
            inside = {(each,) for each in within(cells[width], path) if _is_key(each)}
            for said in inside:
                if _words(said) in wanted:
                    yield tuple(cells[:width]), said


def _is_key(value: Any) -> bool:
    return isinstance(value, int | str | uuid.UUID)


def _as_json(value: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """JSON stores a number as it is or as text, everything else as text."""
    yield tuple(text_of(part) for part in value)
    if all(isinstance(part, int) for part in value):
        yield value


def _columns(mapped: Map, link: Link) -> list[Column]:
    return [mapped.column(link.table, name) for name in link.columns]


def _as_stored(
    columns: Sequence[Column], value: tuple[Any, ...]
) -> Iterator[tuple[Any, ...]]:
    """A UUID may be text at one end, and sixteen bytes at the other."""
    is_bytes = [column.kind == "BinaryField" for column in columns]
    if is_bytes == [isinstance(part, bytes) for part in value]:
        yield value
        return
    yield from product(
        *(fitting(c, [text_of(p)]) for c, p in zip(columns, value, strict=True))
    )


def meant(parents: Parents, said: tuple[Any, ...]) -> Sequence[tuple[Found, Row]]:
    """The two ends may have different types, or a collation that ignores case."""
    if said in parents:
        return parents[said]
    words = _words(said)
    return [each for value, some in parents.items() if _words(value) == words
            for each in some]  # fmt: skip


def _words(value: tuple[Any, ...]) -> tuple[str, ...]:
    return tuple(text_of(part).casefold() for part in value)


def wanted_by(mapped: Map, link: Link, parents: Sequence[tuple[Found, Row]]) -> Parents:
    """The values that children refer to; mostly the parents' own keys."""
    known: Parents = defaultdict(list)
    said = _targets(mapped, link, list(dict.fromkeys(row.key for _, row in parents)))
    for found, row in parents:
        if value := said.get(row.key):
            known[value].append((found, row))
    return known


def _targets(
    mapped: Map, link: Link, keys: Sequence[Key]
) -> dict[Key, tuple[Any, ...]]:
    target = link.target
    if link.target_columns == target.key:
        return {key: key for key in keys}
    said: dict[Key, tuple[Any, ...]] = {}
    names = link.target_columns
    for chunk in chunks(keys):
        rows = mapped.rows(target).filter(by_key(target, chunk))
        for cells in values_of(rows, [*target.key, *names]):
            value = tuple(cells[len(target.key) :])
            if None not in value:
                said[tuple(cells[: len(target.key)])] = value
    return said
