"""Sealed undo: what an erasure ends, kept for some days under a key of its own, so that
a wrong match can be put back. Then the key is destroyed, and the copies with it.

Files are kept in the same way (`files`). Nobody sees the copies: no page, no export, no
search opens them. They count as kept, so the certificate says until when.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connections, transaction

from privacy import audit, identifiers, journal, plans
from privacy.datamap import Map
from privacy.identifiers import Mark
from privacy.models import Hold, Plan, Range, Table, Undo, UndoCopy, UndoPeriod
from privacy.refusals import Refusal
from privacy.sql import copies
from privacy.subjects import by_key
from privacy.undo import files, keys, putting_back
from privacy.undo.files import keep_file
from privacy.undo.keys import (
    FolderAway,
    KeysDown,
    NothingToPutBack,
    decrypt,
    encrypt,
)
from privacy.undo.lost import KeyIsThere, give_up, given_up, may_give_up
from privacy.undo.putting_back import PutBack, Row

__all__ = [
    "LISTENERS",
    "FolderAway",
    "KeyIsThere",
    "KeysDown",
    "NothingToPutBack",
    "PutBack",
    "StillAtWork",
    "before",
    "days",
    "end_due",
    "give_up",
    "given_up",
    "keep",
    "keep_file",
    "keep_marks",
    "may_give_up",
    "prepare",
    "put_back",
    "until",
]


# Floors above add to it: whoever was told that the plan is done must hear that it is
# undone. Called in the transaction that notes it, before the trail is written.
LISTENERS: list[Callable[[Plan, str, dt.datetime], None]] = []


class StillAtWork(Refusal):
    """Finish or cancel the plan first; then it can be undone."""


def days(right: str) -> int:
    """For how many days an erasure for this right can be undone; 0 for not at all."""
    found = UndoPeriod.objects.filter(right=right).values_list("days", flat=True)
    return found.first() or 0


def until(plan: Plan) -> dt.datetime | None:
    """When the sealed copy of what the plan erased expires; None for none."""
    return (
        Undo.objects.filter(plan=plan, ended_at=None)
        .values_list("until", flat=True)
        .first()
    )


# --- keeping --------------------------------------------------------------------


def prepare(*, plan: Plan, days: int) -> None:
    """Makes the plan's key. Call in the transaction that makes the plan."""
    if days:
        Undo.objects.create(plan=plan, days=days, key=keys.make(plan.pk))


def before(*, piece: Range, mapped: Map, table: Table, rows: Any) -> list[Row] | None:
    """The rows of a range right before they change; None if nothing is kept.

    Nobody asked for what a retention rule removes, so there is no wrong match to undo.
    """
    if piece.plan.kind == Plan.Kind.SWEEP:
        return None
    kept: Undo | None = getattr(piece.plan, "undo", None)
    if kept is None or kept.ended_at is not None or not table.has_key:
        return None  # a row without a key can't be found again once it has changed
    return list(copies.read(connections[mapped.alias], mapped.model(table), rows))


def keep(*, piece: Range, mapped: Map, table: Table, was: list[Row]) -> None:
    """Seals what was there and what has replaced it, before the store commits.

    A range that is rolled back and runs again is sealed again.
    """
    kept = Undo.objects.get(plan=piece.plan_id)
    model = mapped.model(table)
    keys = [copies.key(model, table.key, row) for row in was]
    changed = mapped.rows(table).filter(by_key(table, keys))
    now = list(copies.read(connections[mapped.alias], model, changed))
    UndoCopy.objects.update_or_create(
        range=piece,
        defaults={"undo": kept, "content": encrypt(kept, {"was": was, "now": now})},
    )


def keep_marks(*, plan: Plan, marks: Sequence[Mark], now: dt.datetime) -> None:
    """Seals the person's identifiers before they are forgotten; the days count from
    now."""
    kept = Undo.objects.filter(plan=plan, ended_at=None).first()
    if kept is None:
        return
    content = [[mark.kind, mark.value] for mark in marks]
    UndoCopy.objects.update_or_create(
        undo=kept, range=None, defaults={"content": encrypt(kept, content)}
    )
    kept.until = now + dt.timedelta(days=kept.days)
    kept.save(update_fields=["until"])


def end_due(*, now: dt.datetime) -> int:
    """Destroys each key whose days are over, and the copies with it, once nobody whose
    they are is on hold. Returns how many."""
    stopped = Undo.objects.filter(until=None, plan__status=Plan.Status.CANCELLED)
    for kept in stopped.filter(ended_at=None):
        kept.until = now + dt.timedelta(days=kept.days)
        kept.save(update_fields=["until"])
    holds = Hold.objects.filter(released_at=None)
    held = Plan.objects.filter(identifiers__hold__in=holds)
    due = Undo.objects.filter(until__lte=now, ended_at=None).exclude(plan__in=held)
    ended = sum(_end(number, now) for number in due.values_list("pk", flat=True))
    open_ = Undo.objects.filter(ended_at=None).values_list("plan_id", flat=True)
    keys.destroy_others(set(open_), now)
    return ended


def _end(number: int, now: dt.datetime) -> bool:
    """Leaves out what is being put back at this moment."""
    with transaction.atomic():
        rows = Undo.objects.select_for_update(skip_locked=True)
        if (kept := rows.filter(pk=number, ended_at=None).first()) is None:
            return False
        keys.close(kept, now)
        audit.record(
            action="undo.ended", subject=f"plan:{kept.plan_id}", by="schedule", now=now
        )
    keys.destroy(kept.plan_id)
    return True


# --- putting back ---------------------------------------------------------------


def put_back(*, plan: Plan, by: str, now: dt.datetime) -> PutBack:
    """Restores everything as it was before the plan; rows that changed since stay as
    they are.

    Files come first, so that no row names one that is missing. Safe to repeat after a
    crash, and where the store refused rows: these stay sealed until their days are
    over. Raises `StorageDown` where a file can't be written; the undo then stays open.
    """
    with transaction.atomic():  # the key is locked, and not destroyed half-way
        rows = Undo.objects.select_for_update().filter(plan=plan, ended_at=None)
        if (kept := rows.first()) is None:
            raise NothingToPutBack
        if plan.status not in (*plans.FINISHED, Plan.Status.CANCELLED):
            raise StillAtWork
        done = _put_all_back(kept)
        for listener in LISTENERS:
            listener(plan, by, now)
        _close(plan, kept, by, now, done)
    journal.withdraw(plan=plan, now=now)
    if not done.refused:
        keys.destroy(plan.pk)
    return done


def _put_all_back(kept: Undo) -> PutBack:
    done = PutBack(without_key=_without_key(kept.plan))
    done.files, done.files_lost = files.put_back(kept)
    putting_back.put_back(kept, done)
    return done


def _without_key(plan: Plan) -> int:
    """Rows that can't be put back: once they had changed, nothing told them apart."""
    ended = plan.ranges.filter(status=Range.Status.DONE).select_related("table")
    return sum(piece.rows for piece in ended if not piece.table.has_key)


def _close(plan: Plan, kept: Undo, by: str, now: dt.datetime, done: PutBack) -> None:
    for copy in kept.copies.filter(range=None):
        for kind, value in decrypt(copy):
            identifiers.keep(Mark(kind, value), now=now, revive=True)
    if not done.refused:
        keys.close(kept, now)
    Plan.objects.filter(pk=plan.pk).update(undone_at=now, undone_by=by)
    audit.record(
        action="plan.undone", subject=f"plan:{plan.pk}", by=by, now=now,
        **vars(done),
    )  # fmt: skip
