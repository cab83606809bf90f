"""Telling recipients, and reminding those who do not answer.

A row is claimed for a while, told and noted, so that of two workers one does it. One
that dies in between leaves it to the next, who tells it again under the same number
(`webhook-id`, `subject_request_id`, Message-ID): the recipient knows that it has it.
"""

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from privacy import outgoing
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
AT_ONCE = 100
LEASE = dt.timedelta(seconds=AT_ONCE * outgoing.SECONDS)  # if each answers late


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
    row = _claimed(key, now)
    if row is None or row.document is None:
        return False
    said = json.loads(row.document.open())
    said["reminder"] = row.reminders + 1 if row.told_at else 0
    problem, least = "", None
    try:
        least = _least(row, said, now)
        taken = WAYS[row.provider.way](row, least or said, now)
    except (gate.Refused, opendsr.NoExceptions) as refused:
        taken, problem = False, str(refused)
    _note(row, least if taken else None, now, taken=taken, problem=problem)
    return taken


def _claimed(key: Any, now: dt.datetime) -> Instruction | None:
    """Ours for a while; no lock is held while the other side is talked to."""
    with transaction.atomic():
        rows = Instruction.objects.select_for_update(skip_locked=True, of=("self",))
        mine = rows.filter(pk__in=due(now), pk=key).select_related("provider")
        if row := mine.first():
            Instruction.objects.filter(pk=key).update(next_at=now + LEASE)
    return row


def _least(
    row: Instruction, said: dict[str, Any], now: dt.datetime
) -> dict[str, Any] | None:
    """What the gate lets go; with a task of ours and with a question nothing leaves."""
    way = row.provider.way
    asks = way == Provider.Way.OPENDSR and row.told_at is not None
    if way == Provider.Way.TASK or asks:
        return None
    if way == Provider.Way.OPENDSR and row.keeps:
        raise opendsr.NoExceptions
    return owed.least(row, said, now=now)


def _note(
    row: Instruction,
    least: dict[str, Any] | None,
    now: dt.datetime,
    *,
    taken: bool,
    problem: str,
) -> None:
    """That it was told stands in the register, whatever it has answered meanwhile."""
    with transaction.atomic():
        if least is not None:
            owed.enter(row, least, now=now)
        rows = Instruction.objects.select_for_update(of=("self",))
        fresh = rows.select_related("provider").get(pk=row.pk)
        changed = {"problem": problem}
        if fresh.state in (State.WAITING, State.TOLD, State.LATER):
            changed |= _told(fresh, now) if taken else _failed(fresh, now)
        Instruction.objects.filter(pk=row.pk).update(**changed)


def _failed(row: Instruction, now: dt.datetime) -> dict[str, Any]:
    wait = SOONEST * 2 ** min(row.failures, MOST_DOUBLINGS)
    return {"failures": row.failures + 1, "next_at": now + wait}


def _told(row: Instruction, now: dt.datetime) -> dict[str, Any]:
    """Asked for more time at once, it is reminded on that day and not before."""
    remind_at = now + dt.timedelta(days=row.provider.remind_after)
    told = {"failures": 0, "next_at": max(row.next_at, remind_at)}
    if row.state == State.WAITING:
        told["state"] = State.TOLD
    if row.told_at is None:
        return told | {"told_at": now}
    return told | {"reminders": row.reminders + 1, "reminded_at": now}
