"""Correction: replacing a wrong value about a person in all stores.

Each row that would change is planned with its value before and after, sealed; a second
person sees both and approves; the change goes through the one path (`destruction`). The
value before is part of the statement, so a value that somebody has changed in the
meantime is left alone and the plan is reported as incomplete.
"""

import contextlib
import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, TextField, Value
from django.db.models.functions import Cast
from django.db.models.lookups import Exact

from privacy import identifiers as words
from privacy import plans, subjects
from privacy.changes import place_of
from privacy.datamap import Map
from privacy.destruction import Ending
from privacy.erasure import freezing
from privacy.erasure.drafts import CORRECT, Part
from privacy.models import Column, Identifier, Plan, PlannedRow, Range, Store, Table
from privacy.models.sealing import ring
from privacy.refusals import Refusal
from privacy.strategies.base import Unsupported
from privacy.strategies.constant import typed
from privacy.subjects import Found, Key, Row


class NothingToCorrect(Refusal):
    """Say which field is wrong and what it should be."""


class NoSuchField(Refusal):
    """The map has no such field; write it as store.table.column."""


class NotCorrectable(Refusal):
    """Only the person's own personal data can be corrected, and never a key."""


class NothingFound(Refusal):
    """None of the person's rows holds that value in that field."""


@dataclass(frozen=True)
class Change:
    """`field` is store.table.column; without `before`, the value is wrong in every
    row."""

    field: str
    after: str
    before: str = ""


def plan(
    *,
    identifiers: Sequence[Identifier],
    changes: Sequence[Change],
    title: str,
    received_at: dt.datetime,
    by: str,
    now: dt.datetime,
) -> Plan:
    """A draft that changes nothing until a second person approves it."""
    if not changes or any(not each.field.strip() for each in changes):
        raise NothingToCorrect
    marks = [words.value(row) for row in identifiers]
    found = subjects.everywhere(marks=marks, at=received_at)
    wrong = _wrong(found, changes)
    if not wrong:
        raise NothingFound
    parts = [
        Part(table, CORRECT, "", [line.row for line in lines.values()], _columns(lines))
        for table, lines in wrong.items()
    ]
    with transaction.atomic():
        made = freezing.freeze(
            Plan.Kind.CORRECTION, found, parts, title, received_at, by, now
        )
        _keep(made, wrong)
    return made


def fields() -> list[str]:
    """Every field that can be corrected, as store.table.column."""
    found = []
    for store in Store.objects.filter(kind=Store.Kind.DATABASE):
        mapped = Map(store)
        for table in mapped.tables.values():
            for column in mapped.columns(table):
                with contextlib.suppress(NotCorrectable):
                    found.append(str(_correctable(mapped, table, column)))
    return sorted(found)


# --- what is wrong --------------------------------------------------------------

Values = dict[str, tuple[str | None, str]]  # field of a row to before and after


@dataclass
class Wrong:
    """One row, and what is wrong in which of its columns."""

    row: Row
    columns: list[Column]
    values: Values


def _wrong(
    found: Sequence[Found], changes: Sequence[Change]
) -> dict[Table, dict[Key, Wrong]]:
    wrong: dict[Table, dict[Key, Wrong]] = {}
    for change in changes:
        one, table, column = _field(found, change.field)
        _fits(column, change.after)
        for row, before in _values(one, table, column):
            if before == change.after or change.before not in ("", before):
                continue
            line = wrong.setdefault(table, {}).setdefault(row.key, Wrong(row, [], {}))
            line.columns.append(column)
            line.values[column.full_name] = (before, change.after)
    return wrong


def _field(found: Sequence[Found], name: str) -> tuple[Found, Table, Column]:
    for one in found:
        for table in one.mapped.tables.values():
            for column in one.mapped.columns(table):
                if str(column) == name.strip():
                    return one, table, _correctable(one.mapped, table, column)
    raise NoSuchField(f"The map has no field {name.strip()}; write store.table.column.")


def _correctable(mapped: Map, table: Table, column: Column) -> Column:
    """Keys and links are excluded: a key names the row, and a link says nothing about
    the person."""
    linked = {name for link in mapped.links_from(table) for name in link.columns}
    if not column.is_personal or column.name in {*table.key, *linked}:
        raise NotCorrectable
    if column.whose != Column.Whose.SUBJECT or column.identifier == "credential":
        raise NotCorrectable
    return column


def _fits(column: Column, after: str) -> None:
    try:
        new_value(column, after)
    except Unsupported as error:
        raise NotCorrectable(str(error)) from None


def new_value(column: Column, after: str) -> Any:
    place = place_of(column)
    if place.path:
        return place.fit(Cast(Value(after), TextField()))
    return typed(place, after)


def _values(
    one: Found, table: Table, column: Column
) -> Iterator[tuple[Row, str | None]]:
    """The person's own rows of a table, each with the text of the field."""
    own = {row.key: row for row in one.of(table)}
    if not own:
        return
    rows = one.mapped.rows(table).filter(subjects.by_key(table, list(own)))
    text = rows.annotate(value_=Cast(place_of(column).value, TextField()))
    for *key, value in text.order_by().values_list(*table.key, "value_"):
        yield own[tuple(key)], value


def _columns(lines: Mapping[Key, Wrong]) -> list[Column]:
    found = {c.full_name: c for line in lines.values() for c in line.columns}
    return list(found.values())


# --- kept -----------------------------------------------------------------------


def _keep(made: Plan, wrong: dict[Table, dict[Key, Wrong]]) -> None:
    """Stores one range for each row, with both values sealed and covered by the
    digest."""
    by_key: dict[tuple[int, str], Values] = {
        (table.pk, subjects.written_key(key)): line.values
        for table, lines in wrong.items()
        for key, line in lines.items()
    }
    prints = []
    for ordinal, planned in enumerate(made.rows.order_by("pk"), 1):
        values = by_key[planned.table_id, planned.key.open()]
        said = json.dumps(values, sort_keys=True, ensure_ascii=False)
        piece = Range.objects.create(
            plan=made, table_id=planned.table_id, action=CORRECT, ordinal=ordinal
        )
        PlannedRow.objects.filter(pk=planned.pk).update(range=piece, change=said)
        prints.append(_print(said))
    made.digest = plans.freeze({"rows": made.digest, "changes": prints})
    made.save(update_fields=["digest"])


def _print(said: str) -> str:
    secret = next(iter(ring(tuple(settings.IDENTIFIER_KEYS)).values()))
    return hmac.new(secret, said.encode(), hashlib.sha256).hexdigest()


def values_of(planned: PlannedRow) -> Values:
    """Maps each field to its values before and after, for the person who approves."""
    said = planned.change.open() if planned.change is not None else "{}"
    return {name: (pair[0], pair[1]) for name, pair in json.loads(said).items()}


# --- done -----------------------------------------------------------------------


def ending(mapped: Map, table: Table, planned: PlannedRow, rows: Q) -> Ending:
    """The change of one row, made only while every field still holds the old value."""
    new: dict[str, Any] = {}
    for name, (before, after) in values_of(planned).items():
        column = mapped.column(table, name)
        place = place_of(column)
        rows &= _holds(column, before)
        whole = new.get(column.name, F(column.name))
        new[column.name] = place.put(whole, new_value(column, after))
    return Ending(mapped, table, rows, [], values=new)


def _holds(column: Column, value: str | None) -> Q:
    place = place_of(column)
    text = Cast(place.value, TextField())
    if value is None:
        return ~place.present
    return Q(Exact(text, Value(value)))


def not_done(plan: Plan) -> list[str]:
    """Rows that do not hold what was approved, because the value had changed."""
    left: dict[str, int] = {}
    tables = Table.objects.filter(pk__in=plan.rows.values("table"))
    for table in tables.select_related("store"):
        mapped = Map(table.store)
        known = mapped.tables[table.full_name]
        for planned in plan.rows.filter(table=table):
            if not _is_done(mapped, known, planned):
                left[str(table)] = left.get(str(table), 0) + 1
    return [
        f"{name}: {rows} rows have changed since; plan them again."
        for name, rows in left.items()
    ]


def _is_done(mapped: Map, table: Table, planned: PlannedRow) -> bool:
    key: Key = subjects.read_key(mapped, table, planned.key.open())
    rows = mapped.rows(table).filter(subjects.by_key(table, [key]))
    for name, (_, after) in values_of(planned).items():
        column = mapped.column(table, name)
        value = new_value(column, after)
        rows = rows.filter(Exact(place_of(column).whole, value))
    return bool(rows.exists())
