"""What a rule covers: which rows of which table, since when, and what holds keep."""

import datetime as dt
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db.models import Count, Max, Min, Q, QuerySet

from privacy import changes, holds, instants, stores
from privacy.datamap import Map
from privacy.models import Column, Rule, Table
from privacy.refusals import Refusal
from privacy.retention import linked, referring

DELETE = Rule.Action.DELETE


class NoSuchRule(Refusal):
    """There is no retention rule of that name; `retention status` shows them."""


def named(name: str) -> Rule:
    try:
        return Rule.objects.select_related("table__store").get(name=name)
    except Rule.DoesNotExist:
        raise NoSuchRule from None


def cutoff(rule: Rule, now: dt.datetime) -> dt.datetime:
    """Rows that started before this instant are past their period.

    Months are calendar months; where the day does not exist, the last day of the month.
    """
    return now - relativedelta(months=rule.months, days=rule.days)


def columns(mapped: Map, rule: Rule, table: Table) -> list[Column]:
    """The columns that a de-identifying rule changes; none for one that deletes."""
    if rule.action == DELETE:
        return []
    if rule.columns:
        return [mapped.column(table, name) for name in rule.columns]
    return [
        c
        for c in mapped.columns(table)
        if c.is_personal and c.strategy["strategy"] != "keep"
    ]


def expired(mapped: Map, rule: Rule, before: dt.datetime) -> Q:
    """The whole condition: past the period, of the rule's kind, still raw, and not kept
    back by a row that refers to it."""
    its = past(mapped, rule, before) & _raw(mapped, rule)
    return its & referring.is_free(mapped, rule)


def past(mapped: Map, rule: Rule, before: dt.datetime) -> Q:
    """Past the period and of the rule's kind, treated or not."""
    return started(mapped, rule, before) & _of_its_kind(mapped, rule, before)


def undated(rule: Rule, now: dt.datetime) -> int:
    """Rows of the rule's kind that it never ends, because they have no date."""
    return without_date(Map(rule.table.store), rule, cutoff(rule, now))


def without_date(mapped: Map, rule: Rule, before: dt.datetime) -> int:
    if not rule.start:
        return 0
    table = mapped.table(rule.table.full_name)
    missing = instants.missing(mapped.column(table, rule.start))
    if missing is None:
        return 0
    its = _of_its_kind(mapped, rule, before) & _raw(mapped, rule)
    with stores.reaching(mapped.store):
        return int(mapped.rows(table).filter(missing & its).count())


def _of_its_kind(mapped: Map, rule: Rule, before: dt.datetime) -> Q:
    for name in rule.where:
        mapped.column(mapped.table(rule.table.full_name), name.split("__")[0])
    return Q(**rule.where) & linked.condition(mapped, rule, before)


def _raw(mapped: Map, rule: Rule) -> Q:
    """What a de-identifying rule has not treated yet."""
    if rule.action == DELETE:
        return Q()
    table = mapped.table(rule.table.full_name)
    return changes.still_raw(columns(mapped, rule, table))


def started(mapped: Map, rule: Rule, before: Any) -> Q:
    """Rows that began before the instant; every row, where only rows of another table
    say since when."""
    if not rule.start:
        return Q()
    column = mapped.column(mapped.table(rule.table.full_name), rule.start)
    return instants.before(column, before)


def past_due(rule: Rule, now: dt.datetime) -> dict[str, Any]:
    """Rows past their period now: how many, the oldest, and what holds keep."""
    mapped = Map(rule.table.store)
    return count(mapped, rule, cutoff(rule, now))


def left_before(rule: Rule, before: dt.datetime) -> int:
    """Rows from before an instant that the rule would end and no hold keeps."""
    return int(count(Map(rule.table.store), rule, before)["rows"])


def count(mapped: Map, rule: Rule, before: dt.datetime) -> dict[str, Any]:
    with stores.reaching(mapped.store):
        return _counted(mapped, rule, before)


def _counted(mapped: Map, rule: Rule, before: dt.datetime) -> dict[str, Any]:
    free, kept = _split(mapped, rule, before)
    since = _since(mapped, rule)
    found = free.annotate(counted_from=since).aggregate(
        rows=Count("*"), oldest=Min("counted_from"), newest=Max("counted_from")
    )
    return {
        "rows": found["rows"],
        "held": kept,
        "oldest": _written(found["oldest"]),
        "newest": _written(found["newest"]),
        **_referred(mapped, rule, before),
    }


def _since(mapped: Map, rule: Rule) -> Any:
    if not rule.start:
        return linked.latest(mapped, rule)
    table = mapped.table(rule.table.full_name)
    return instants.ordered(mapped.column(table, rule.start))


def numbers(mapped: Map, rule: Rule, before: dt.datetime) -> dict[str, int]:
    """As `count`, without the ages: a sweep asks it twice about every row."""
    with stores.reaching(mapped.store):
        free, kept = _split(mapped, rule, before)
        kept_back = _referred(mapped, rule, before)
        return {"rows": free.count(), "held": kept, **kept_back}


def _referred(mapped: Map, rule: Rule, before: dt.datetime) -> dict[str, int]:
    """Rows past their period that stay because others refer to them, held or not; said
    of tables that others can refer to."""
    if not referring.links(mapped, rule):
        return {}
    rows = mapped.rows(mapped.table(rule.table.full_name))
    its = past(mapped, rule, before) & referring.is_kept(mapped, rule)
    return {"referred": rows.filter(its).count()}


def _split(mapped: Map, rule: Rule, before: dt.datetime) -> tuple[QuerySet[Any], int]:
    """The rows that may go, and how many a hold keeps."""
    table = mapped.table(rule.table.full_name)
    rows: QuerySet[Any] = mapped.rows(table).filter(expired(mapped, rule, before))
    held = holds.condition(mapped=mapped, table=table)
    if held is None:
        return rows, 0
    return rows.exclude(held), rows.filter(held).count()


def _written(value: Any) -> str | None:
    read = instants.read(value)
    return None if read is None else read.isoformat()
