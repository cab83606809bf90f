"""Looking at one place: showing its content this once, and what can be decided about
it."""

import copy
import datetime as dt
import json

from privacy import audit, changes, stores, strategies, subjects
from privacy.datamap import Map
from privacy.leftovers.noting import STAYS
from privacy.models import Column, Leftover, Table
from privacy.refusals import Refusal, reason_given
from privacy.subjects import Row

Decision = Leftover.Decision
SHOWN = 4000  # characters
PLAIN = ("AutoField", "IntegerField", "UUIDField")  # a key that says nothing


class NotShown(Refusal):
    """Its content can't be shown here; see the place for where it is."""


def reveal(*, leftover: Leftover, reason: str, by: str, now: dt.datetime) -> str:
    """Its content, this once; the audit trail says who saw it and why."""
    reason = reason_given(reason)
    text = _content(leftover)
    audit.record(
        action="leftover.revealed", subject=f"leftover:{leftover.pk}", by=by, now=now,
        reason=reason,
    )  # fmt: skip
    return text[:SHOWN]


def _content(leftover: Leftover) -> str:
    if leftover.storage is not None:
        [path] = json.loads(leftover.key.open())
        return str(path)
    mapped, table, row = row_of(leftover)
    rows = mapped.rows(table).filter(subjects.by_key(table, [row.key]))
    with stores.reaching(mapped.store):
        found = rows.values_list(leftover.column, flat=True).first()
    if isinstance(found, bytes | memoryview):
        return bytes(found).decode("utf-8", "replace")
    return "It is empty now." if found is None else str(found)


def row_name(leftover: Leftover) -> str:
    """Its row by its key, as in “id 4711”; empty where the key may itself name the
    person, as the name of a file does, or an address that is the key."""
    values, table = json.loads(leftover.key.open()), leftover.table
    if leftover.storage is not None:
        return ""
    if table is None:  # one of the portal's own, or a table that the map does not know
        is_number = all(str(each).isdecimal() and len(each) < 10 for each in values)
        return f"row {'/'.join(values)}" if is_number else ""
    plain = {each.name for each in table.columns.all() if _is_plain(each)}
    if not plain.issuperset(table.key):
        return ""
    pairs = zip(table.key, values, strict=True)
    return ", ".join(f"{name} {value}" for name, value in pairs)


def _is_plain(column: Column) -> bool:
    return not column.identifier and column.kind.endswith(PLAIN)


def row_of(leftover: Leftover) -> tuple[Map, Table, Row]:
    if leftover.table is None or not leftover.table.has_key:
        raise NotShown
    mapped = Map(leftover.table.store)
    table = mapped.table(leftover.table.full_name)
    key = subjects.read_key(mapped, table, leftover.key.open())
    return mapped, table, Row(table, key, "still there after the erasure")


def possible(leftover: Leftover) -> dict[Decision, str]:
    """The possible decisions, each with why it is impossible, or empty."""
    return {each: _why_not(leftover, each) for each in Decision}


def _why_not(leftover: Leftover, decision: Decision) -> str:
    if decision in STAYS:
        return ""
    if leftover.storage is not None:
        is_file = decision == Decision.EMPTY
        return "" if is_file else "The name of a file stays as long as the file does."
    try:
        mapped, table, _ = row_of(leftover)
        column = column_of(mapped, table, leftover.column, decision)
        strategies.check(changes.place_of(column), column.treatment)
    except NotShown:
        return "It is in a table whose rows can't be told apart."
    except (Refusal, strategies.Unsupported) as refused:
        return str(refused)
    return ""


def column_of(mapped: Map, table: Table, name: str, decision: str) -> Column:
    column = copy.copy(mapped.column(table, name))
    is_redacted = decision == Decision.REDACT
    column.treatment = {"strategy": "redact" if is_redacted else "nullify"}
    return column
