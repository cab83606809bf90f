"""What staff write down after a person told them something, and taking back a
mistake."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction

from consent import ledger, lookup, programs
from consent.models import Channel, Event
from privacy.identifiers import Mark
from privacy.models import Identifier
from privacy.refusals import Refusal, reason_given

ROUTE = "support"


class OfSomebodyElse(Refusal):
    """Only the person who recorded it can take it back. Whoever runs the portal can do
    so with “consent correct”."""


def hear(
    *,
    text: str,
    kind: str,
    reason: str,
    by: str,
    now: dt.datetime,
    channel: str = "",
    organization: str = "",
    program: str = "",
    occurred_at: dt.datetime | None = None,
    once: str = "",
    others: Sequence[str] = (),
) -> Event:
    """Staff write down what a person told them, sealed with the event.

    `program` names the only one meant, or our number. Without a channel it was a call,
    or is about an e-mail address. A form sent twice has the same `once`. With `others`,
    there is an event for each of their addresses, or none."""
    reason = reason_given(reason, "Say how the person told us; it is recorded.")
    marks = dict.fromkeys(lookup.whom(each, now=now) for each in (text, *others))
    with transaction.atomic():
        ledger.lock()
        events = [
            ledger.record(
                mark=mark,
                kind=kind,
                channel=channel or _heard_by(mark),
                **_part(program, organization),
                source=Event.Source.DIRECT,
                route=ROUTE,
                occurred_at=occurred_at or now,
                words=reason,
                idempotency_key=_heard_once(once, place),
                by=by,
                now=now,
            )
            for place, mark in enumerate(marks)
        ]
    return events[0]


def _part(text: str, organization: str) -> dict[str, Any]:
    """Of which messages the person spoke."""
    program = programs.named(text, organization)
    if program is None:
        return {"organization": organization}
    part: dict[str, Any] = {"scope": Event.Scope.PROGRAM}
    if text in program.numbers:
        part = {"scope": Event.Scope.SENDER, "evidence": {"our_number": text}}
    return {"organization": program.organization, "program": program} | part


def _heard_by(mark: Mark) -> str:
    is_mail = mark.kind == Identifier.Kind.EMAIL
    return Channel.EMAIL if is_mail else Channel.VOICE


def _heard_once(once: str, place: int) -> str | None:
    key = f"heard:{once}:{place}" if place else f"heard:{once}"
    return key if once else None


def was_heard(event: Event) -> bool:
    """Whether staff wrote it down here as an opt-out."""
    return event.route == ROUTE and event.kind == Event.Kind.OPT_OUT


def take_back(*, event: Event, reason: str, by: str, now: dt.datetime) -> Event:
    """Takes back an opt-out that was written down wrongly, by the person who wrote
    it."""
    if not was_heard(event) or event.recorded_by != by:
        raise OfSomebodyElse
    return ledger.correct(event=event, reason=reason, by=by, now=now)
