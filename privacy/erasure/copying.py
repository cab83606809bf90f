"""What a person gets a copy of: every row in which they have a part, without what is
somebody else's.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from privacy.datamap import Map
from privacy.erasure.drafts import ACTED, DISCLOSE, OTHER_PARTY, Part
from privacy.erasure.planning import listing
from privacy.models import Column, Link, Table
from privacy.subjects import Found, Role, Row


def access_parts(found: Found, sources: Sequence[str] = ()) -> list[Part]:
    """A copy of what is the person's; of what is also somebody else's, their side."""
    parts = []
    for table in found.mapped.tables.values():
        columns = given(found.mapped, table, sources)
        if own := found.of(table):
            parts.append(Part(table, DISCLOSE, "", own, columns))
        parts += _shared(found, table, columns)
        if acted := _acted(found, table):
            mine = _of_actor(found.mapped, table)
            parts.append(Part(table, DISCLOSE, ACTED, acted, mine))
    return [p for p in parts if not sources or any(c.is_personal for c in p.columns)]


def _shared(found: Found, table: Table, columns: Sequence[Column]) -> Iterator[Part]:
    """The person's side of rows that are somebody else's too; of one that many refer
    to, such as an address, only where something of theirs is in it."""
    lists = {c.name for c in listing(found.mapped, table)}
    theirs = [c for c in columns if not _is_the_others(c) and c.name not in lists]
    said = any(c.is_personal for c in theirs) or not any(c.is_personal for c in columns)
    rows = [r for r in found.of(table, Role.PARTY) if said or r.above is not None]
    if rows:
        yield Part(table, DISCLOSE, OTHER_PARTY, rows, theirs)


def _of_actor(mapped: Map, table: Table) -> list[Column]:
    """That they had to do with it, and when: what else the row says is of others."""
    names = {*table.key, table.start}
    for link in mapped.links_from(table):
        if link.role == Link.Role.ACTOR:
            names |= set(link.columns)
    return [c for c in mapped.columns(table) if c.name in names and not c.is_personal]


def _acted(found: Found, table: Table) -> list[Row]:
    """Rows of others that a copy has only as far as nobody else is in them."""
    in_copy = {row.place for row in found.of(table, Role.SUBJECT, Role.PARTY)}
    some = found.acted.values()
    return [r for r in some if r.table.pk == table.pk and r.place not in in_copy]


def acted(found: Sequence[Found]) -> list[dict[str, Any]]:
    """What an erasure leaves as it is: rows of others that name the person's row, which
    no longer says who it is."""
    some = [
        {"table": str(table), "rows": len(rows), "ground": ACTED}
        for one in found
        for table in one.mapped.tables.values()
        if (rows := _acted(one, table))
    ]
    return sorted(some, key=lambda each: str(each["table"]))


def _is_the_others(column: Column) -> bool:
    """In a row of somebody else, all but what either side has and what was said."""
    either = column.whose == Column.Whose.EITHER or column.free_text
    return column.is_personal and not either


def given(mapped: Map, table: Table, sources: Sequence[str]) -> list[Column]:
    """The columns that are copied: of personal ones, those from these sources."""
    return [
        column
        for column in mapped.columns(table)
        if not sources or not column.is_personal or column.source_id in sources
    ]
