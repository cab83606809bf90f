"""Rows that refer to the person's rows, and so are about the same person."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from privacy.models import Link
from privacy.subjects.rows import Found, Row, by_key, chunks, matching, values_of


def follow(found: Found) -> None:
    """From each of the person's rows to the rows that are about the same person."""
    _follow_withheld(found)
    frontier = [row for row in found.rows.values() if not row.is_mention]
    while frontier:
        by_table: dict[int, list[Row]] = defaultdict(list)
        for row in frontier:
            by_table[row.table.pk].append(row)
        frontier = [
            row
            for rows in by_table.values()
            for link in found.mapped.links_to(rows[0].table)
            if link.role == Link.Role.SUBJECT
            for row in _linked(found, link, rows)
            if found.add(row)
        ]


def _follow_withheld(found: Found) -> None:
    """What hangs on a row of the number's earlier owner is theirs as well."""
    frontier = list(found.withheld.values())
    while frontier:
        following = [
            row
            for parent in frontier
            for link in found.mapped.links_to(parent.table)
            if link.role == Link.Role.SUBJECT
            for row in _linked(found, link, [parent])
            if (row.table.pk, row.key) not in found.withheld
        ]
        for row in following:
            place = (row.table.pk, row.key)
            if place not in found.rows or found.rows[place].is_mention:
                found.rows.pop(place, None)
                found.withheld[place] = row
        frontier = following


def _linked(found: Found, link: Link, parents: Sequence[Row]) -> Iterator[Row]:
    table, mapped = link.table, found.mapped
    path = f"{', '.join(link.columns)} → {link.target.full_name}"
    for values in _targets(found, link, parents):
        rows = mapped.rows(table).filter(matching(link.columns, values))
        for key in values_of(rows, table.key):
            yield Row(table, key, f"{path} ({parents[0].path})")


def _targets(
    found: Found, link: Link, parents: Sequence[Row]
) -> Iterator[list[tuple[Any, ...]]]:
    """The values that children refer to; mostly the parents' own keys."""
    keys = [row.key for row in parents]
    if link.target_columns == link.target.key:
        yield from chunks(keys)
        return
    for chunk in chunks(keys):
        rows = found.mapped.rows(link.target).filter(by_key(link.target, chunk))
        yield [v for v in values_of(rows, link.target_columns) if None not in v]
