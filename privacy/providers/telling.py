"""Telling recipients, and reminding those who do not answer.

A row is locked while it is told, so that of two workers one does it. A worker that dies
in between tells it again: under the same number, which a recipient knows.
"""

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from privacy.models import Instruction, Provider
from privacy.providers import gate, mail, opendsr, owed, task, webhook

Way = Callable[[Instruction, dict[str, Any], dt.datetime], bool]
State = Instruction.State
WAYS: dict[str, Way] = {
    Provider.Way.OPENDSR: opendsr.tell,
    Provider.Way.WEBHOOK: webhook.tell,
    Provider.Way.MAIL: mail.tell,
    Provider.Way.TASK: task.tell,
}
SOONEST = dt.timedelta(minutes=5)  # after a failure; doubled each time
MOST_DOUBLINGS = 8
AT_ONCE = 200


def due(now: dt.datetime) -> QuerySet[Instruction]:
    """To be told, or told and without an answer for too long."""
    open_ = (State.WAITING, State.TOLD, State.LATER)
    return Instruction.objects.filter(
        state__in=open_, next_at__lte=now, provider__is_active=True
    )


def tell_waiting(*, now: dt.datetime) -> int:
    """How many were told something."""
    keys = due(now).order_by("next_at").values_list("pk", flat=True)[:AT_ONCE]
    return sum(_tell(key, now) for key in list(keys))


def _tell(key: Any, now: dt.datetime) -> bool:
    with transaction.atomic():
        rows = Instruction.objects.select_for_update(skip_locked=True, of=("self",))
        row = rows.select_related("provider").filter(pk__in=due(now), pk=key).first()
        if row is None or row.document is None:
            return False
        said = json.loads(row.document.open())
        said["reminder"] = row.reminders + 1 if row.told_at else 0
        taken = _tell_least(row, said, now)
        row.refresh_from_db()
        _note(row, now, taken=taken)
    return taken


def _tell_least(row: Instruction, said: dict[str, Any], now: dt.datetime) -> bool:
    """Nothing leaves past the gate; a task of ours and a question leave nothing."""
    way, problem = row.provider.way, ""
    asks = way == Provider.Way.OPENDSR and row.told_at is not None
    if way == Provider.Way.TASK or asks:
        return WAYS[way](row, said, now)
    try:
        least = owed.least(row, said, now=now)
        if taken := WAYS[way](row, least, now):
            owed.enter(row, least, now=now)
    except gate.Refused as refused:
        taken, problem = False, str(refused)
    Instruction.objects.filter(pk=row.pk).update(problem=problem)
    return taken


def _note(row: Instruction, now: dt.datetime, *, taken: bool) -> None:
    if row.state not in (State.WAITING, State.TOLD, State.LATER):
        return  # it answered at once
    if not taken:
        wait = SOONEST * 2 ** min(row.failures, MOST_DOUBLINGS)
        row.failures, row.next_at = row.failures + 1, now + wait
    else:
        if row.told_at is None:
            row.told_at = now
        else:
            row.reminders, row.reminded_at = row.reminders + 1, now
        if row.state == State.WAITING:
            row.state = State.TOLD
        row.failures = 0
        row.next_at = now + dt.timedelta(days=row.provider.remind_after)
    row.save()
