"""What the copy of an access request contains: every row in which the person has a
part, without what is somebody else's."""

from collections.abc import Iterator, Sequence
from typing import Any

from privacy.datamap import Map
from privacy.disclosure import says_who
from privacy.erasure.drafts import ACTED, DISCLOSE, IN_COMMON, OTHER_PARTY, Part
from privacy.erasure.planning import listing
from privacy.models import Column, Link, Table
from privacy.subjects import Found, Role, Row


def access_parts(found: Found, sources: Sequence[str] = ()) -> list[Part]:
    """The person's rows whole; of rows that are also somebody else's, the person's
    side."""
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
    """The person's side of rows that are also somebody else's. Of a row that many refer
    to, such as an address, only what holds something of theirs."""
    lists = {c.name for c in listing(found.mapped, table)}
    shared = found.of(table, Role.PARTY)
    for is_common, ground in ((False, OTHER_PARTY), (True, IN_COMMON)):
        hidden = says_who if is_common else _is_the_others
        theirs = [c for c in columns if not hidden(c) and c.name not in lists]
        said = any(c.is_personal for c in theirs)
        said = said or not any(c.is_personal for c in columns)
        some = [r for r in shared if r.is_common == is_common]
        if rows := [r for r in some if said or r.above is not None]:
            # Of who is named, the copy shows only the person (`disclosure`).
            shown = [c for c in columns if c in theirs or says_who(c)]
            yield Part(table, DISCLOSE, ground, rows, shown)


def _of_actor(mapped: Map, table: Table) -> list[Column]:
    """That they acted on the row, and when; everything else in it is about others."""
    names = {*table.key, table.start}
    for link in mapped.links_from(table):
        if link.role == Link.Role.ACTOR:
            names |= set(link.columns)
    return [c for c in mapped.columns(table) if c.name in names and not c.is_personal]


def _acted(found: Found, table: Table) -> list[Row]:
    """Rows of others in which nobody else is named as far as they are copied."""
    in_copy = {row.place for row in found.of(table, Role.SUBJECT, Role.PARTY)}
    some = found.acted.values()
    return [r for r in some if r.table.pk == table.pk and r.place not in in_copy]


def acted(found: Sequence[Found]) -> list[dict[str, Any]]:
    """Rows of others that an erasure leaves as they are: they refer to the person's
    row, which no longer says who it is."""
    some = [
        {"table": str(table), "rows": len(rows), "ground": ACTED}
        for one in found
        for table in one.mapped.tables.values()
        if (rows := _acted(one, table))
    ]
    return sorted(some, key=lambda each: str(each["table"]))


def _is_the_others(column: Column) -> bool:
    """In somebody else's row, everything except what both sides have and what was
    said."""
    either = column.whose == Column.Whose.EITHER or column.free_text
    return column.is_personal and not either


def given(mapped: Map, table: Table, sources: Sequence[str]) -> list[Column]:
    """The columns that are copied; personal ones only if they are from the given
    sources."""
    return [
        column
        for column in mapped.columns(table)
        if not sources or not column.is_personal or column.source_id in sources
    ]
