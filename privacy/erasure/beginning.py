"""Before a plan is carried out: is the data still what was approved (law 8)?

Plans that begin together are checked together: a statement a table, whatever their
number.
"""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Sequence

from privacy import identifiers, journal, plans, subjects
from privacy.datamap import Map
from privacy.erasure import freezing, planning
from privacy.identifiers import Mark
from privacy.models import Plan, PlannedRow, Store, Table
from privacy.subjects import Found, Key

NEW_ROWS = "New rows came after the preview. Plan again."


def begin(approved: Sequence[Plan], now: dt.datetime) -> None:
    """Start those that are as approved, refuse the others with a sentence."""
    problems = drifted(approved)
    for plan in approved:
        if plan.pk in problems:
            plans.refuse(plan=plan, problem=problems[plan.pk], now=now)
    good = [plan for plan in approved if plan.pk not in problems]
    if erasures := [plan for plan in good if plan.kind == Plan.Kind.ERASURE]:
        journal.write(plans=erasures, now=now)  # before the first change
    for plan in good:
        if not plans.start(plan=plan, now=now):
            plan.refresh_from_db()


def marks_of(plan: Plan) -> list[Mark]:
    """What the person is known by: as given, and as their own rows told."""
    return [identifiers.value(row) for row in plan.identifiers.order_by("pk")]


def drifted(approved: Sequence[Plan]) -> dict[uuid.UUID, str]:
    """Why the data is not what was approved, for each plan where it is not."""
    problems: dict[uuid.UUID, str] = {}
    maps = _maps(approved)
    for plan in approved:
        for name, mapped in maps.items():
            if plan.summary["maps"].get(name, mapped.digest) != mapped.digest:
                problems[plan.pk] = f"The map of {name} changed after the preview."
    left = [plan for plan in approved if plan.pk not in problems]
    problems |= _changed(left, maps)
    left = [plan for plan in left if plan.pk not in problems]
    return problems | _new(left)


def _maps(approved: Sequence[Plan]) -> dict[str, Map]:
    """Of the stores that the plans have rows in, by name."""
    tables = PlannedRow.objects.filter(plan__in=approved).values("table")
    found = Store.objects.filter(tables__in=tables).distinct()
    return {str(store): Map(store) for store in found}


def _changed(approved: Sequence[Plan], maps: dict[str, Map]) -> dict[uuid.UUID, str]:
    problems: dict[uuid.UUID, str] = {}
    rows = PlannedRow.objects.filter(plan__in=approved)
    tables = Table.objects.filter(pk__in=rows.values("table")).select_related("store")
    for table in tables:
        mapped = maps[str(table.store)]
        then: dict[uuid.UUID, dict[Key, str]] = defaultdict(dict)
        for row in rows.filter(table=table).iterator():
            key = subjects.read_key(mapped, table, row.key.open())
            then[row.plan_id][key] = row.fingerprint
        keys = dict.fromkeys(key for some in then.values() for key in some)
        now = freezing.fingerprints(mapped, mapped.by_id(table.pk), list(keys))
        for plan_id, some in then.items():
            if any(now.get(key) != said for key, said in some.items()):
                sentence = f"Rows of {table} changed after the preview. Plan it again."
                problems.setdefault(plan_id, sentence)
    return problems


def _new(approved: Sequence[Plan]) -> dict[uuid.UUID, str]:
    """The same search as for the preview finds as many rows.

    What came since is found by the next plan of card numbers, or the next look after a
    restore.
    """
    asked = [
        plan
        for plan in approved
        if plan.kind in (Plan.Kind.ERASURE, Plan.Kind.ACCESS)
        and plan.planned_by != freezing.AFTER_RESTORE
    ]
    people = [(marks_of(plan), plan.cutoff or plan.planned_at) for plan in asked]
    found = subjects.for_many(people=people) if people else []
    return {
        plan.pk: NEW_ROWS
        for plan, each in zip(asked, found, strict=True)
        if _count(plan, each) != plan.rows.count()
    }


def _count(plan: Plan, found: Sequence[Found]) -> int:
    if plan.kind == Plan.Kind.ACCESS:
        sources = plan.summary.get("sources", ())
        parts = [p for one in found for p in planning.access_parts(one, sources)]
        return sum(len(part.rows) for part in parts)
    return sum(len(one.rows) for one in found)
