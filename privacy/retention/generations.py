"""Rows that refer to rows of their own table go in one sweep, generation after
generation: whoever refers to none goes first, then those that only they kept back.

Each generation is one more pass over the table with the rule's own condition, so a row
that is held, not due, or referred to from elsewhere keeps all that it leads up to.
"""

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from privacy import holds, plans
from privacy.datamap import Map
from privacy.models import Plan, Range, Rule
from privacy.retention import reach, referring, surge

MOST = 100  # in one sweep; of a longer chain the next sweep takes the rest
BEFORE, PASSES = "ended_before", "passes"  # in a running sweep's account


def again(sweep: Plan, mapped: Map, rule: Rule, now: dt.datetime) -> bool:
    """Begins one more pass, once all ranges are done; true too where another worker has
    begun it. False where the last pass freed nobody."""
    if not referring.is_own_child(mapped, rule):
        return False
    with transaction.atomic():
        plan = Plan.objects.select_for_update().get(pk=sweep.pk)
        if plan.status == plans.Status.RUNNING and not plan.is_cut:
            return True
        if not _may_begin(plan, mapped, rule, now):
            return False
        ended = plans.account(plan, now).rows
        said = {BEFORE: ended, PASSES: _passes(plan) + 1}
        plan.residue = {**(plan.residue or {}), **said}
        plan.frontier, plan.is_cut = None, False
        plan.save(update_fields=["residue", "frontier", "is_cut"])
    return True


def uncounted(sweep: Plan, mapped: Map, rule: Rule) -> Q:
    """After the first pass: not the rows that holds kept, which it has counted."""
    if not referring.is_own_child(mapped, rule):
        return Q()
    sweep.refresh_from_db(fields=["residue"])
    held = _held(sweep, mapped, rule) if _passes(sweep) else None
    return Q() if held is None else ~held


def _may_begin(plan: Plan, mapped: Map, rule: Rule, now: dt.datetime) -> bool:
    if plan.status != plans.Status.RUNNING or not plans.is_worked_off(plan):
        return False
    if plan.ranges.filter(status=Range.Status.FAILED).exists() or _passes(plan) >= MOST:
        return False
    ended = plans.account(plan, now).rows
    if ended <= (plan.residue or {}).get(BEFORE, 0):
        return False
    more = int(_not_held(plan, mapped, rule).count())
    return more > 0 and surge.is_in_proportion(rule, plan, ended + more)


def _passes(plan: Plan) -> int:
    return int((plan.residue or {}).get(PASSES, 0))


def _not_held(plan: Plan, mapped: Map, rule: Rule) -> QuerySet[Any]:
    table = mapped.table(rule.table.full_name)
    before = plan.cutoff or plan.planned_at
    rows: QuerySet[Any] = mapped.rows(table).filter(reach.expired(mapped, rule, before))
    held = _held(plan, mapped, rule)
    return rows if held is None else rows.exclude(held)


def _held(plan: Plan, mapped: Map, rule: Rule) -> Q | None:
    table = mapped.table(rule.table.full_name)
    return holds.condition(mapped=mapped, table=table, plan=plan)
