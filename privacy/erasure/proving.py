"""Proof for all plans that wait for it, in one reading of everything."""

import datetime as dt
from collections.abc import Sequence

from django.db import connection, transaction

from privacy import holds, identifiers, leftovers, plans, residue, undo
from privacy.destruction import Clock
from privacy.erasure import bound, certificates, latecomers, naming, released, unchanged
from privacy.erasure.beginning import marks_of
from privacy.erasure.drafts import NOTHING_OWN
from privacy.models import Plan
from privacy.residue import Residue, Waiting
from privacy.sql import locks

ALONE = 5_118_302  # any number that nobody else on this database locks


def prove(*, clock: Clock) -> None:
    """Searches for what is left of everyone whose plan is worked off; only then is a
    plan called done, and its values are forgotten.

    One worker does it. A worker that comes meanwhile leaves: its plans are included in
    the next reading of the same call, and if this worker dies, the scheduler sends
    another.
    """
    with locks.alone(connection, ALONE) as is_mine:
        tried: set[object] = set()
        while is_mine and (some := [p for p in waiting() if p.pk not in tried]):
            tried |= {plan.pk for plan in some}
            _prove(some, clock)


def waiting() -> list[Plan]:
    running = Plan.objects.filter(
        kind=Plan.Kind.ERASURE, status=plans.Status.RUNNING, is_cut=True
    )
    return [plan for plan in running if plans.is_worked_off(plan)]


def _prove(some: Sequence[Plan], clock: Clock) -> None:
    said = bound.left(some)
    people = [
        Waiting(
            plan,
            marks_of(plan),
            naming.read(plan),
            groundless=NOTHING_OWN,
            signs=naming.signs(plan),
            known=said.get(plan.pk, ()),
        )
        for plan in some
    ]
    found = residue.run(waiting=people, now=clock())
    down = any(left.down for left in found)  # then the proof is had later
    came = {} if down else latecomers.told(some)
    for person, left in zip(people, found, strict=True):
        if not left.down:
            unchanged.note(person.plan, clock())
        _close(person, left, came.get(person.plan.pk, []), clock())


def _close(
    person: Waiting, found: Residue, came: Sequence[str], now: dt.datetime
) -> None:
    with transaction.atomic():
        mine = Plan.objects.select_for_update().filter(pk=person.plan.pk)
        plan = mine.filter(status=plans.Status.RUNNING).first()
        if plan is None:
            return
        plan.residue = found.document
        plan.save(update_fields=["residue"])
        if found.down:
            plans.wait(plan.pk, _waits(found))
            return
        try:
            undo.keep_marks(plan=plan, marks=person.marks, now=now)
        except undo.KeysDown as down:
            plans.wait(plan.pk, str(down))
            return
        leftovers.note(plan=plan, found=found, now=now)
        plan.residue["decided"] = leftovers.said(plan)
        plan.save(update_fields=["residue"])
        problems = [*plans.failures(plan), *_problems(found), *came]
        if not problems:
            certificates.issue(plan=plan, now=now)
            plan.names = None
            plan.save(update_fields=["names"])
            _forget(plan, now)
        plans.finish(plan=plan, problem=" ".join(problems), now=now)


def _waits(found: Residue) -> str:
    return f"The proof waits for {', '.join(found.down)}, which can't be read."


def _problems(found: Residue) -> list[str]:
    problems = [
        f"{each['place']} could not be searched: {each['why']}."
        for each in found.unread
    ]
    if found.left:
        problems.append(
            f"{found.left} copies of the person's identifiers are still there. They "
            "need human review: see Leftovers."
        )
    return problems


def _forget(plan: Plan, now: dt.datetime) -> None:
    if released.is_held(plan):
        return  # when the hold ends, the rest must be found again
    for identifier in plan.identifiers.all():
        if not holds.covers(identifier):
            identifiers.forget(identifier=identifier, by=plan.approved_by, now=now)
