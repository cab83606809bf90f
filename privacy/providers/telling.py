"""Tells recipients, and reminds those that do not answer. What cannot go by itself
waits for one of us (`byhand`).

A row is leased, sent and recorded, so that of two workers only one sends it. If a
worker dies in between, the next one sends it again under the same number (`webhook-id`,
`subject_request_id`): the recipient recognises it. A mail that a server may have
accepted is not sent again: somebody looks at its log first (`settle`).
"""

import datetime as dt
import json
import logging
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from privacy import audit, handing, outgoing
from privacy.models import Instruction, Provider
from privacy.providers import byhand, gate, mail, opendsr, owed, webhook
from privacy.refusals import Refusal

Way = Callable[[Instruction, dict[str, Any], dt.datetime], bool]
log = logging.getLogger(__name__)
State = Instruction.State
OPEN = (State.WAITING, State.TOLD, State.LATER)
WAYS: dict[str, Way] = {
    Provider.Way.OPENDSR: opendsr.tell,
    Provider.Way.WEBHOOK: webhook.tell,
    Provider.Way.MAIL: mail.tell,
}
SOONEST = dt.timedelta(minutes=5)  # after a failure; doubled each time
MOST_DOUBLINGS = 8
AT_ONCE = 100
LEASE = dt.timedelta(seconds=AT_ONCE * outgoing.SECONDS)  # if each answers late


class NotInDoubt(Refusal):
    """Nothing is unclear about that, or the mail server still has time to answer."""


def due(now: dt.datetime) -> QuerySet[Instruction]:
    """What is to be sent, or was sent and not answered for too long."""
    return Instruction.objects.filter(
        state__in=OPEN, next_at__lte=now, tried_at=None, provider__is_active=True
    )


def _is_by_mail(row: Instruction) -> bool:
    return row.provider.way == Provider.Way.MAIL


def tell_waiting(*, now: dt.datetime) -> int:
    """Returns how many were sent something."""
    _note_doubts(now)
    keys = due(now).order_by("next_at").values_list("pk", flat=True)[:AT_ONCE]
    return sum(_tell(key, now) for key in list(keys))


def _tell(key: Any, now: dt.datetime) -> bool:
    row = _claimed(key, now)
    if row is None or row.document is None:
        return False
    if byhand.is_ours(row):
        return _ask(row, now)
    said = _said(row)
    problem, least = "", None
    try:
        least = _least(row, said, now)
        taken = WAYS[row.provider.way](row, least or said, now)
    except (gate.Refused, opendsr.NoExceptions) as refused:
        taken, problem = False, str(refused)
    except handing.InDoubt:
        return False
    _note(row, least if taken else None, now, taken=taken, problem=problem)
    if problem and byhand.is_to_ask(row, now):
        _ask(row, now)
    return taken


def _ask(row: Instruction, now: dt.datetime) -> bool:
    """Whether one of us was asked to tell it, or to ask for its answer."""
    again = now + dt.timedelta(days=row.provider.remind_after)
    changed: dict[str, Any] = {"asked_at": now}
    try:
        byhand.ask(row)
    except OSError as failed:  # smtplib's errors are such
        log.warning("Nobody was asked to tell it: %s", type(failed).__name__)
        changed, again = {}, now + SOONEST
    if byhand.is_ours(row):  # the gate's no is asked for again as before
        changed |= {"next_at": max(row.next_at, again)}
    Instruction.objects.filter(pk=row.pk, state__in=OPEN).update(**changed)
    return "asked_at" in changed


def _said(row: Instruction) -> dict[str, Any]:
    assert row.document is not None  # noqa: S101 - it goes with the last answer
    said: dict[str, Any] = json.loads(row.document.open())
    return said | {"reminder": row.reminders + 1 if row.told_at else 0}


def _claimed(key: Any, now: dt.datetime) -> Instruction | None:
    """Leased to this worker; no lock is held while the other side is contacted."""
    with transaction.atomic():
        rows = Instruction.objects.select_for_update(skip_locked=True, of=("self",))
        mine = rows.filter(pk__in=due(now), pk=key).select_related("provider")
        if row := mine.first():
            claim: dict[str, Any] = {"next_at": now + LEASE}
            if _is_by_mail(row):
                claim |= {"tried_at": now, "problem": ""}
            Instruction.objects.filter(pk=key).update(**claim)
    return row


def _note_doubts(now: dt.datetime) -> None:
    """Of mails that were given to the mail server, which has had its time to answer."""
    silent = Instruction.objects.filter(tried_at__lt=now - LEASE, problem="")
    for row in silent.select_related("provider"):
        Instruction.objects.filter(pk=row.pk, tried_at=row.tried_at).update(
            problem=_doubt(row)
        )


def _doubt(row: Instruction) -> str:
    """Stays until somebody knows what the mail server did."""
    name = mail.message_id(row, _said(row)["reminder"]) if row.document else ""
    return f"In doubt: look in the mail server's log for {name}, and say what it says."


def settle(
    *, instruction: Instruction, was_sent: bool, by: str, now: dt.datetime
) -> None:
    """Records what the mail server's log says; what was not sent is sent now."""
    with transaction.atomic():
        rows = Instruction.objects.select_for_update(of=("self",))
        row = rows.select_related("provider").get(pk=instruction.pk)
        if row.tried_at is None or row.tried_at > now - LEASE or row.document is None:
            raise NotInDoubt
        audit.record(
            action="provider.settled",
            subject=f"instruction:{row.pk}",
            by=by,
            now=now,
            was_sent=was_sent,
        )
        if was_sent:
            least = owed.least(row, _said(row), now=now)
            _note(row, least, now, taken=True, problem="")
        else:
            Instruction.objects.filter(pk=row.pk).update(
                tried_at=None, problem="", next_at=now
            )


def _least(
    row: Instruction, said: dict[str, Any], now: dt.datetime
) -> dict[str, Any] | None:
    """What the gate allows; a status query discloses nothing."""
    is_opendsr = row.provider.way == Provider.Way.OPENDSR
    if is_opendsr and row.told_at is not None:
        return None
    if is_opendsr and row.keeps:
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
    """The disclosure is recorded whatever the recipient has answered meanwhile."""
    with transaction.atomic():
        if least is not None:
            owed.enter(row, least, now=now)
        rows = Instruction.objects.select_for_update(of=("self",))
        fresh = rows.select_related("provider").get(pk=row.pk)
        changed: dict[str, Any] = {"problem": problem, "tried_at": None}
        if fresh.state in OPEN:
            changed |= _told(fresh, now) if taken else _failed(fresh, now)
        Instruction.objects.filter(pk=row.pk).update(**changed)


def _failed(row: Instruction, now: dt.datetime) -> dict[str, Any]:
    wait = SOONEST * 2 ** min(row.failures, MOST_DOUBLINGS)
    return {"failures": row.failures + 1, "next_at": now + wait}


def _told(row: Instruction, now: dt.datetime) -> dict[str, Any]:
    """A recipient that asked for more time is reminded on that day and not before."""
    remind_at = now + dt.timedelta(days=row.provider.remind_after)
    told = {"failures": 0, "next_at": max(row.next_at, remind_at)}
    if row.state == State.WAITING:
        told["state"] = State.TOLD
    if row.told_at is None:
        return told | {"told_at": now}
    return told | {"reminders": row.reminders + 1, "reminded_at": now}
