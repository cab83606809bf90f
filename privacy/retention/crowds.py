"""What a de-identifying rule leaves must be anonymous, if the rule says so.

Groups are measured on the values as they will be, before anybody approves. Once the
values are treated they are measured again, and if the rule says so, rows in groups that
are still too small lose the values that could single them out.
"""

import copy
import datetime as dt
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import Q

from privacy import changes, holds, plans, stores, strategies, subjects
from privacy.anonymity import groups
from privacy.datamap import Map
from privacy.models import Column, Plan, PlannedRow, Range, Rule
from privacy.refusals import Refusal
from privacy.retention import reach

SUPPRESS = "suppress"
FAILED = Range.Status.FAILED
ROWS = 2000  # of one statement


class TooFewAlike(Refusal):
    """The remaining rows would form groups that are too small."""


def of_rule(mapped: Map, rule: Rule, before: dt.datetime) -> groups.Crowd | None:
    """All rows past their date, treated or not, that no hold keeps as they are."""
    if rule.action == reach.DELETE or not (rule.k or rule.l):
        return None
    table = mapped.table(rule.table.full_name)
    rows = mapped.rows(table).filter(reach.past(mapped, rule, before))
    held = holds.condition(mapped=mapped, table=table)
    if held is not None:
        rows = rows.exclude(held)
    treated = reach.columns(mapped, rule, table)
    return groups.crowd(mapped, table, rows, treated, rule.k, rule.l)


def measured(mapped: Map, rule: Rule, before: dt.datetime) -> dict[str, Any]:
    """For a preview or a report, under the name `groups`; empty where no rule asks for
    it."""
    of = of_rule(mapped, rule, before)
    if of is None:
        return {}
    if rule.suppress:
        _can_be_emptied(of)
    with stores.reaching(mapped.store):
        return {"groups": groups.measure(of) | {"suppress": rule.suppress}}


def _can_be_emptied(of: groups.Crowd) -> None:
    for column in of.quasi:
        try:
            strategies.check(changes.place_of(column), EMPTIED)
        except strategies.Unsupported as error:
            raise Refusal(f"Smaller groups can't be emptied: {error}") from None


def refusal(sweep: Plan) -> str:
    """Why a sweep must not be approved as it is."""
    found = sweep.summary.get("groups")
    if not found or found["suppress"]:
        return ""
    return groups.too_small(found)


# --- emptying what is left of small groups ------------------------------------------

EMPTIED = {"strategy": "nullify"}


def columns(mapped: Map, rule: Rule) -> list[Column]:
    """The columns that are emptied."""
    found = []
    for column in mapped.columns(mapped.table(rule.table.full_name)):
        if column.attribute == Column.Attribute.QUASI:
            emptied = copy.copy(column)
            emptied.treatment = EMPTIED
            found.append(emptied)
    return found


def cut(sweep: Plan, mapped: Map, rule: Rule) -> bool:
    """Once all values are treated: ranges for the rows in small groups. False when
    there is nothing to do, or it was done before."""
    of = of_rule(mapped, rule, _before(sweep)) if rule.suppress else None
    if of is None:
        return False
    with transaction.atomic():
        plan = Plan.objects.select_for_update().get(pk=sweep.pk)
        if plan.status != plans.Status.RUNNING or not plans.is_worked_off(plan):
            return False
        if plan.ranges.filter(Q(action=SUPPRESS) | Q(status=FAILED)).exists():
            return False
        return any([_range(plan, of, keys) for keys in _keys(of)])


def _keys(of: groups.Crowd) -> Iterator[tuple[Any, ...]]:
    rows = groups.alone(of).values_list(*of.table.key).iterator(chunk_size=ROWS)
    while some := tuple(islice(rows, ROWS)):
        yield some


def _range(plan: Plan, of: groups.Crowd, keys: tuple[Any, ...]) -> Range:
    """Rows by key, sealed because keys may be e-mail addresses."""
    last = plan.ranges.order_by("-ordinal").values_list("ordinal", flat=True).first()
    piece = plan.ranges.create(table=of.table, action=SUPPRESS, ordinal=(last or 0) + 1)
    PlannedRow.objects.bulk_create(
        PlannedRow(
            plan=plan,
            table=of.table,
            range=piece,
            key=subjects.written_key(tuple(key)),
            action=SUPPRESS,
        )
        for key in keys
    )
    return piece


def _before(sweep: Plan) -> dt.datetime:
    if sweep.cutoff is None:
        raise reach.NoSuchRule
    return sweep.cutoff
