"""Rows whose key, or reference to another row's key, identifies a person: a phone line
by its number, its card by the line. The value cannot change there, so the row is
deleted once nothing that stays refers to it."""

from collections.abc import Set

from privacy.datamap import endings
from privacy.datamap.maps import Map
from privacy.models import Column, Link, Table

MARKS = ("phone", "email", "contact")
GROUND = "{columns} is its key, or a part of it, so the rows go"


def settle(mapped: Map, known: Set[str]) -> None:
    """Settles tables that are new to the map; a table that refers comes before the one
    it refers to."""
    waiting = {
        table.pk: (table, names)
        for name, table in mapped.tables.items()
        if name not in known and table.erasure == Table.Ending.DEIDENTIFY
        if (names := [c.name for c in mapped.columns(table) if is_fixed(mapped, c)])
    }
    while ready := [
        pk for pk, (table, _) in waiting.items() if _is_free(mapped, table)
    ]:
        for pk in ready:
            table, names = waiting.pop(pk)
            table.erasure = Table.Ending.DELETE
            table.ground = GROUND.format(columns=" and ".join(names))
            table.save(update_fields=["erasure", "ground"])


def is_fixed(mapped: Map, column: Column) -> bool:
    """It identifies a person, and stays because its own row or another depends on
    it."""
    if column.ground != endings.KEY or column.identifier not in MARKS:
        return False
    table = mapped.by_id(column.table_id)
    return column.name in table.key or any(
        column.name in link.columns and link.target_columns == link.target.key
        for link in mapped.links_from(table)
        if link.is_constraint
    )


def _is_free(mapped: Map, table: Table) -> bool:
    """Whatever refers to the row is deleted too, for the same person."""
    return all(
        link.role == Link.Role.SUBJECT
        and mapped.by_id(link.table_id).erasure == Table.Ending.DELETE
        for link in mapped.links_to(table)
        if link.is_constraint
    )
