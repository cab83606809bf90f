"""What one of us has to tell a recipient: the recipient has no other way, or the gate
stopped what would have gone by itself.

It is told once somebody notes the day on which they did. Until then it waits, the
colleague responsible is asked by mail, and again after the recipient's days; so they
are while it does not answer. The mail names the request and the page, and nobody.
"""

import datetime as dt
import json
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse

from privacy import audit, staff
from privacy.models import Instruction, Provider
from privacy.providers import gate, owed
from privacy.refusals import Refusal

State = Instruction.State
NOTES = "privacy.change_instruction"  # who may note it
LEFT = Q(provider__way=Provider.Way.TASK) | ~Q(problem="")
NOON = dt.time(12)


class NothingToTell(Refusal):
    """There is nothing to tell this recipient any more."""


class OnItsWay(Refusal):
    """A mail to it may have been sent: say first what the mail server's log says."""


class NotThen(Refusal):
    """Give the day on which you told it: not before it was to be told, nor a day to
    come."""


def waiting() -> QuerySet[Instruction]:
    """Recipients that wait for one of us to tell them."""
    rows = Instruction.objects.filter(LEFT, state=State.WAITING, tried_at=None)
    return rows.filter(provider__is_active=True)


def is_ours(row: Instruction) -> bool:
    """Whether we tell and remind it ourselves."""
    return row.provider.way == Provider.Way.TASK or bool(row.told_by)


# --- asking the colleague ---------------------------------------------------------
def ask(row: Instruction) -> None:
    """Asks by mail. Raises OSError where no mail server takes it."""
    if people := _colleagues(row.provider):
        path = reverse("admin:privacy_instruction_change", args=[row.pk])
        wanted = "ask for the answer of" if row.told_at else "tell"
        EmailMessage(
            f"{row.subject.removeprefix('ticket:')}: {wanted} {row.provider}",
            f"What to tell it, and where to note it: {settings.PUBLIC_URL}{path}",
            settings.DEFAULT_FROM_EMAIL,
            people,
        ).send()


def is_to_ask(row: Instruction, now: dt.datetime) -> bool:
    """Of what the gate stopped: it is tried again more often than anybody is asked."""
    every = dt.timedelta(days=row.provider.remind_after)
    return row.asked_at is None or row.asked_at + every <= now


def _colleagues(provider: Provider) -> list[str]:
    """The owner; Legal too unless the owner may note it."""
    owner = User.objects.filter(username=provider.owner, is_active=True).first()
    who = Q(username=provider.owner) if owner else Q(pk=None)
    if owner is None or not owner.has_perm(NOTES):
        who |= Q(groups__name="Legal")
    return staff.addresses(who)


# --- telling it -------------------------------------------------------------------
def words(*, instruction: Instruction, by: str, now: dt.datetime) -> str:
    """What to say, with whom it is about; that it was read is recorded."""
    with transaction.atomic():
        row = _open(instruction)
        said, stopped = _said(row, now)
        _record("provider.words_read", row, by, now, stopped=stopped)
    return render_to_string("privacy/instruction.txt", {"row": row, "said": said})


def told(*, instruction: Instruction, on: dt.date, by: str, now: dt.datetime) -> None:
    """One of us told it on that day; a second time is a reminder."""
    with transaction.atomic():
        row = _open(instruction)
        if not row.made_at.date() <= on <= now.date():
            raise NotThen
        at = max(row.made_at, min(now, dt.datetime.combine(on, NOON, dt.UTC)))
        said, stopped = _said(row, now)
        if not stopped:
            owed.enter(row, said, now=now)
        Instruction.objects.filter(pk=row.pk).update(**_changes(row, at, by))
        _record("provider.told_by_hand", row, by, now, on=str(on), stopped=stopped)
    instruction.refresh_from_db()


def _open(instruction: Instruction) -> Instruction:
    rows = Instruction.objects.select_for_update(of=("self",))
    row = rows.select_related("provider").get(pk=instruction.pk)
    if row.tried_at is not None:
        raise OnItsWay
    if row.document is None or row.state == State.HELD:
        raise NothingToTell
    return row


def _said(row: Instruction, now: dt.datetime) -> tuple[dict[str, Any], str]:
    """What the gate lets this recipient know, and why not where it lets nothing: then
    whom it is about, and no value."""
    assert row.document is not None  # noqa: S101 - `_open` asked
    said = json.loads(row.document.open()) | {"reminder": int(row.told_at is not None)}
    try:
        return owed.least(row, said, now=now), ""
    except gate.Refused as refused:
        return said | {"changes": []}, refused.verdict.reason


def _changes(row: Instruction, at: dt.datetime, by: str) -> dict[str, Any]:
    ask_at = at + dt.timedelta(days=row.provider.remind_after)
    changes = {"told_by": by, "problem": "", "failures": 0}
    changes |= {"next_at": max(row.next_at, ask_at)}
    if row.told_at is not None:
        return changes | {"reminders": row.reminders + 1, "reminded_at": at}
    if row.state == State.WAITING:
        changes["state"] = State.TOLD
    return changes | {"told_at": at}


def _record(
    action: str, row: Instruction, by: str, now: dt.datetime, **details: Any
) -> None:
    audit.record(
        action=action,
        subject=f"instruction:{row.pk}",
        by=by,
        now=now,
        provider=row.provider.name,
        duty=row.duty,
        about=row.subject,
        **details,
    )
