"""Recipients are told what a person asked, reminded, and what they answer is kept.

GDPR Art. 19 wants each recipient told of an erasure, correction or restriction; 11 CCR
7022(b)-(c) every service provider and whoever the data was sold to. What a recipient
was told about is sealed beside it, because by the time it answers our own copy is gone.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q

from privacy import audit
from privacy.identifiers import Mark
from privacy.models import Instruction, Plan, Provider
from privacy.providers.answers import Unknown, WrongAnswer, answered
from privacy.providers.telling import tell_waiting

__all__ = [
    "Unknown",
    "WrongAnswer",
    "answered",
    "facts",
    "instruct",
    "of",
    "open_of",
    "tell_waiting",
]
State = Instruction.State


def instruct(
    *,
    duty: str,
    subject: str,
    marks: Sequence[Mark],
    plan: Plan | None,
    asked_at: dt.datetime,
    regime: str,
    by: str,
    now: dt.datetime,
    changes: Sequence[dict[str, str]] = (),
) -> list[Instruction]:
    """A row for each recipient concerned; they are told by a worker. Twice is once."""
    said = {
        "duty": duty,
        "regime": regime,
        "asked_at": asked_at.isoformat(),
        "people": [{"kind": mark.kind, "value": mark.value} for mark in marks],
        "changes": list(changes),
    }
    with transaction.atomic():
        return [
            _instruct(provider, duty, subject, plan, said, by, now)
            for provider in _concerned(duty, plan)
        ]


def _concerned(duty: str, plan: Plan | None) -> Iterable[Provider]:
    """Who has the categories that the plan touches; without a plan, everybody."""
    active = Provider.objects.filter(is_active=True, duties__contains=[duty])
    if plan is None:
        return active
    touched = {
        field["category"]
        for said in plan.summary.get("tables", [])
        for field in said["fields"]
        if field["category"]
    }
    return active.filter(Q(categories=None) | Q(categories__in=touched)).distinct()


def _instruct(
    provider: Provider,
    duty: str,
    subject: str,
    plan: Plan | None,
    said: dict[str, Any],
    by: str,
    now: dt.datetime,
) -> Instruction:
    row, is_new = Instruction.objects.get_or_create(
        provider=provider,
        subject=subject,
        duty=duty,
        defaults={
            "plan": plan,
            "document": audit.canonical(said),
            "made_at": now,
            "next_at": now,
        },
    )
    if is_new:
        audit.record(
            action="provider.instructed",
            subject=f"instruction:{row.pk}",
            by=by,
            now=now,
            provider=provider.name,
            duty=duty,
            about=subject,
        )
    return row


# --- how it stands ----------------------------------------------------------------


def of(subject: str) -> list[Instruction]:
    return list(Instruction.objects.filter(subject=subject).select_related("provider"))


def open_of(subject: str) -> int:
    """How many recipients have not said that it is done, or why not."""
    waits = (State.WAITING, State.TOLD, State.LATER)
    return Instruction.objects.filter(subject=subject, state__in=waits).count()


def facts(row: Instruction) -> dict[str, Any]:
    """For machines, and the signed certificate."""
    return {
        "recipient": row.provider.name,
        "duty": row.duty,
        "state": row.state,
        "told_at": row.told_at and row.told_at.astimezone(dt.UTC).isoformat(),
        "answered_at": row.answered_at
        and row.answered_at.astimezone(dt.UTC).isoformat(),
        "until": row.until and row.until.isoformat(),
    }
