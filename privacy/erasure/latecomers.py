"""Rows of a person that appeared while their plan was carried out.

A trigger may copy what was erased into a history that the plan could not know. Once all
ranges are done, the links are followed again from the planned rows, and texts written
since are read for the person's identifiers. What the plan's own transactions wrote is a
copy of what was approved: it is added to the plan once, treated as the map says, and
the audit trail records it. What anybody else wrote was approved by nobody: it stays,
and makes the plan incomplete. So does anything that comes after that, and everything
where the store cannot tell who wrote a row (other than PostgreSQL). Only stores with
triggers are asked.
"""

import datetime as dt
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from django.db import connections, transaction
from django.db.models import Max

from privacy import audit, changes, plans, stores, subjects
from privacy.datamap import Map
from privacy.erasure import drafts, fingerprints, frozen, planning
from privacy.erasure.beginning import marks_of
from privacy.models import Plan, PlannedRow, Store, Table
from privacy.sql import statements, triggers
from privacy.subjects import Found, Role, Row, links, texts
from privacy.subjects.rows import Place

CAME = (
    "{table}: {many} rows were added while this was carried out; a trigger may have "
    "copied into them what was removed. Plan again."
)
STAY = (drafts.DEIDENTIFY, drafts.KEEP)


def take_in(some: Sequence[Plan], now: dt.datetime) -> bool:
    """Plans what appeared for people whose plans are worked off. True if anything
    did."""
    took = False
    for plan in some:
        with transaction.atomic():
            mine = Plan.objects.select_for_update().filter(pk=plan.pk)
            fresh = mine.filter(status=plans.Status.RUNNING).first()
            if fresh and plans.is_worked_off(fresh) and not _has_late(fresh):
                for mapped in _with_triggers([fresh]):
                    took |= _take_in(fresh, mapped, now)
    return took


def _has_late(plan: Plan) -> bool:
    return plan.ranges.filter(lower__late=True).exists()


def _take_in(plan: Plan, mapped: Map, now: dt.datetime) -> bool:
    found = _planned(mapped, plan)
    known = set(found.rows)
    links.follow(mapped, [found])
    _read_since(plan, mapped, found)
    came = {
        place: row
        for place, row in _of_ours(plan, mapped, _raw(mapped, found)).items()
        if not row.table.has_key or place not in known
    }
    if not came:
        return False
    late = replace(found, rows=came)
    parts = planning.erasure_parts(late)
    draft = drafts.Draft(
        Plan.Kind(plan.kind), [late], parts, plan.title, plan.planned_at
    )
    prints = {
        part.table.pk: fingerprints.of_rows(
            mapped, part.table, [r.key for r in part.rows]
        )
        for part in parts
    }
    last = plan.ranges.aggregate(last=Max("ordinal"))["last"] or 0
    frozen.keep_rows([(plan, draft)], prints, {plan.pk: last})
    rows = sum(len(part.rows) for part in parts)
    audit.record(
        action="plan.extended", subject=f"plan:{plan.pk}", by=plan.approved_by,
        now=now, rows=rows,
    )  # fmt: skip
    return True


def _of_ours(plan: Plan, mapped: Map, rows: dict[Place, Row]) -> dict[Place, Row]:
    """Rows that only the transactions of the plan's own ranges wrote."""
    ours = plan.ranges.filter(table__store=mapped.store).exclude(store_transaction="")
    numbers = list(ours.values_list("store_transaction", flat=True).distinct())
    if not numbers:
        return {}
    found: dict[Place, Row] = {}
    for table in {row.table.pk: row.table for row in rows.values()}.values():
        mine = {place: row for place, row in rows.items() if place[0] == table.pk}
        some = mapped.rows(table).filter(
            subjects.by_key(table, [row.key for row in mine.values()]),
            texts.WrittenBy(numbers),
        )
        written = set(some.values_list(*table.key))
        found |= {p: r for p, r in mine.items() if p[1] in written}
    return found


def _raw(mapped: Map, found: Found) -> dict[Place, Row]:
    """A row without a key has a different one once it is treated, so none counts as
    raw."""
    rows = dict(found.rows)
    for table in (t for t in mapped.tables.values() if not t.has_key):
        keys = [row.key for row in found.of(table, *Role)]
        raw = changes.still_raw(planning.treated(mapped, table))
        some = mapped.rows(table).filter(subjects.by_key(table, keys) & raw)
        left = set(some.values_list(*table.key)) if keys else set()
        rows = {p: r for p, r in rows.items() if p[0] != table.pk or p[1] in left}
    return rows


def _read_since(plan: Plan, mapped: Map, found: Found) -> None:
    """What was written since the preview and mentions an identifier of the person."""
    moment = plan.summary.get("moments", {}).get(str(mapped.store), "")
    with stores.reaching(mapped.store):
        since = statements.first_since(connections[mapped.alias], moment)
        if since:
            found.take(marks_of(plan))
            every = list(mapped.tables.values())
            texts.read(mapped, every, texts.wanted([found], "unread"), since)


def told(some: Sequence[Plan]) -> dict[uuid.UUID, list[str]]:
    """Sentences for each plan. Raises what `stores.reaching` raises."""
    said: dict[uuid.UUID, list[str]] = defaultdict(list)
    for mapped in _with_triggers(some):
        founds = [_planned(mapped, plan) for plan in some]
        before = [set(found.rows) for found in founds]
        links.follow(mapped, founds)
        for plan, found, known in zip(some, founds, before, strict=True):
            came = [row for place, row in found.rows.items() if place not in known]
            said[plan.pk] += _sentences(plan, found, came)
    return said


def _with_triggers(some: Sequence[Plan]) -> Iterator[Map]:
    names = {name for plan in some for name in plan.summary.get("maps", {})}
    for store in Store.objects.filter(name__in=names, kind=Store.Kind.DATABASE):
        with stores.reaching(store):
            if triggers.exist(connections[stores.alias(store)]):
                yield Map(store)


def _planned(mapped: Map, plan: Plan) -> Found:
    """The person's rows as they were planned, for following their links."""
    found = Found(mapped, [], plan.cutoff or plan.planned_at)
    planned = PlannedRow.objects.filter(plan=plan, table__store=mapped.store)
    for row in planned.iterator():
        table = mapped.by_id(row.table_id)
        is_others = drafts.is_others(row.action, row.ground)
        role = Role.PARTY if is_others else Role.SUBJECT
        key = subjects.read_key(mapped, table, row.key.open())
        found.add(Row(table, key, row.path, role))
    return found


def _sentences(plan: Plan, found: Found, came: Sequence[Row]) -> Iterator[str]:
    """A row without a key has a different one once it is treated, so those are
    counted."""
    counts = Counter(row.table.pk for row in came if row.table.has_key)
    for table in found.mapped.tables.values():
        many = counts[table.pk]
        if not table.has_key and any(row.table is table for row in came):
            keys = [row.key for row in found.of(table)]
            there = fingerprints.count(found.mapped, table, keys)
            many = there - _staying(plan, table)
        if many > 0:
            yield CAME.format(table=table, many=many)


def _staying(plan: Plan, table: Table) -> int:
    said: list[dict[str, Any]] = plan.summary["tables"]
    mine = [each for each in said if each["table"] == str(table)]
    late = PlannedRow.objects.filter(
        plan=plan, table=table, action__in=STAY, range__lower__late=True
    )
    return sum(e["rows"] for e in mine if e["action"] in STAY) + late.count()
