"""Carrying out an approved plan for a person, from wherever it stopped.

Any number of workers may be at it, and any of them may die at any moment.
"""

import datetime as dt

from django.db import transaction

from privacy import (
    destruction,
    holds,
    identifiers,
    journal,
    plans,
    scrub,
    spellings,
    subjects,
    undo,
)
from privacy import residue as search
from privacy.datamap import Map
from privacy.destruction import Clock, Ending
from privacy.erasure import certificates, freezing, planning, released
from privacy.models import Plan, Range, Table


def carry_out(*, plan: Plan, clock: Clock) -> Plan:
    """Run or resume an approved plan to its end; returns it as it is then.

    It may come back unfinished when another worker is at the last ranges, or when it
    was paused. Calling again is always safe.
    """
    plan.refresh_from_db()
    if plan.status == plans.Status.APPROVED:
        _begin(plan, clock())
    if plan.status == plans.Status.RUNNING:
        _work_off(plan, clock)
        _close(plan, clock)
    plan.refresh_from_db()
    return plan


def _begin(plan: Plan, now: dt.datetime) -> None:
    if problem := drifted(plan):
        plans.refuse(plan=plan, problem=problem, now=now)
        return
    if plan.kind == Plan.Kind.ERASURE:
        journal.write(plan=plan, now=now)  # before the first change
    if not plans.start(plan=plan, now=now):
        plan.refresh_from_db()


def drifted(plan: Plan) -> str:
    """Why the data is not what was approved, or nothing."""
    maps: dict[int, Map] = {}
    for table in Table.objects.filter(pk__in=plan.rows.values("table")):
        mapped = maps.setdefault(table.store_id, Map(table.store))
        if mapped.digest != plan.summary["maps"].get(str(table.store)):
            return f"The map of {table.store} changed after the preview."
        if _has_changed(plan, mapped, mapped.tables[table.full_name]):
            return f"Rows of {table} changed after the preview. Plan it again."
    return "" if _nothing_new(plan) else "New rows came after the preview. Plan again."


def _has_changed(plan: Plan, mapped: Map, table: Table) -> bool:
    then = {
        subjects.read_key(mapped, table, row.key.open()): row.fingerprint
        for row in plan.rows.filter(table=table).iterator()
    }
    keys = list(then)
    now = {
        key: found
        for start in range(0, len(keys), freezing.RANGE)
        for key, found in freezing.fingerprints(
            mapped, table, keys[start : start + freezing.RANGE]
        ).items()
    }
    return then != now


def _nothing_new(plan: Plan) -> bool:
    """The same search as for the preview finds as many rows."""
    if plan.kind == Plan.Kind.SCRUB or plan.planned_by == freezing.AFTER_RESTORE:
        return True  # what came since is found by the next plan, or the next look
    at = plan.cutoff or plan.planned_at
    found = subjects.everywhere(marks=marks_of(plan), at=at)
    if plan.kind == Plan.Kind.ACCESS:
        sources = plan.summary.get("sources", ())
        parts = [p for one in found for p in planning.access_parts(one, sources)]
        return sum(len(part.rows) for part in parts) == plan.rows.count()
    return sum(len(one.rows) for one in found) == plan.rows.count()


def _work_off(plan: Plan, clock: Clock) -> None:
    maps: dict[int, Map] = {}
    while piece := plans.abandoned(plan, clock()):
        store = piece.table.store
        mapped = maps.setdefault(store.pk, Map(store))
        ending = _ending(plan, piece, mapped)
        destruction.end(plan=plan, piece=piece, ending=ending, now=clock())
        plan.refresh_from_db(fields=["status"])
        if plan.status != plans.Status.RUNNING:
            return


def marks_of(plan: Plan) -> list[identifiers.Mark]:
    """What the person is known by: as given, and as their own rows told."""
    return [identifiers.value(row) for row in plan.identifiers.order_by("pk")]


def _ending(plan: Plan, piece: Range, mapped: Map) -> Ending:
    table = mapped.tables[piece.table.full_name]
    planned = plans.planned_rows(piece)
    keys = [subjects.read_key(mapped, table, row.key.open()) for row in planned]
    rows = subjects.by_key(table, keys)
    pattern = spellings.any_of(marks_of(plan))
    if plan.kind == Plan.Kind.SCRUB:
        pattern = scrub.pattern(mapped, table, keys)
    if piece.action == freezing.DELETE:
        return Ending(mapped, table, rows, [])
    if piece.action == freezing.REDACT:
        columns = planning.redactable(mapped, table)
        return Ending(mapped, table, rows, columns, pattern=pattern)
    return Ending(mapped, table, rows, planning.treated(mapped, table), own=pattern)


# --- proof ----------------------------------------------------------------------


def _close(plan: Plan, clock: Clock) -> None:
    """Search for what is left; only then say that it is done, and forget the values.

    The row lock lets one worker do it; if it dies, the next one starts over.
    """
    with transaction.atomic():
        mine = Plan.objects.select_for_update(skip_locked=True).filter(pk=plan.pk)
        fresh = mine.filter(status=plans.Status.RUNNING).first()
        if fresh is None or not plans.is_worked_off(fresh):
            return
        problems = plans.failures(fresh)
        if fresh.kind == Plan.Kind.ERASURE:
            problems += _prove(fresh, clock())
        if fresh.kind == Plan.Kind.SCRUB:
            problems += _still_there(fresh)
        plans.finish(plan=fresh, problem=" ".join(problems), now=clock())


def _prove(plan: Plan, now: dt.datetime) -> list[str]:
    undo.keep_marks(plan=plan, marks=marks_of(plan), now=now)
    found = search.run(plan=plan, marks=marks_of(plan))
    plan.residue = found.document
    plan.save(update_fields=["residue"])
    if found.left or plans.failures(plan):
        left = f"{found.left} copies of the person's identifiers are still there."
        return [left] if found.left else []
    certificates.issue(plan=plan, now=now)
    if released.is_held(plan):
        return []  # when the hold ends, the rest must be found again
    for identifier in plan.identifiers.all():
        if not holds.covers(identifier):
            identifiers.forget(identifier=identifier, by=plan.approved_by, now=now)
    return []


def _still_there(plan: Plan) -> list[str]:
    """Do the planned rows still hold what was to be taken out?"""
    left = 0
    tables = Table.objects.filter(pk__in=plan.rows.values("table"))
    for table in tables.select_related("store"):
        mapped = Map(table.store)
        planned = {
            subjects.read_key(mapped, table, row.key.open())
            for row in plan.rows.filter(table=table)
        }
        left += len(planned & set(scrub.find(mapped).get(table.full_name, [])))
    return [f"{left} rows still hold a card number."] if left else []
