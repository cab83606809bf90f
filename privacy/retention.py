"""Data goes by itself: dated rules, previews, and sweeps in ranges.

A sweep is a plan for one rule with a frozen cut-off. The first sweep of a rule needs a
second person's approval; later ones start by themselves while the rule reads as it was
approved. Ranges are cut as workers come for them, so a table of any size costs the same
memory, and each range is one statement that repeats the whole condition.
"""

import datetime as dt
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db import connection, transaction
from django.db.models import Count, Max, Min, Q, QuerySet

from privacy import audit, destruction, holds, plans, stores
from privacy.datamap import Map
from privacy.destruction import Clock, Ending
from privacy.models import Column, Plan, Range, Rule, Table
from privacy.refusals import Refusal
from privacy.sql import statements
from privacy.strategies.base import Unsupported

DELETE = Rule.Action.DELETE
RUNNING = (plans.Status.APPROVED, plans.Status.RUNNING, plans.Status.PAUSED)


class NoSuchRule(Refusal):
    """There is no retention rule of that name; `retention status` shows them."""


class AlreadySweeping(Refusal):
    """A sweep of this rule is waiting or running; finish or cancel it first."""


class StillReferredTo(Refusal):
    """Rows of another table refer to these; they must end first, or de-identify."""


def named(name: str) -> Rule:
    try:
        return Rule.objects.select_related("table__store").get(name=name)
    except Rule.DoesNotExist:
        raise NoSuchRule from None


# --- what a rule reaches ---------------------------------------------------------


def cutoff(rule: Rule, now: dt.datetime) -> dt.datetime:
    """Rows that started before this instant are past their period.

    Months are calendar months; where the day does not exist, the last of the month.
    """
    return now - relativedelta(months=rule.months, days=rule.days)


def columns(mapped: Map, rule: Rule, table: Table) -> list[Column]:
    """What a de-identifying rule changes; nothing for one that deletes."""
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
    """The whole condition: past the period, of the rule's kind, and still raw."""
    table = mapped.tables[rule.table.full_name]
    mapped.column(table, rule.start)
    condition = Q(**{f"{rule.start}__lt": before}, **rule.where)
    if rule.action != DELETE:
        condition &= destruction.still_raw(columns(mapped, rule, table))
    return condition


def past_due(rule: Rule, now: dt.datetime) -> dict[str, Any]:
    """Rows past their period now: how many, the oldest, and what holds keep."""
    mapped = Map(rule.table.store)
    return _count(mapped, rule, cutoff(rule, now))


def left_before(rule: Rule, before: dt.datetime) -> int:
    """Rows from before an instant that the rule would end and no hold keeps."""
    return int(_count(Map(rule.table.store), rule, before)["rows"])


def _count(mapped: Map, rule: Rule, before: dt.datetime) -> dict[str, Any]:
    with stores.reaching(mapped.store):
        return _counted(mapped, rule, before)


def _counted(mapped: Map, rule: Rule, before: dt.datetime) -> dict[str, Any]:
    table = mapped.tables[rule.table.full_name]
    rows: QuerySet[Any] = mapped.rows(table).filter(expired(mapped, rule, before))
    held = holds.condition(mapped=mapped, table=table)
    kept = rows.filter(held).count() if held is not None else 0
    free = rows.exclude(held) if held is not None else rows
    found = free.aggregate(
        rows=Count("*"), oldest=Min(rule.start), newest=Max(rule.start)
    )
    return {
        "rows": found["rows"],
        "held": kept,
        "oldest": _written(found["oldest"]),
        "newest": _written(found["newest"]),
    }


def _written(value: Any) -> str | None:
    return None if value is None else value.isoformat()


# --- preview and approval ----------------------------------------------------------


def definition(rule: Rule) -> dict[str, Any]:
    """What an approval approves; any change of it asks for a new one."""
    return {
        "rule": rule.name,
        "table": str(rule.table),
        "start": rule.start,
        "months": rule.months,
        "days": rule.days,
        "action": rule.action,
        "where": rule.where,
        "columns": rule.columns,
    }


def preview(*, rule: Rule, by: str, now: dt.datetime) -> Plan:
    """What would go: how many, how old, what a hold keeps. Frozen, for approval."""
    mapped = Map(rule.table.store)
    table = mapped.tables[rule.table.full_name]
    _possible(mapped, rule, table)
    before = cutoff(rule, now)
    summary = {
        "rule": definition(rule),
        "map": mapped.digest,
        "cutoff": before.isoformat(),
        **_count(mapped, rule, before),
        "fields": [
            {"name": c.full_name, "what": c.strategy["strategy"]}
            for c in columns(mapped, rule, table)
        ],
    }
    with transaction.atomic():
        _withdraw_old(rule, by, now)
        sweep = Plan.objects.create(
            kind=Plan.Kind.SWEEP,
            rule=rule,
            title=rule.title,
            cutoff=before,
            summary=summary,
            digest=plans.freeze(summary),
            planned_by=by,
            planned_at=now,
            batch=plans.FIRST_BATCH[rule.action],
        )
        audit.record(
            action="plan.made",
            subject=f"plan:{sweep.pk}",
            by=by,
            now=now,
            kind=sweep.kind,
            rule=rule.name,
            digest=sweep.digest,
            rows=summary["rows"],
        )
    return sweep


def _withdraw_old(rule: Rule, by: str, now: dt.datetime) -> None:
    """A new preview takes the place of one that waits; not of one that runs."""
    rule = Rule.objects.select_for_update().get(pk=rule.pk)
    if rule.sweeps.filter(status__in=RUNNING).exists():
        raise AlreadySweeping
    for waiting in rule.sweeps.filter(status=plans.Status.PLANNED):
        plans.cancel(plan=waiting, by=by, now=now)


def _possible(mapped: Map, rule: Rule, table: Table) -> None:
    """A rule that the store would refuse is refused before anybody approves it."""
    if rule.action == DELETE:
        if any(link.is_constraint for link in mapped.links_to(table)):
            raise StillReferredTo
        return
    try:
        destruction.assignments(columns(mapped, rule, table))
        expired(mapped, rule, dt.datetime.min.replace(tzinfo=dt.UTC))
    except Unsupported as error:
        raise Refusal(f"{table}: {error} Correct its treatment.") from None


def approve(*, sweep: Plan, by: str, now: dt.datetime) -> None:
    """The second person's yes, to this sweep and to the rule as it reads now."""
    with transaction.atomic():
        plans.approve(plan=sweep, by=by, now=now)
        rule = sweep.rule
        if rule is not None:
            rule.approved_digest = plans.freeze(sweep.summary["rule"])
            rule.approved_by = by
            rule.save(update_fields=["approved_digest", "approved_by"])


def is_approved(rule: Rule) -> bool:
    return rule.approved_digest == plans.freeze(definition(rule))


def start_due(*, now: dt.datetime, only: Rule | None = None) -> list[Plan]:
    """What beat calls: a sweep for each approved rule that has rows past their date."""
    started = []
    for rule in Rule.objects.filter(is_active=True).select_related("table__store"):
        if only is not None and rule.pk != only.pk:
            continue
        if not is_approved(rule) or rule.sweeps.filter(status__in=RUNNING).exists():
            continue
        if past_due(rule, now)["rows"]:
            sweep = preview(rule=rule, by=SCHEDULE, now=now)
            plans.approve(plan=sweep, by=rule.approved_by, now=now)
            started.append(sweep)
    return started


SCHEDULE = "schedule"  # who plans when nobody does


# --- running -------------------------------------------------------------------------


def carry_out(*, sweep: Plan, clock: Clock) -> Plan:
    """Run or resume an approved sweep until nothing is left for this worker."""
    sweep.refresh_from_db()
    if sweep.status == plans.Status.APPROVED:
        _begin(sweep, clock())
    if sweep.status == plans.Status.RUNNING:
        with stores.reaching(_rule(sweep).table.store):
            _work_off(sweep, clock)
    return sweep


def _begin(sweep: Plan, now: dt.datetime) -> None:
    if problem := drifted(sweep):
        plans.refuse(plan=sweep, problem=problem, now=now)
    elif not plans.start(plan=sweep, now=now):
        sweep.refresh_from_db()


def drifted(sweep: Plan) -> str:
    """Rows may have gone since the preview; none may have come, nothing may differ."""
    rule = _rule(sweep)
    mapped = Map(rule.table.store)
    if definition(rule) != sweep.summary["rule"]:
        return "The rule changed after the preview. Preview it again."
    if mapped.digest != sweep.summary["map"]:
        return "The map changed after the preview. Preview it again."
    assert sweep.cutoff is not None  # noqa: S101 - a sweep always has one
    found = _count(mapped, rule, sweep.cutoff)
    approved = sweep.summary["rows"] + sweep.summary["held"]
    if found["rows"] + found["held"] > approved:
        return "More rows are past the cut-off than were approved. Preview it again."
    return ""


def _rule(sweep: Plan) -> Rule:
    rule = sweep.rule
    if rule is None:
        raise NoSuchRule
    return rule


def _work_off(sweep: Plan, clock: Clock) -> None:
    rule = _rule(sweep)
    mapped = Map(rule.table.store)
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
    assert sweep.cutoff is not None  # noqa: S101 - a sweep always has one
    rows = expired(mapped, rule, sweep.cutoff) & _bounds(mapped, table, piece)
    what = columns(mapped, rule, table)
    destruction.end(plan=sweep, piece=piece, ending=Ending(mapped, table, rows, what))


def _cut(sweep: Plan, mapped: Map, rule: Rule, now: dt.datetime) -> Range | None:
    """The next range behind the frontier, ours; one worker cuts at a time."""
    table = mapped.tables[rule.table.full_name]
    with transaction.atomic():
        plan = Plan.objects.select_for_update().get(pk=sweep.pk)
        if plan.is_cut or plan.status != plans.Status.RUNNING:
            return None
        assert plan.cutoff is not None  # noqa: S101 - a sweep always has one
        name = _cutter(mapped, rule, table)
        rows = mapped.rows(table).filter(**{f"{rule.start}__lt": plan.cutoff})
        if plan.frontier is not None:
            rows = rows.filter(**{f"{name}__gt": _value(mapped, table, name, plan)})
        bound = rows.order_by(name).values_list(name, flat=True)
        upper = next(iter(bound[plan.batch - 1 : plan.batch]), None)
        lower, plan.frontier = plan.frontier, None if upper is None else str(upper)
        plan.is_cut = upper is None
        statements.commit_soon(connection)
        plan.save(update_fields=["frontier", "is_cut"])
        return plans.claimed(
            plan, now, table=table, action=rule.action, lower=lower, upper=plan.frontier
        )


def _cutter(mapped: Map, rule: Rule, table: Table) -> str:
    """Ranges go over the start date where it has an index, else over the key."""
    start = mapped.column(table, rule.start)
    if start.options.get("indexed") or len(table.key) != 1:
        return rule.start
    return table.key[0]


def _value(mapped: Map, table: Table, name: str, plan: Plan) -> Any:
    return mapped.model(table)._meta.get_field(name).to_python(plan.frontier)


def _bounds(mapped: Map, table: Table, piece: Range) -> Q:
    rule = _rule(piece.plan)
    name = _cutter(mapped, rule, table)
    field = mapped.model(table)._meta.get_field(name)
    bounds = Q()
    if piece.lower is not None:
        bounds &= Q(**{f"{name}__gt": field.to_python(piece.lower)})
    if piece.upper is not None:
        bounds &= Q(**{f"{name}__lte": field.to_python(piece.upper)})
    return bounds


def _close(sweep: Plan, mapped: Map, rule: Rule, now: dt.datetime) -> None:
    """Look again with the rule's own condition before saying that it is done."""
    with transaction.atomic():
        mine = Plan.objects.select_for_update(skip_locked=True).filter(pk=sweep.pk)
        fresh = mine.filter(status=plans.Status.RUNNING).first()
        if fresh is None or fresh.cutoff is None:
            return
        left = _count(mapped, rule, fresh.cutoff)
        fresh.residue = left
        fresh.save(update_fields=["residue"])
        problems = plans.failures(fresh)
        if left["rows"]:
            problems.append(f"{left['rows']} rows are still past their date.")
        plans.finish(plan=fresh, problem=" ".join(problems), now=now)
    sweep.refresh_from_db()
