"""A worker verifies the whole audit trail; progress and result are stored in a row. If
the worker dies, the row has the position and the hash to continue from."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, transaction

from privacy import audit, leases
from privacy.models import TrailVerification
from privacy.refusals import Refusal

AT_ONCE = 50_000  # rows
State = TrailVerification.State


class UnderWay(Refusal):
    """A worker is already verifying the trail; its result will appear here."""


def ask(*, by: str, now: dt.datetime) -> TrailVerification:
    try:
        with transaction.atomic():
            row = TrailVerification.objects.create(
                asked_by=by, asked_at=now, last=audit.GENESIS
            )
            _record("asked", row, by, now)
    except IntegrityError:
        raise UnderWay from None
    return row


def run(*, clock: Callable[[], dt.datetime]) -> int:
    """Verifies what was asked for and no worker is reading; returns how many were
    finished."""
    waiting = TrailVerification.objects.filter(state=State.RUNNING)
    return sum(_read(row, clock) for row in leases.claimed(waiting, clock))


def _read(row: TrailVerification, clock: Callable[[], dt.datetime]) -> bool:
    """To the end, including what is written meanwhile."""
    try:
        while _goes_on(row, clock):
            pass
    except audit.TrailBroken as broken:
        _finish(row, State.BROKEN, clock(), problem=str(broken))
    else:
        _finish(row, State.WHOLE, clock())
    return True


def _goes_on(row: TrailVerification, clock: Callable[[], dt.datetime]) -> bool:
    before = row.rows
    row.rows, row.last = audit.verify_after(before, row.last, AT_ONCE)
    row.leased_until = clock() + leases.LEASE
    row.save(update_fields=["rows", "last", "leased_until"])
    return row.rows == before + AT_ONCE


def _finish(
    row: TrailVerification, state: str, now: dt.datetime, **changed: Any
) -> None:
    with transaction.atomic():
        mine = TrailVerification.objects.filter(pk=row.pk, state=State.RUNNING)
        if mine.update(state=state, finished_at=now, leased_until=None, **changed):
            _record(state, row, "worker", now, rows=row.rows)


def _record(
    verb: str, row: TrailVerification, by: str, now: dt.datetime, **details: Any
) -> None:
    audit.record(
        action=f"verification.{verb}",
        subject=f"trailverification:{row.pk}",
        by=by,
        now=now,
        **details,
    )
