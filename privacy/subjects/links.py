"""Rows that refer to the person's rows, and so are about the same person.

A link leads from rows to rows of the same store or of another one, by columns or paths
in JSON; a polymorphic one counts only where a column says that it is meant (`when`).
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from privacy.datamap import Map
from privacy.models import Link, Table
from privacy.subjects.rows import Found, Key, Row, by_key, chunks, matching, values_of

ARROW = "→"

Parents = dict[tuple[Any, ...], list[tuple[Found, Row]]]  # by what children say


def follow(mapped: Map, founds: Sequence[Found]) -> dict[int, list[tuple[Found, Row]]]:
    """From each of the person's rows to the rows that are about the same person.

    Gives the rows that were passed, by table."""
    for found in founds:
        _follow_withheld(found)
    passed: dict[int, list[tuple[Found, Row]]] = defaultdict(list)
    while frontier := _frontier(founds):
        for table_id, parents in frontier.items():
            passed[table_id] += parents
            for link in owned(mapped, mapped.by_id(table_id)):
                _follow(mapped, link, wanted_by(mapped, link, parents))
    return passed


def owned(mapped: Map, table: Table, *, back: bool = False) -> Iterator[Link]:
    """References to rows of the table that make a row the same person's; or the ways
    back from such a row to what it refers to."""
    for link in mapped.links_to(table):
        is_back = mapped.answers(link) is not None
        if link.role == Link.Role.SUBJECT and is_back == back:
            yield link


def across(founds: Sequence[Found], others: Sequence[Found]) -> bool:
    """From rows in another store (`others`, person by person the same) to rows here.

    True if one was found."""
    mapped, there = founds[0].mapped, others[0].mapped
    before = sum(len(found.rows) for found in founds)
    for link in mapped.links_to_other_stores:
        if link.role == Link.Role.SUBJECT and link.target.store_id == there.store.pk:
            target = there.by_id(link.target_id)
            parents = [
                (found, row)
                for found, other in zip(founds, others, strict=True)
                for row in other.of(target)
            ]
            _follow(mapped, link, wanted_by(there, link, parents))
    return sum(len(found.rows) for found in founds) > before


def _frontier(founds: Sequence[Found]) -> dict[int, list[tuple[Found, Row]]]:
    by_table: dict[int, list[tuple[Found, Row]]] = defaultdict(list)
    for found in founds:
        for row in found.frontier:
            if row.place not in found.withheld:
                by_table[row.table.pk].append((found, row))
        found.frontier = []
    return by_table


def _follow(mapped: Map, link: Link, parents: Parents) -> None:
    for key, said in children(mapped, link, list(parents)):
        for found, parent in meant(parents, said):
            found.add(Row(link.table, key, path_of(link, parent)))


def path_of(link: Link, parent: Row) -> str:
    return f"{', '.join(link.columns)} {ARROW} {parent.table.full_name} ({parent.path})"


def children(
    mapped: Map, link: Link, values: Sequence[tuple[Any, ...]]
) -> Iterator[tuple[Key, tuple[Any, ...]]]:
    """Key of each row that says one of the values, and what it says."""
    table, names = link.table, link.lookups
    width = len(table.key)
    is_json = any("." in name for name in link.columns)
    for chunk in chunks(values):
        wanted = [v for value in chunk for v in _as_json(value)] if is_json else chunk
        rows = mapped.rows(table).filter(matching(names, wanted), **link.when)
        for cells in values_of(rows, [*table.key, *names]):
            yield tuple(cells[:width]), tuple(cells[width:])


def _as_json(value: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """JSON keeps a number as it is or as text, everything else as text."""
    yield tuple(str(part) for part in value)
    if all(isinstance(part, int) for part in value):
        yield value


def meant(parents: Parents, said: tuple[Any, ...]) -> Sequence[tuple[Found, Row]]:
    """The two ends may have different types, or a collation that ignores case."""
    if said in parents:
        return parents[said]
    words = _words(said)
    return [each for value, some in parents.items() if _words(value) == words
            for each in some]  # fmt: skip


def _words(value: tuple[Any, ...]) -> tuple[str, ...]:
    return tuple(str(part).casefold() for part in value)


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


def _follow_withheld(found: Found) -> None:
    """What hangs on a row of the number's other owner is theirs as well."""
    frontier = list(found.withheld.values())
    while frontier:
        following = [
            Row(link.table, key, path_of(link, parent))
            for table, parents in _by_table(frontier)
            for link in owned(found.mapped, table)
            for key, parent in _linked(found, link, parents)
        ]
        frontier = []
        for row in following:
            known = found.rows.get(row.place)
            if row.place not in found.withheld and (known is None or not known.is_own):
                found.withhold(row)
                frontier.append(row)


def _by_table(rows: Sequence[Row]) -> list[tuple[Table, list[Row]]]:
    by_table: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        by_table[row.table.pk].append(row)
    return [(some[0].table, some) for some in by_table.values()]


def _linked(
    found: Found, link: Link, parents: Sequence[Row]
) -> Iterator[tuple[Key, Row]]:
    by_value = wanted_by(found.mapped, link, [(found, row) for row in parents])
    for key, said in children(found.mapped, link, list(by_value)):
        for _, parent in meant(by_value, said)[:1]:
            yield key, parent
