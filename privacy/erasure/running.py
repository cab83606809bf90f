"""Carries out an approved plan for a person, from wherever it stopped.

Any number of workers may work on it, and any of them may die at any moment.
"""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from privacy import (
    correction,
    destruction,
    leftovers,
    plans,
    scrub,
    spellings,
    subjects,
)
from privacy.datamap import Map
from privacy.destruction import Clock, Ending
from privacy.erasure import (
    beginning,
    drafts,
    latecomers,
    planning,
    proving,
    redacting,
    rewriting,
)
from privacy.erasure.beginning import marks_of
from privacy.models import Plan, PlannedRow, Range, Table


def carry_out(*, plan: Plan, clock: Clock) -> Plan:
    """Runs or resumes an approved plan to its end and returns it.

    It may come back unfinished when another worker has the last ranges, or when it was
    paused. Calling again is always safe.
    """
    return carry_out_many(some=[plan], clock=clock)[0]


def carry_out_many(*, some: Sequence[Plan], clock: Clock) -> list[Plan]:
    """The same for everyone who waits: begun, worked off and closed together.

    Plans made first are finished first, without waiting for the others.
    """
    waits = work_off_many(some=some, clock=clock)
    proving.prove(clock=clock)
    for plan in some:
        plan.refresh_from_db()
    if waits:
        raise plans.Waits(waits[0])
    return list(some)


def work_off_many(*, some: Sequence[Plan], clock: Clock) -> list[str]:
    """Everything except the proof of erasures, which is made for many together: what
    was planned, and what triggers copied meanwhile. Returns why plans wait, if any
    do."""
    waits = _worked_off(some, clock)
    if not waits and latecomers.take_in(some, clock()):
        waits = _worked_off(some, clock)
    return waits


def _worked_off(some: Sequence[Plan], clock: Clock) -> list[str]:
    stopped = _stopped(some)
    free = [plan for plan in some if plan.pk not in stopped]
    running = begin_many(some=free, clock=clock)
    work_off_together(running, clock)
    ended = [sentence for plan in running if (sentence := _end(plan, clock))]
    return [*stopped.values(), *ended]


def _stopped(some: Sequence[Plan]) -> dict[UUID, str]:
    """Those that were begun before, under another map."""
    begun = Plan.objects.filter(pk__in=[p.pk for p in some])
    running = list(begun.filter(status=plans.Status.RUNNING))
    stopped = beginning.remapped(running)
    for key, sentence in stopped.items():
        plans.wait(key, sentence)
    return stopped


def begin_many(*, some: Sequence[Plan], clock: Clock) -> list[Plan]:
    """Starts what is still as it was approved; returns all that are then running."""
    fresh = {plan.pk: plan for plan in Plan.objects.filter(pk__in=[p.pk for p in some])}
    every = [fresh[plan.pk] for plan in some]
    if approved := [p for p in every if p.status == plans.Status.APPROVED]:
        beginning.begin(approved, clock())
    return [p for p in every if p.status == plans.Status.RUNNING]


def _end(plan: Plan, clock: Clock) -> str:
    """Works off one plan; returns why it waits, so that others need not."""
    try:
        _work_off(plan, clock)
    except plans.Waits as refusal:
        return str(refusal)
    if plan.kind != Plan.Kind.ERASURE:
        _close(plan, clock)
    return ""


def work_off_together(running: Sequence[Plan], clock: Clock) -> None:
    """Works as long as nothing goes wrong; the rest is left to each plan by itself."""
    keys = [plan.pk for plan in running if plan.kind == Plan.Kind.ERASURE]
    known = Plan.objects.select_related("undo").prefetch_related("ends", "identifiers")
    people = known.in_bulk(keys)
    maps: dict[int, Map] = {}
    patterns = {pk: spellings.any_of(marks_of(plan)) for pk, plan in people.items()}
    while people and (pieces := plans.together.claim(list(people.values()), clock())):
        store = pieces[0].table.store
        if store.pk not in maps:
            maps[store.pk] = Map(store)
        mapped = maps[store.pk]
        planned = plans.together.planned_rows(pieces)
        work = []
        for piece in pieces:
            piece.plan = people[piece.plan_id]
            rows = planned[piece.pk]
            work.append((piece, _ending(piece, mapped, rows, patterns[piece.plan_id])))
        if not destruction.end_together(work, clock()):
            return
        live = Plan.objects.filter(pk__in=list(people), status=plans.Status.RUNNING)
        people = {pk: people[pk] for pk in live.values_list("pk", flat=True)}


def _work_off(plan: Plan, clock: Clock) -> None:
    maps: dict[int, Map] = {}
    while piece := plans.abandoned(plan, clock()):
        store = piece.table.store
        if store.pk not in maps:
            maps[store.pk] = Map(store)
        mapped = maps[store.pk]
        rows = plans.planned_rows(piece)
        ending = _ending(piece, mapped, rows, _pattern(plan, piece, mapped, rows))
        destruction.end(plan=plan, piece=piece, ending=ending, now=clock())
        plan.refresh_from_db(fields=["status"])
        if plan.status != plans.Status.RUNNING:
            return


def _pattern(plan: Plan, piece: Range, mapped: Map, rows: Sequence[PlannedRow]) -> str:
    if plan.kind != Plan.Kind.SCRUB or leftovers.are_ended_by(plan):
        return spellings.any_of(marks_of(plan))
    table = mapped.tables[piece.table.full_name]
    keys = [subjects.read_key(mapped, table, row.key.open()) for row in rows]
    return scrub.pattern(mapped, table, keys)


def _ending(
    piece: Range, mapped: Map, planned: Sequence[PlannedRow], pattern: str
) -> Ending:
    table = mapped.tables[piece.table.full_name]
    keys = [subjects.read_key(mapped, table, row.key.open()) for row in planned]
    rows = subjects.by_key(table, keys)
    if leftovers.are_ended_by(piece.plan):
        return leftovers.ending(mapped, table, rows, piece)
    if piece.action == drafts.CORRECT:
        return correction.ending(mapped, table, planned[0], rows)
    if piece.action == drafts.DELETE:
        return Ending(mapped, table, rows, None)
    if piece.action == drafts.REDACT:
        return redacting.ending(piece.plan, piece, mapped, table, keys, pattern)
    own = planning.treated(mapped, table)
    if not table.has_key:
        return redacting.with_own(piece.plan, mapped, table, keys, own, pattern)
    read = rewriting.rewritten(piece.plan, mapped, table, keys, own, is_own=True)
    return Ending(mapped, table, rows, own, own=pattern, documents=read)


def _close(plan: Plan, clock: Clock) -> None:
    """Closes all but erasures, which end with their proof (`proving`). The row lock
    lets one worker do it; if that one dies, the next starts over."""
    with transaction.atomic():
        mine = Plan.objects.select_for_update(skip_locked=True).filter(pk=plan.pk)
        fresh = mine.filter(status=plans.Status.RUNNING).first()
        if fresh is None or not plans.is_worked_off(fresh):
            return
        problems = plans.failures(fresh)
        if fresh.kind == Plan.Kind.CORRECTION and not fresh.ranges.filter(held__gt=0):
            problems += correction.not_done(fresh)
        if leftovers.are_ended_by(fresh) and not problems:
            problems += leftovers.close(fresh, clock())
        elif fresh.kind == Plan.Kind.SCRUB:
            problems += _still_there(fresh)
        plans.finish(plan=fresh, problem=" ".join(problems), now=clock())


def _still_there(plan: Plan) -> list[str]:
    """Whether planned rows still hold what was to be removed."""
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
