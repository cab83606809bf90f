"""Tells recipients what a person asked for, reminds them, and stores what they answer.

GDPR Art. 19 wants each recipient told of an erasure, correction or restriction; 11 CCR
7022(b)-(c) every service provider and everyone the data was sold to. What a recipient
was told about is sealed with the instruction, because by the time it answers our own
copy is gone.
"""

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from privacy import audit
from privacy.identifiers import Mark
from privacy.models import Instruction, Plan, Provider
from privacy.providers.answers import Unknown, WrongAnswer, answered
from privacy.providers.telling import NotInDoubt, settle, tell_waiting

__all__ = [
    "NotInDoubt",
    "Unknown",
    "WrongAnswer",
    "answered",
    "facts",
    "instruct",
    "of",
    "open_of",
    "settle",
    "take_back",
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
    held: Collection[str] = (),
) -> list[Instruction]:
    """Creates an instruction for each recipient concerned; a worker sends it. Calling
    twice creates it once.

    `held` are the categories that a legal hold keeps: an erasure that was not carried
    out here is not passed on (GDPR Art. 17(3)(e), 19; 11 CCR 7022(b)).
    """
    said = {
        "duty": duty,
        "regime": regime,
        "asked_at": asked_at.isoformat(),
        "people": [{"kind": mark.kind, "value": mark.value} for mark in marks],
        "changes": list(changes),
    }
    with transaction.atomic():
        return [
            _instruct(each, duty, subject, plan, said, by, now)
            for each in _concerned(duty, plan, frozenset(held))
        ]


@dataclass(frozen=True)
class Concerned:
    """A recipient, what it is to leave, and whether it is told at all."""

    provider: Provider
    keeps: list[str]
    is_held: bool = False


def _concerned(
    duty: str, plan: Plan | None, held: frozenset[str]
) -> Iterator[Concerned]:
    """Recipients of the categories that the plan erases; without a plan, all of them. A
    recipient without declared categories may have seen any."""
    active = Provider.objects.filter(is_active=True, duties__contains=[duty])
    for provider in active.prefetch_related("categories"):
        own = {category.pk for category in provider.categories.all()}
        kept = sorted(held & own if own else held)
        if _has_some(own, plan, held):
            yield Concerned(provider, kept)
        elif kept:
            yield Concerned(provider, kept, is_held=True)


def _has_some(own: set[str], plan: Plan | None, held: frozenset[str]) -> bool:
    """Whether it has any of what was erased. Where nothing was found here, it may still
    have some."""
    tables = plan.summary.get("tables", []) if plan is not None else []
    if not tables:
        return plan is None or not (own or held)
    ended = {each["category"] for said in tables for each in said["fields"]} - held
    return bool(ended - {""} & own if own else ended)


def _instruct(
    concerned: Concerned,
    duty: str,
    subject: str,
    plan: Plan | None,
    said: dict[str, Any],
    by: str,
    now: dt.datetime,
) -> Instruction:
    facts: dict[str, Any] = {"plan": plan, "made_at": now, "next_at": now}
    facts["keeps"] = concerned.keeps
    if concerned.is_held:
        facts["state"] = State.HELD
    else:
        facts["document"] = audit.canonical({**said, "keeps": concerned.keeps})
    row, is_new = Instruction.objects.get_or_create(
        provider=concerned.provider, subject=subject, duty=duty, defaults=facts
    )
    if is_new:
        audit.record(
            action="provider.held" if concerned.is_held else "provider.instructed",
            subject=f"instruction:{row.pk}",
            by=by,
            now=now,
            provider=concerned.provider.name,
            duty=duty,
            about=subject,
        )
    return row


def take_back(*, subject: str, by: str, now: dt.datetime) -> int:
    """Nothing was done here after all: whom nobody has tried to tell yet is not told.
    Returns how many."""
    waiting = Instruction.objects.filter(
        subject=subject,
        state__in=(State.WAITING, State.HELD),
        told_at=None,
        tried_at=None,
        asked_at=None,
        failures=0,
        next_at__lte=now,  # no worker has claimed it
    )
    with transaction.atomic():
        rows = list(waiting.select_for_update(of=("self",)).select_related("provider"))
        for row in rows:
            audit.record(
                action="provider.taken_back",
                subject=f"instruction:{row.pk}",
                by=by,
                now=now,
                provider=row.provider.name,
                duty=row.duty,
                about=subject,
            )
        Instruction.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)


# --- how it stands ----------------------------------------------------------------


def of(subject: str) -> list[Instruction]:
    return list(Instruction.objects.filter(subject=subject).select_related("provider"))


def open_of(subject: str) -> int:
    """How many recipients have not said that it is done, or why it is not."""
    waits = (State.WAITING, State.TOLD, State.LATER)
    return Instruction.objects.filter(subject=subject, state__in=waits).count()


def facts(row: Instruction) -> dict[str, Any]:
    """As plain data, for machines and the signed certificate."""
    return {
        "recipient": row.provider.name,
        "duty": row.duty,
        "state": row.state,
        "told_at": row.told_at and row.told_at.astimezone(dt.UTC).isoformat(),
        "answered_at": row.answered_at
        and row.answered_at.astimezone(dt.UTC).isoformat(),
        "until": row.until and row.until.isoformat(),
        **({"by_hand": True} if row.told_by else {}),
        **({"keeps": row.keeps} if row.keeps else {}),
    }
