"""Makes a retention rule in one step, checked against the map."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import BooleanField

from privacy import audit, instants, stores
from privacy.datamap import Map
from privacy.models import Category, Promise, Rule, Table
from privacy.refusals import Refusal
from privacy.retention import cutting, linked, reach

PROMISE = "retained-no-longer"
NO_DATE = (
    "{column} is not a date, nor Unix time in seconds or milliseconds, nor text like "
    "2026-11-28. Nothing was changed."
)
YES_OR_NO = {"true": True, "yes": True, "false": False, "no": False}


class BadRule(Refusal):
    """That is not a retention rule. Nothing was changed."""


def make(
    *,
    name: str,
    place: str,
    start: str,
    where: Mapping[str, str],
    others: str,
    category: str,
    by: str,
    now: dt.datetime,
    **said: Any,
) -> Rule:
    """A rule for the table `STORE.TABLE`, counted from its date column `start`, or from
    the date in a sentence of `others` (see `linked`).

    `said` are fields of the rule: months, days, action, title, citation. Without a
    category it gets that of most of the table's columns. Nothing happens before a sweep
    was previewed and approved.
    """
    store, _, table_name = place.partition(".")
    if not table_name:
        raise BadRule("Write the table as STORE.TABLE. Nothing was changed.")
    mapped = Map(stores.named(store))
    table = mapped.table(table_name)
    rule = Rule(name=name, table=table, start=start, **said)
    rule.where = {key: _value(mapped, table, key, text) for key, text in where.items()}
    rule.linked = linked.read(mapped, table, others, must_date=not start)
    check(mapped, rule)
    if not (rule.months or rule.days or _is_fixed(rule)):
        raise BadRule("Say after how many months or days. Nothing was changed.")
    if rule.action != reach.DELETE and not reach.columns(mapped, rule, table):
        raise BadRule(
            f"{table} has no personal value to end, so there is nothing to "
            "de-identify; a rule can delete its rows. Nothing was changed."
        )
    rule.category = _category(mapped, table, category)
    rule.promise = Promise.objects.get(code=PROMISE)
    return _keep(rule, by, now)


def others(*, table: Table, start: str, text: str) -> list[linked.Condition]:
    """Conditions on other tables, from sentences, for a rule of this table.

    Raises what `check` and `linked.read` raise.
    """
    mapped = Map(table.store)
    table = mapped.table(table.full_name)
    found = linked.read(mapped, table, text, must_date=not start)
    if found or not start:
        check(mapped, Rule(table=table, start=start, linked=found))
    return found


def sentences(rule: Rule) -> str:
    """Its conditions on other tables, one on each line."""
    return "\n".join(map(linked.written, rule.linked))


def check(mapped: Map, rule: Rule) -> None:
    """Whether the map has a date to count from, and a way to go through the rows."""
    table = mapped.table(rule.table.full_name)
    if rule.start:
        column = mapped.column(table, rule.start)
        with stores.reaching(mapped.store):
            if not instants.is_date(mapped, table, column):
                raise BadRule(NO_DATE.format(column=f"{table}.{rule.start}"))
    elif not linked.dated(rule.linked):
        raise BadRule(
            "Say which date it counts from: one of the table, or of the rows it must "
            "be without. Nothing was changed."
        )
    elif not cutting.cutter(mapped, rule, table):
        raise BadRule(
            f"{table} can't be swept in parts: it has neither a numeric key nor a date "
            "to count from. Nothing was changed."
        )


def _is_fixed(rule: Rule) -> bool:
    """A date instead of a period, as in “without invoice since 2025-01-01”."""
    return not rule.start and any(one["since"] for one in linked.dated(rule.linked))


def _keep(rule: Rule, by: str, now: dt.datetime) -> Rule:
    try:
        rule.full_clean()
    except ValidationError as error:
        said = (f"{k}: {' '.join(v)}" for k, v in error.message_dict.items())
        raise BadRule(f"{' '.join(said)} Nothing was changed.") from None
    with transaction.atomic():
        rule.save()
        subject = f"rule:{rule.pk}"
        audit.record(action="rule.added", subject=subject, by=by, now=now)
    return rule


def _value(mapped: Map, table: Table, name: str, text: str) -> Any:
    """In the column's own type, as far as JSON has it."""
    mapped.column(table, name)
    try:
        field = mapped.model(table)._meta.get_field(name)
        if isinstance(field, BooleanField):
            text = str(YES_OR_NO.get(text.strip().lower(), text))
        value = field.to_python(text)
    except ValidationError:
        raise BadRule(f"{table}.{name} can't hold that. Nothing was changed.") from None
    return value if isinstance(value, bool | int | float) else str(value)


def _category(mapped: Map, table: Table, code: str) -> Category:
    used = Counter(c.category_id for c in mapped.columns(table) if c.category_id)
    wanted = code or next(iter(dict(used.most_common(1))), "")
    try:
        return Category.objects.get(code=wanted)
    except Category.DoesNotExist:
        codes = ", ".join(Category.objects.values_list("code", flat=True))
        raise BadRule(
            f"Say the category of what {table} holds, one of {codes}. Nothing was "
            "changed."
        ) from None
