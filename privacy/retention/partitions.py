"""Partitions that are past their date as a whole: they are dropped.

`[lower, upper)` of the catalogue becomes the half-open `(lower, upper]` that all ranges
have, by one step of the column's type.
"""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

from django.db import connections

from privacy.datamap import Map
from privacy.models import Rule, Table
from privacy.retention import referring
from privacy.sql import statements

BOUNDS = re.compile(r"FOR VALUES FROM \('(.+)'\) TO \('(.+)'\)")
STEPS = {
    "DateTimeField": dt.timedelta(microseconds=1),
    "DateField": dt.timedelta(days=1),
}


@dataclass(frozen=True)
class Partition:
    name: str  # quoted, with its schema
    lower: str
    upper: str


def past(mapped: Map, rule: Rule, table: Table, before: Any) -> list[Partition]:
    """Partitions whose rows all started before the cut-off, the oldest first."""
    if rule.action != Rule.Action.DELETE or rule.where or rule.linked:
        return []
    if referring.links(mapped, rule):  # some of its rows may be kept back
        return []
    field = mapped.model(table)._meta.get_field(rule.start)
    step = STEPS.get(mapped.column(table, rule.start).kind)
    connection = connections[mapped.alias]
    listed = statements.partitions(connection, table.schema, table.name, rule.start)
    if step is None:
        return []
    found = []
    for name, bounds in listed:
        if said := BOUNDS.fullmatch(bounds):  # not the default, not an open end
            lower, upper = (_aware(field.to_python(text)) for text in said.groups())
            if upper <= field.to_python(before):
                found.append((lower - step, upper - step, name))
    return [Partition(name, str(low), str(high)) for low, high, name in sorted(found)]


def _aware(value: Any) -> Any:
    """Columns without a time zone are read as UTC, here as in every query."""
    if isinstance(value, dt.datetime) and value.tzinfo is None:
        return value.replace(tzinfo=dt.UTC)
    return value
