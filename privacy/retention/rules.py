"""A retention rule made in one step, checked against the map."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from privacy import audit, stores
from privacy.datamap import Map
from privacy.datamap.maps import DATES
from privacy.models import Category, Promise, Rule, Table
from privacy.refusals import Refusal

PROMISE = "retained-no-longer"


class BadRule(Refusal):
    """That is no retention rule. Nothing was changed."""


def make(
    *,
    name: str,
    place: str,
    start: str,
    where: Mapping[str, str],
    category: str,
    by: str,
    now: dt.datetime,
    **said: Any,
) -> Rule:
    """A rule for the table `STORE.TABLE`, counted from its date column `start`.

    `said` are fields of the rule: months, days, action, title, citation. Without a
    category it is that of most of the table's columns. It ends nothing before a sweep
    was previewed and approved.
    """
    store, _, table_name = place.partition(".")
    mapped = Map(stores.named(store))
    table = mapped.table(table_name)
    if mapped.column(table, start).kind not in DATES:
        raise BadRule(f"{table}.{start} is not a date. Nothing was changed.")
    if not said.get("months") and not said.get("days"):
        raise BadRule("Say after how many months or days. Nothing was changed.")
    rule = Rule(name=name, table=table, start=start, **said)
    rule.where = {key: _value(mapped, table, key, text) for key, text in where.items()}
    rule.category = _category(mapped, table, category)
    rule.promise = Promise.objects.get(code=PROMISE)
    return _keep(rule, by, now)


def _keep(rule: Rule, by: str, now: dt.datetime) -> Rule:
    try:
        rule.full_clean()
    except ValidationError as error:
        words = " ".join(error.messages)
        raise BadRule(f"{words} Nothing was changed.") from None
    with transaction.atomic():
        rule.save()
        subject = f"rule:{rule.pk}"
        audit.record(action="rule.added", subject=subject, by=by, now=now)
    return rule


def _value(mapped: Map, table: Table, name: str, text: str) -> Any:
    """In the column's own type, as far as JSON has it."""
    mapped.column(table, name)
    try:
        value = mapped.model(table)._meta.get_field(name).to_python(text)
    except ValidationError:
        raise BadRule(f"{table}.{name} can't hold that. Nothing was changed.") from None
    return value if isinstance(value, bool | int | float) else str(value)


def _category(mapped: Map, table: Table, code: str) -> Category:
    used = Counter(c.category_id for c in mapped.columns(table) if c.category_id)
    wanted = code or next(iter(dict(used.most_common(1))), "")
    try:
        return Category.objects.get(code=wanted)
    except Category.DoesNotExist:
        raise BadRule(
            f"Say the category of what {table} holds. Nothing was changed."
        ) from None
