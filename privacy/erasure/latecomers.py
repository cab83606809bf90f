"""Rows of a person that came while their plan was carried out.

A trigger may keep what was ended, in a history that the plan could not know. Once all
ranges are done, the links are followed again from the planned rows; what is there and
was not planned makes the plan incomplete. Asked only where a store has triggers.
"""

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connections

from privacy import stores, subjects
from privacy.datamap import Map
from privacy.erasure import drafts, fingerprints
from privacy.models import Plan, PlannedRow, Store, Table
from privacy.sql import triggers
from privacy.subjects import Found, Role, Row, links

CAME = (
    "{table}: {many} rows came while this was carried out; a trigger may have kept in "
    "them what was ended. Plan again."
)
STAY = (drafts.DEIDENTIFY, drafts.KEEP)


def told(some: Sequence[Plan]) -> dict[uuid.UUID, list[str]]:
    """Sentences for each plan. Raises what `stores.reaching` does."""
    said: dict[uuid.UUID, list[str]] = defaultdict(list)
    names = {name for plan in some for name in plan.summary.get("maps", {})}
    for store in Store.objects.filter(name__in=names, kind=Store.Kind.DATABASE):
        with stores.reaching(store):
            if not triggers.exist(connections[stores.alias(store)]):
                continue
            mapped = Map(store)
            founds = [_planned(mapped, plan) for plan in some]
            before = [set(found.rows) for found in founds]
            links.follow(mapped, founds)
            for plan, found, known in zip(some, founds, before, strict=True):
                came = [row for place, row in found.rows.items() if place not in known]
                said[plan.pk] += _sentences(plan, found, came)
    return said


def _planned(mapped: Map, plan: Plan) -> Found:
    """The person's rows as they were planned, their links to be followed."""
    found = Found(mapped, [], plan.cutoff or plan.planned_at)
    planned = PlannedRow.objects.filter(plan=plan, table__store=mapped.store)
    for row in planned.iterator():
        table = mapped.by_id(row.table_id)
        is_others = row.action == drafts.REDACT or row.ground in drafts.OF_OTHERS
        role = Role.PARTY if is_others else Role.SUBJECT
        key = subjects.read_key(mapped, table, row.key.open())
        found.add(Row(table, key, row.path, role))
    return found


def _sentences(plan: Plan, found: Found, came: Sequence[Row]) -> Iterator[str]:
    """A row without a key has another one once it is ended: those are counted."""
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
    return sum(each["rows"] for each in mine if each["action"] in STAY)
