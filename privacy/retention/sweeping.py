"""A sweep at work: ranges cut as workers ask for them, carried out, checked again."""

import contextlib
import datetime as dt
import math
import time
from collections.abc import Iterator
from typing import Any

from django.db import Error, connection, transaction

from privacy import destruction, faults, plans, stores, throttle
from privacy.anonymity import groups
from privacy.datamap import Map
from privacy.destruction import Clock, Ending
from privacy.models import Column, Plan, Range, Rule
from privacy.retention import crowds, cutting, generations, previews, reach, referring
from privacy.sql import locks

EVERY = 1.0  # seconds between two looks at what else the store has to do
MOMENT = 0.02  # seconds until a range that others wait for may be done
CANCEL = "Nothing more is removed: change it back, or cancel this sweep."


def carry_out(*, sweep: Plan, clock: Clock) -> Plan:
    """Runs or resumes an approved sweep until nothing is left for this worker."""
    sweep.refresh_from_db()
    if sweep.status not in (plans.Status.APPROVED, plans.Status.RUNNING):
        return sweep
    rule = _rule(sweep)
    mapped = Map(rule.table.store)
    while sweep.status == plans.Status.APPROVED:
        _begin_once(sweep, mapped, rule, clock())
    if sweep.status == plans.Status.RUNNING:
        if sentence := changed(sweep, mapped, rule):
            plans.wait(sweep.pk, f"{sentence} {CANCEL}")
            return sweep
        with stores.reaching(mapped.store), _told(sweep, clock):
            _work_off(sweep, mapped, rule, clock)
    return sweep


@contextlib.contextmanager
def _told(sweep: Plan, clock: Clock) -> Iterator[None]:
    """A table that no longer exists ends the sweep, and the report says so."""
    try:
        yield
    except Error as error:
        fault = faults.read(error)
        if fault.kind in (faults.Kind.WAIT, faults.Kind.BUSY):
            plans.wait(sweep.pk, fault.sentence)
            raise
        plans.finish(plan=sweep, problem=fault.sentence, now=clock())


def _begin_once(sweep: Plan, mapped: Map, rule: Rule, now: dt.datetime) -> None:
    """One worker counts, the others wait for it; a dead one's lock goes with it."""
    number = sweep.pk.int >> 65  # as many bits as a lock's number has
    with locks.alone(connection, number) as is_mine:
        sweep.refresh_from_db()
        if is_mine and sweep.status == plans.Status.APPROVED:
            _begin(sweep, mapped, rule, now)
    if not is_mine:
        time.sleep(MOMENT)
        sweep.refresh_from_db()


def _begin(sweep: Plan, mapped: Map, rule: Rule, now: dt.datetime) -> None:
    """The rows counted here are what the closing account must add up to."""
    found = reach.numbers(mapped, rule, _before(sweep))
    if problem := drifted(sweep, mapped, rule, found):
        plans.refuse(plan=sweep, problem=problem, now=now)
    elif not plans.start(plan=sweep, now=now, residue=found):
        sweep.refresh_from_db()


def drifted(sweep: Plan, mapped: Map, rule: Rule, found: dict[str, int]) -> str:
    """Rows may have gone since the preview; none may have come, and nothing else may
    differ."""
    if sentence := changed(sweep, mapped, rule):
        return f"{sentence} Preview it again."
    if unknown := referring.unknown(mapped, mapped.table(rule.table.full_name)):
        return unknown
    if _all(found) > _all(sweep.summary):
        return "More rows are past the cut-off than were approved. Preview it again."
    return ""


def changed(sweep: Plan, mapped: Map, rule: Rule) -> str:
    """Why this is no longer what was approved. Asked again whenever a worker goes on: a
    rule or a map may be changed while its sweep is paused."""
    if not rule.is_active:
        return "The rule was switched off."
    if previews.definition(rule) != sweep.summary["rule"]:
        return "The rule changed after the preview."
    if mapped.digest != sweep.summary["map"]:
        return "The map changed after the preview."
    return ""


def _all(found: dict[str, Any]) -> int:
    """Rows past the cut-off. Those kept back become free, as their children go."""
    return int(found["rows"] + found["held"] + found.get("referred", 0))


def _rule(sweep: Plan) -> Rule:
    if sweep.rule_id is None:
        raise reach.NoSuchRule
    return Rule.objects.select_related("table__store").get(pk=sweep.rule_id)


def _before(sweep: Plan) -> dt.datetime:
    if sweep.cutoff is None:
        raise reach.NoSuchRule
    return sweep.cutoff


def _work_off(sweep: Plan, mapped: Map, rule: Rule, clock: Clock) -> None:
    looked = -math.inf
    while sweep.status == plans.Status.RUNNING:
        if time.monotonic() - looked > EVERY:
            looked = time.monotonic()
            if reason := throttle.reason(store=mapped.store, now=clock()):
                plans.wait(sweep.pk, reason)
                return
        if piece := cutting.cut(sweep, mapped, rule, clock()):
            _end(sweep, mapped, rule, piece, clock())
        elif cutting.waits(sweep, clock()) or crowds.cut(sweep, mapped, rule):
            time.sleep(MOMENT)
        elif not generations.again(sweep, mapped, rule, clock()):
            break
    if plans.is_worked_off(sweep):
        _close(sweep, mapped, rule, clock())


def _end(sweep: Plan, mapped: Map, rule: Rule, piece: Range, now: dt.datetime) -> None:
    table = mapped.table(rule.table.full_name)
    if piece.action == crowds.SUPPRESS:
        rows = reach.past(mapped, rule, _before(sweep))
        columns: list[Column] | None = crowds.columns(mapped, rule)
    else:
        rows = reach.expired(mapped, rule, _before(sweep))
        rows &= generations.uncounted(sweep, mapped, rule)
        deletes = rule.action == reach.DELETE
        columns = None if deletes else reach.columns(mapped, rule, table)
    rows &= cutting.rows_of(mapped, rule, table, piece)
    ending = Ending(
        mapped,
        table,
        rows,
        columns,
        cutter=cutting.cutter(mapped, rule, table),
        referred=bool(referring.links(mapped, rule)),
        partition=piece.partition,
    )
    destruction.end(plan=sweep, piece=piece, ending=ending, now=now)


def _close(sweep: Plan, mapped: Map, rule: Rule, now: dt.datetime) -> None:
    with transaction.atomic():
        mine = Plan.objects.select_for_update(skip_locked=True).filter(pk=sweep.pk)
        if not mine.filter(status=plans.Status.RUNNING).values("pk"):
            return
        left = _left(sweep, mapped, rule, now)
        problems = plans.failures(sweep)
        if overdue := left["rows"] - _freed(sweep, left):
            problems.append(f"{overdue} rows are still past their date.")
        if "groups" in left:
            problems.append(groups.too_small(left["groups"]))
        problem = " ".join(filter(None, problems))
        plans.finish(plan=sweep, problem=problem, now=now, residue=left)


def _freed(sweep: Plan, left: dict[str, Any]) -> int:
    """Of the rows that are left, those that others kept back when the sweep began: the
    next one takes them."""
    start = sweep.residue or {}
    freed = start.get("referred", 0) - left.get("referred", 0)
    return max(0, min(int(left["rows"]), freed))


def _left(sweep: Plan, mapped: Map, rule: Rule, now: dt.datetime) -> dict[str, Any]:
    """What is still past its date, before the sweep is called done.

    A deleted row is gone by the database's own count. So where the ranges deleted or
    kept every row that was counted at the start, nothing is left to look for. A changed
    row may have been changed back (by a trigger), and numbers that do not add up prove
    nothing: there the table is read again with the rule's own condition.
    """
    done = plans.account(sweep, now)
    is_gone = rule.action == reach.DELETE and cutting.unaccounted(sweep, done) == 0
    if is_gone and not referring.links(mapped, rule):
        return {"rows": 0, "held": done.held}
    before = _before(sweep)
    left = reach.numbers(mapped, rule, before)
    return {**left, **crowds.measured(mapped, rule, before)}
