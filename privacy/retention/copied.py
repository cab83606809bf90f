"""What triggers of the store copy elsewhere while a sweep ends rows.

A sweep ends the rows of one table; a history that a trigger writes meanwhile would keep
them, and "done" would hide it. So whoever approves the sweep reads of it first, and the
report repeats it.
"""

from collections.abc import Iterator

from django.db import connections

from privacy.datamap import Map
from privacy.models import Column, Rule, Table
from privacy.sql import triggers

SAID = (
    "A trigger of the store writes into {into} when rows of {table} are ended. This "
    "sweep does not end what it writes there: {what}"
)
RULE = "the rule “{title}” does, by its own date."
NONE = "give {into} a rule of its own, or change the trigger."


def said(mapped: Map, rule: Rule, table: Table) -> list[str]:
    """A sentence for each table with personal or unreviewed columns that is written."""
    connection = connections[mapped.alias]
    name = mapped.model(table)._meta.db_table
    if connection.vendor == "postgresql":
        name = connection.ops.quote_name(name)
    event = "DELETE" if rule.action == Rule.Action.DELETE else "UPDATE"
    texts = triggers.texts(connection, name, event)
    return [
        SAID.format(into=each, table=table, what=_what(each))
        for each in (_personal(mapped, table) if texts else ())
        if any(triggers.writes_into(text, each.name) for text in texts)
    ]


def _personal(mapped: Map, swept: Table) -> Iterator[Table]:
    for table in mapped.tables.values():
        if table.pk != swept.pk and any(
            column.is_personal or column.state == Column.State.UNKNOWN
            for column in mapped.columns(table)
        ):
            yield table


def _what(into: Table) -> str:
    rule = Rule.objects.filter(table=into, is_active=True).first()
    return RULE.format(title=rule.title) if rule else NONE.format(into=into)
