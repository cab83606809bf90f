"""A sweep at work: ranges cut as workers come for them, ended, looked at again."""

import datetime as dt
import math
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from privacy import destruction, plans, stores
from privacy.datamap import Map
from privacy.destruction import Clock, Ending
from privacy.models import Plan, Range, Rule, Table
from privacy.retention import previews, reach
from privacy.sql import statements


def carry_out(*, sweep: Plan, clock: Clock) -> Plan:
    """Run or resume an approved sweep until nothing is left for this worker."""
    sweep.refresh_from_db()
    if sweep.status not in (plans.Status.APPROVED, plans.Status.RUNNING):
        return sweep
    mapped = Map(_rule(sweep).table.store)
    if sweep.status == plans.Status.APPROVED:
        _begin(sweep, mapped, clock())
    if sweep.status == plans.Status.RUNNING:
        with stores.reaching(mapped.store):
            _work_off(sweep, mapped, clock)
    return sweep


def _begin(sweep: Plan, mapped: Map, now: dt.datetime) -> None:
    """What is counted here is what the closing account must come to."""
    found = reach.numbers(mapped, _rule(sweep), _before(sweep))
    if problem := drifted(sweep, mapped, found):
        plans.refuse(plan=sweep, problem=problem, now=now)
    elif not plans.start(plan=sweep, now=now, residue=found):
        sweep.refresh_from_db()


def drifted(sweep: Plan, mapped: Map, found: dict[str, int]) -> str:
    """Rows may have gone since the preview; none may have come, nothing may differ."""
    rule = _rule(sweep)
    if previews.definition(rule) != sweep.summary["rule"]:
        return "The rule changed after the preview. Preview it again."
    if mapped.digest != sweep.summary["map"]:
        return "The map changed after the preview. Preview it again."
    approved = sweep.summary["rows"] + sweep.summary["held"]
    if found["rows"] + found["held"] > approved:
        return "More rows are past the cut-off than were approved. Preview it again."
    return ""


def _rule(sweep: Plan) -> Rule:
    if sweep.rule is None:
        raise reach.NoSuchRule
    return sweep.rule


def _before(sweep: Plan) -> dt.datetime:
    if sweep.cutoff is None:
        raise reach.NoSuchRule
    return sweep.cutoff


def _work_off(sweep: Plan, mapped: Map, clock: Clock) -> None:
    rule = _rule(sweep)
    while sweep.status == plans.Status.RUNNING:
        piece = plans.abandoned(sweep, clock()) or _cut(sweep, mapped, rule, clock())
        if piece is None:
            break
        _end(sweep, mapped, rule, piece)
        sweep.refresh_from_db(fields=["status", "batch"])
    if plans.is_worked_off(sweep):
        _close(sweep, mapped, rule, clock())


def _end(sweep: Plan, mapped: Map, rule: Rule, piece: Range) -> None:
    table = mapped.tables[rule.table.full_name]
    rows = reach.expired(mapped, rule, _before(sweep))
    rows &= _bounds(mapped, rule, table, piece)
    what = reach.columns(mapped, rule, table)
    destruction.end(plan=sweep, piece=piece, ending=Ending(mapped, table, rows, what))


def _cut(sweep: Plan, mapped: Map, rule: Rule, now: dt.datetime) -> Range | None:
    """The next range behind the frontier, ours; one worker cuts at a time."""
    table = mapped.tables[rule.table.full_name]
    with transaction.atomic():
        plan = Plan.objects.select_for_update().get(pk=sweep.pk)
        if plan.is_cut or plan.status != plans.Status.RUNNING:
            return None
        upper = _upper(plan, mapped, rule, table)
        lower, plan.frontier = plan.frontier, None if upper is None else str(upper)
        plan.is_cut = upper is None
        statements.commit_soon(connection)
        plan.save(update_fields=["frontier", "is_cut"])
        return plans.claimed(
            plan, now, table=table, action=rule.action, lower=lower, upper=plan.frontier
        )


def _upper(plan: Plan, mapped: Map, rule: Rule, table: Table) -> Any:
    """Where a full range from the frontier ends; None: all that is left fits in one."""
    if _fits_one(plan, rule):
        return None
    name = _cutter(mapped, rule, table)
    rows = mapped.rows(table).filter(**{f"{rule.start}__lt": _before(plan)})
    if plan.frontier is not None:
        rows = rows.filter(**{f"{name}__gt": _value(mapped, table, name, plan)})
    bound = rows.order_by(name).values_list(name, flat=True)
    return next(iter(bound[plan.batch - 1 : plan.batch]), None)


def _fits_one(plan: Plan, rule: Rule) -> bool:
    """By the account: a range without an end still ends only what was approved."""
    open_ = plan.ranges.exclude(status=Range.Status.DONE).exists()
    return not rule.where and not open_ and _unaccounted(plan) <= plan.batch


def _unaccounted(plan: Plan) -> float:
    """Rows of the first count that no finished range ended or kept; unknown is many."""
    return plans.left(plan, plan.residue) if plan.residue else math.inf


def _cutter(mapped: Map, rule: Rule, table: Table) -> str:
    """Ranges go over the start date where it has an index, else over the key."""
    start = mapped.column(table, rule.start)
    if start.options.get("indexed") or len(table.key) != 1:
        return rule.start
    return table.key[0]


def _value(mapped: Map, table: Table, name: str, plan: Plan) -> Any:
    return mapped.model(table)._meta.get_field(name).to_python(plan.frontier)


def _bounds(mapped: Map, rule: Rule, table: Table, piece: Range) -> Q:
    name = _cutter(mapped, rule, table)
    field = mapped.model(table)._meta.get_field(name)
    bounds = Q()
    if piece.lower is not None:
        bounds &= Q(**{f"{name}__gt": field.to_python(piece.lower)})
    if piece.upper is not None:
        bounds &= Q(**{f"{name}__lte": field.to_python(piece.upper)})
    return bounds


def _close(sweep: Plan, mapped: Map, rule: Rule, now: dt.datetime) -> None:
    with transaction.atomic():
        mine = Plan.objects.select_for_update(skip_locked=True).filter(pk=sweep.pk)
        fresh = mine.filter(status=plans.Status.RUNNING).first()
        if fresh is None:
            return
        fresh.residue = _left(fresh, mapped, rule)
        fresh.save(update_fields=["residue"])
        problems = plans.failures(fresh)
        if fresh.residue["rows"]:
            problems.append(f"{fresh.residue['rows']} rows are still past their date.")
        plans.finish(plan=fresh, problem=" ".join(problems), now=now)
    sweep.refresh_from_db()


def _left(sweep: Plan, mapped: Map, rule: Rule) -> dict[str, int]:
    """What is still past its date, before anybody says that it is done.

    A deleted row is gone by the database's own count, so where the ranges deleted or
    kept every row that was counted at the start, nothing is left to look for. A changed
    row may have been changed back (by a trigger), and an account that does not come out
    proves nothing: there the table is read again with the rule's own condition.
    """
    if rule.action == reach.DELETE and _unaccounted(sweep) == 0:
        return {"rows": 0, "held": plans.progress(sweep)["held"]}
    return reach.numbers(mapped, rule, _before(sweep))
