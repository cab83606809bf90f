"""Before a plan is carried out: is the data still what was approved (law 8)?

Plans that begin together are checked together, with one statement for each table,
however many they are.
"""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Callable, Sequence

from django.db.models import prefetch_related_objects

from privacy import identifiers, journal, plans, subjects
from privacy.datamap import Map
from privacy.erasure import copying, drafts, fingerprints, planning
from privacy.identifiers import Mark
from privacy.models import Plan, PlannedRow, Store
from privacy.subjects import Found, Key
from privacy.subjects.rows import Place

Planned = dict[uuid.UUID, dict[Place, str]]
CHANGE_BACK = "Nothing more is changed: change it back, or cancel this plan."
# Floors above add to it: why a plan must not begin yet, in a sentence, by its key. So a
# plan begins nowhere, from whichever page or task, before those have let it.
GATES: list[Callable[[Sequence[Plan]], dict[uuid.UUID, str]]] = []
NEW_ROWS = "New rows were added after the preview. Plan again."


def begin(waiting: Sequence[Plan], now: dt.datetime) -> None:
    """Starts the plans whose data is as approved; refuses the others with a reason.
    Those that a gate keeps back stay approved, and say what they wait for."""
    approved = _let_through(waiting)
    prefetch_related_objects(approved, "identifiers")
    problems = drifted(approved)
    for plan in approved:
        if plan.pk in problems:
            plans.refuse(plan=plan, problem=problems[plan.pk], now=now)
    good = [plan for plan in approved if plan.pk not in problems]
    erasures = [plan for plan in good if plan.kind == Plan.Kind.ERASURE]
    if erasures:
        journal.write(plans=erasures, now=now)  # before the first change
    plans.start_many(some=good, now=now)
    for plan in erasures:
        if plan.status == plans.Status.CANCELLED:  # while the journal was written
            journal.withdraw(plan=plan, now=now)


def _let_through(waiting: Sequence[Plan]) -> list[Plan]:
    kept = {key: why for gate in GATES for key, why in gate(waiting).items()}
    for key, why in kept.items():
        plans.wait(key, why)
    return [plan for plan in waiting if plan.pk not in kept]


def marks_of(plan: Plan) -> list[Mark]:
    """What the person is known by: as given, and as their own rows say."""
    rows = sorted(plan.identifiers.all(), key=lambda row: row.pk)
    return [identifiers.value(row) for row in rows]


def drifted(approved: Sequence[Plan]) -> dict[uuid.UUID, str]:
    """For each plan whose data is not what was approved, the reason."""
    maps = _maps(approved)
    problems = _remapped(approved, maps)
    left = [plan for plan in approved if plan.pk not in problems]
    planned = _planned(left, maps)
    problems |= _changed(planned, maps)
    left = [plan for plan in left if plan.pk not in problems]
    return problems | _new(left, planned)


def remapped(under_way: Sequence[Plan]) -> dict[uuid.UUID, str]:
    """For each plan that was begun under another map, the reason to wait: what is left
    of it would end otherwise than was approved."""
    unfinished = [plan for plan in under_way if not plans.is_worked_off(plan)]
    found = _remapped(unfinished, _maps(unfinished)) if unfinished else {}
    return {pk: f"{sentence} {CHANGE_BACK}" for pk, sentence in found.items()}


def _remapped(some: Sequence[Plan], maps: dict[str, Map]) -> dict[uuid.UUID, str]:
    return {
        plan.pk: f"The map of {name} changed after the preview."
        for plan in some
        for name, mapped in maps.items()
        if plan.summary.get("maps", {}).get(name, mapped.digest) != mapped.digest
    }


def _maps(approved: Sequence[Plan]) -> dict[str, Map]:
    """The maps of the stores in which the plans have rows, by name."""
    tables = PlannedRow.objects.filter(plan__in=approved).values("table")
    found = Store.objects.filter(tables__in=tables).distinct()
    return {str(store): Map(store) for store in found}


def _planned(approved: Sequence[Plan], maps: dict[str, Map]) -> Planned:
    """Every row of the plans: by plan, then table and key, its fingerprint."""
    tables = {t.pk: (m, t) for m in maps.values() for t in m.tables.values()}
    planned: Planned = {plan.pk: {} for plan in approved}
    for row in PlannedRow.objects.filter(plan__in=approved).iterator():
        mapped, table = tables[row.table_id]
        key = subjects.read_key(mapped, table, row.key.open())
        planned[row.plan_id][table.pk, key] = row.fingerprint
    return planned


def _changed(planned: Planned, maps: dict[str, Map]) -> dict[uuid.UUID, str]:
    keys: dict[int, dict[Key, None]] = defaultdict(dict)
    for places in planned.values():
        for table_id, key in places:
            keys[table_id][key] = None
    now: dict[Place, str] = {}
    names: dict[int, str] = {}
    for mapped in maps.values():
        for table in mapped.tables.values():
            names[table.pk] = str(table)
            prints = fingerprints.of_rows(mapped, table, list(keys[table.pk]))
            now |= {(table.pk, key): found for key, found in prints.items()}
    problems: dict[uuid.UUID, str] = {}
    for plan_id, places in planned.items():
        for place, then in places.items():
            if now.get(place) != then:
                name = names[place[0]]
                problems[plan_id] = (
                    f"Rows of {name} changed after the preview. Plan it again."
                )
    return problems


def _new(approved: Sequence[Plan], planned: Planned) -> dict[uuid.UUID, str]:
    """Repeats the preview's search with everything it learned, and finds rows that the
    plan lacks.

    Texts are read only where something was written since. What comes later is found by
    the next search for card numbers or the next replay.
    """
    asked = [
        plan
        for plan in approved
        if plan.kind in (Plan.Kind.ERASURE, Plan.Kind.ACCESS)
        and plan.planned_by != drafts.AFTER_RESTORE
    ]
    people = [(marks_of(plan), plan.cutoff or plan.planned_at) for plan in asked]
    since = _moments(asked)
    found = (
        subjects.for_many(people=people, since=since, learns=False) if people else []
    )
    return {
        plan.pk: NEW_ROWS
        for plan, each in zip(asked, found, strict=True)
        if not _is_the_same(plan, each, planned[plan.pk])
    }


def _moments(asked: Sequence[Plan]) -> dict[str, str]:
    """The first recorded moment of each store; none if a plan has none, or if the store
    is another cluster by now."""
    said = [plan.summary.get("moments", {}) for plan in asked]
    found: dict[str, str] = {}
    for name in {name for each in said for name in each}:
        parts = [each.get(name, "").partition(":") for each in said]
        if len({cluster for cluster, _, _ in parts}) == 1 and parts[0][2]:
            found[name] = f"{parts[0][0]}:{min(int(last) for _, _, last in parts)}"
    return found


def _is_the_same(plan: Plan, found: Sequence[Found], places: dict[Place, str]) -> bool:
    """Nothing was added, and nothing turned out to be another owner's."""
    if plan.kind == Plan.Kind.ACCESS:
        sources = plan.summary.get("sources", ())
        parts = [p for one in found for p in copying.access_parts(one, sources)]
        rows = [row for part in parts for row in part.rows]
    else:  # what nothing can be taken out of is in no plan; the plan says so
        rows = [row for one in found for row in planning.can_end(one)]
    others = {place for one in found for place in one.withheld}
    return all(row.place in places for row in rows) and not others & set(places)
