"""Keys in documents that nobody has classified yet.

New keys begin in new rows, so the rows written last are read: at most a hundred, by
their key, in one statement for all documents of a table.
"""

from collections.abc import Iterator
from typing import Any

from django.db import DatabaseError, connections
from django.db.models import F, TextField
from django.db.models.functions import Cast, Left

from privacy import stores
from privacy.datamap import called, inside, keyless, words
from privacy.datamap.maps import Map
from privacy.datamap.sampling import HEAVY
from privacy.datamap.schema import LiveTable
from privacy.datamap.verdicts import Around
from privacy.models import Column, Table

NEWEST = 100  # rows


def find(
    mapped: Map, table: Table, real: LiveTable
) -> Iterator[tuple[Column, list[str]]]:
    """Accepted columns with the paths in them that look personal and have no word in
    the map."""
    columns = [c for c in mapped.columns(table) if _is_asked(c, mapped, table, real)]
    if not columns or not real.readable:
        return
    around, texts = _around(table, real), _texts(mapped, table, columns)
    for column in columns:
        some = texts.get(column.name, [])
        fresh = inside.unknown(column, mapped.columns(table), some, around)
        if fresh:
            yield column, sorted(".".join(path) for path in fresh)


def _is_asked(column: Column, mapped: Map, table: Table, real: LiveTable) -> bool:
    """A document as the map has it, whatever the type of its column."""
    if column.path or column.state != Column.State.ACCEPTED:
        return False
    is_document = column.kind == "JSONField" or "facts" in column.options
    is_document |= any(c.path for c in mapped.columns(table) if c.name == column.name)
    kinds = {live.name: live.kind for live in real.columns}
    return is_document and kinds.get(column.name) == column.kind


def _texts(mapped: Map, table: Table, columns: list[Column]) -> dict[str, list[str]]:
    asked: dict[str, Any] = {
        f"text_{number}": Left(Cast(F(column.name), TextField()), HEAVY)
        for number, column in enumerate(columns)
    }
    rows = mapped.rows(table)
    if table.key != keyless.KEY:
        rows = rows.order_by(*[f"-{name}" for name in table.key])
    with stores.reaching(mapped.store):
        try:
            found = list(rows.values_list(*asked.values())[:NEWEST])
        except DatabaseError:
            connection = connections[mapped.alias]
            if connection.connection is None or not connection.is_usable():
                raise
            return {}  # the catalogue says what is wrong with it
    return {
        column.name: [row[number] for row in found if row[number]]
        for number, column in enumerate(columns)
    }


def _around(table: Table, real: LiveTable) -> Around:
    """As discovery saw it, as far as the map has kept it."""
    about = table.about
    return Around(
        table.name,
        prefix=called.prefix(real),
        is_person=about == Table.About.PERSON,
        of_people=about != Table.About.CONTEXT,
        of_things=about == Table.About.CONTEXT and words.is_about_things(table.name),
    )
