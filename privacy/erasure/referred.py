"""Rows of the person to which rows that stay refer within their own table, such as a
message that somebody else answered. The foreign key refuses to delete them, so they are
de-identified."""

from collections.abc import Iterator, Sequence

from privacy.models import Link, Table
from privacy.subjects import Found, Key, Row, steps


def by_what_stays(found: Found, table: Table, rows: Sequence[Row]) -> set[Key]:
    """Keys of those of the rows that have to stay, because one refers to them that is
    not among them; what these refer to has to stay as well."""
    going = {row.key for row in rows}
    within = [
        link
        for link in found.mapped.links_to(table)
        if link.is_constraint and link.table_id == table.pk
    ]
    pairs = [pair for link in within for pair in _pairs(found, link, rows)]
    stay: set[Key] = set()
    while more := {
        up for key, up in pairs if (key not in going or key in stay) and up not in stay
    }:
        stay |= more
    return stay


def _pairs(found: Found, link: Link, rows: Sequence[Row]) -> Iterator[tuple[Key, Key]]:
    """Each row that refers to one of these, and to which."""
    by_value = steps.wanted_by(found.mapped, link, [(found, row) for row in rows])
    for key, said in steps.children(found.mapped, link, list(by_value)):
        for _, up in steps.meant(by_value, said):
            yield key, up.key
