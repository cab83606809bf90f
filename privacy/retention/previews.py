"""A preview is the plan itself: shown before it runs, and then approved."""

import datetime as dt
from typing import Any

from django.db import transaction

from privacy import anonymity, audit, changes, holds, plans, rehearsal, stores
from privacy.datamap import Map
from privacy.models import Column, Plan, Rule, Table
from privacy.refusals import Refusal
from privacy.retention import copied, crowds, reach, referring, rules, surge, telling
from privacy.retention.surge import SCHEDULE
from privacy.strategies import Effect, Unsupported

RUNNING = (plans.Status.APPROVED, plans.Status.RUNNING, plans.Status.PAUSED)


class AlreadySweeping(Refusal):
    """A sweep of this rule is already waiting or running; finish or cancel it first."""


def definition(rule: Rule) -> dict[str, Any]:
    """What an approval covers; any change of it needs a new approval."""
    asked = {"k": rule.k, "l": rule.l, "suppress": rule.suppress, "linked": rule.linked}
    return {
        "rule": rule.name,
        "table": str(rule.table),
        "start": rule.start,
        "months": rule.months,
        "days": rule.days,
        "action": rule.action,
        "where": rule.where,
        "columns": rule.columns,
        **{name: value for name, value in asked.items() if value},
    }


def preview(*, rule: Rule, by: str, now: dt.datetime) -> Plan:
    """What would be removed: how many rows, how old, what a hold keeps. Frozen, for
    approval."""
    mapped = Map(rule.table.store)
    table = mapped.table(rule.table.full_name)
    _possible(mapped, rule, table)
    before = reach.cutoff(rule, now)
    summary = {
        "rule": definition(rule),
        "map": mapped.digest,
        "cutoff": before.isoformat(),
        **reach.count(mapped, rule, before),
        **_effects(reach.columns(mapped, rule, table)),
        **crowds.measured(mapped, rule, before),
        **_unreached(mapped, rule, before),
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
            batch=plans.first_batch(table, rule.action),
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


def preview_due(*, by: str, now: dt.datetime) -> tuple[list[Plan], list[str]]:
    """A sweep to approve for each active rule whose present definition nobody has
    approved; for the others the reason why there is none. A rule that fails does not
    stop the rest."""
    made, refused = [], []
    for rule in Rule.objects.filter(is_active=True).select_related("table__store"):
        if is_approved(rule):
            continue
        try:
            with stores.reaching(rule.table.store):
                made.append(preview(rule=rule, by=by, now=now))
        except Refusal as refusal:
            refused.append(f"{rule.title}: {refusal}")
    return made, refused


def _unreached(mapped: Map, rule: Rule, before: dt.datetime) -> dict[str, Any]:
    """What the sweep will not reach: rows without a date, and sentences, if any; and
    what holds do not protect."""
    table = mapped.table(rule.table.full_name)
    undated = reach.without_date(mapped, rule, before)
    with stores.reaching(mapped.store):
        said = copied.said(mapped, rule, table)
    ended = [] if rule.action == reach.DELETE else reach.columns(mapped, rule, table)
    notes = [*telling.written(ended), *holds.unreached()]
    found = {"undated": undated, "exceptions": list(said), "notes": notes}
    return {name: each for name, each in found.items() if each}


def _effects(columns: list[Column]) -> dict[str, Any]:
    """What each value may be called afterwards, and a row as a whole."""
    found = {column: anonymity.attack(column) for column in columns}
    effects = [finding.effect for finding in found.values()] or [Effect.DELETED]
    fields = [
        {
            "name": column.full_name,
            "what": column.strategy["strategy"],
            "effect": finding.effect,
            "why": finding.sentence,
        }
        for column, finding in found.items()
    ]
    return {"effect": anonymity.weakest(effects), "fields": fields}


def _withdraw_old(rule: Rule, by: str, now: dt.datetime) -> None:
    """A new preview replaces one that waits, but not one that runs."""
    rule = Rule.objects.select_for_update().get(pk=rule.pk)
    if rule.sweeps.filter(status__in=RUNNING).exists():
        raise AlreadySweeping
    for waiting in rule.sweeps.filter(status=plans.Status.PLANNED):
        plans.cancel(plan=waiting, by=by, now=now)


def _possible(mapped: Map, rule: Rule, table: Table) -> None:
    """A rule that the store would refuse is refused before anybody approves it."""
    rules.check(mapped, rule)
    if rule.action == Rule.Action.DELETE:
        if sentence := referring.unknown(mapped, table):
            raise referring.UnknownReference(sentence)
        return
    try:
        changes.assignments(reach.columns(mapped, rule, table))
        reach.expired(mapped, rule, dt.datetime.min.replace(tzinfo=dt.UTC))
    except Unsupported as error:
        raise Refusal(f"{table}: {error} Correct its treatment.") from None
    if problem := rehearsal.refusal(mapped, table, reach.columns(mapped, rule, table)):
        raise Refusal(f"{table}: {problem} Correct its treatment.")


def approve(*, sweep: Plan, by: str, now: dt.datetime) -> None:
    """A second person approves this sweep, and the rule as it reads now.

    Refused while the result would not be as anonymous as the rule asks.
    """
    if sentence := crowds.refusal(sweep):
        raise crowds.TooFewAlike(sentence)
    with transaction.atomic():
        plans.approve(plan=sweep, by=by, now=now)
        rule = sweep.rule
        if rule is not None:
            rule.approved_digest = plans.freeze(sweep.summary["rule"])
            rule.approved_by = by
            rule.save(update_fields=["approved_digest", "approved_by"])


def is_approved(rule: Rule) -> bool:
    return rule.approved_digest == plans.freeze(definition(rule))


def start_due(
    *, now: dt.datetime, only: Rule | None = None
) -> tuple[list[Plan], list[str]]:
    """Called by the scheduler: a sweep for each approved rule in use that has rows past
    their date; for rules that can't be looked at now the reason, and the others go on.
    Children go first; what they keep back now goes when it is asked again."""
    rules = Rule.objects.filter(is_active=True).select_related("table__store")
    started, refused = [], []
    for rule in referring.in_turn(rules.filter(pk=only.pk) if only else rules):
        try:
            sweep = _due(rule, now)
        except Refusal as refusal:
            refused.append(f"{rule.title}: {refusal}")
            continue
        if sweep is not None and _starts_by_itself(rule, sweep, now):
            started.append(sweep)
    return started, refused


def _due(rule: Rule, now: dt.datetime) -> Plan | None:
    if not is_approved(rule) or rule.sweeps.filter(status__in=RUNNING).exists():
        return None
    if _waits(rule) or not reach.past_due(rule, now)["rows"]:
        return None
    return preview(rule=rule, by=SCHEDULE, now=now)


def _waits(rule: Rule) -> bool:
    """A sweep out of proportion waits until a person has looked at it, and one of rows
    that others refer to until these are done."""
    planned = rule.sweeps.filter(status=plans.Status.PLANNED, planned_by=SCHEDULE)
    return planned.exists() or referring.waits(Map(rule.table.store), rule)


def _starts_by_itself(rule: Rule, sweep: Plan, now: dt.datetime) -> bool:
    if sentence := crowds.refusal(sweep) or surge.too_many(rule, sweep):
        plans.wait(sweep.pk, sentence)
        return False
    plans.approve(plan=sweep, by=rule.approved_by, now=now)
    return True
