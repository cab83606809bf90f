"""The content of the pack about one person, as plain values."""

import datetime as dt
import json
from typing import Any

from consent import (
    check,
    chunks,
    honour,
    ledger,
    listings,
    months,
    programs,
    reasons,
    reassigned,
)
from consent.check import CHANNELS
from consent.chunks import Place
from consent.evidence import records, unclear
from consent.honour import Clock
from consent.models import (
    Event,
    InboundMessage,
    Program,
    ReassignedAnswer,
)
from privacy.identifiers import Mark
from privacy.models import AuditEvent, Identifier


def about(
    mark: Mark,
    identifier: Identifier,
    *,
    reason: str,
    by: str,
    now: dt.datetime,
    at: dt.datetime | None = None,
) -> dict[str, Any]:
    """With the person's own number and words, for those who must prove them; `at` is
    the instant that the answers are of, if not now."""
    events = list(ledger.told_by(mark).select_related("utterance"))
    sealed, clocks = trail_of(events), honour.of(events)
    listed = chunks.places(event for event in events if event.pk not in sealed)
    return {
        "type": "consent-evidence",
        "version": 1,
        "made_at": _instant(now),
        "as_of": _instant(at or now),
        "made_by": by,
        "reason": reason,
        "person": _person(mark, identifier),
        "answers": [
            _answer(mark, channel, now, at)
            for channel in CHANNELS.get(mark.kind, check.ALL)
        ],
        "events": [
            _event(event, clocks.get(event.pk))
            | _sealing(sealed.get(event.pk), listed.get(event.pk))
            for event in events
        ],
        "records": records.of(mark, events, now=now),
        "lists": [_listed(row) for row in listings.said_of(mark)],
        "reassigned_numbers": [_asked(row) for row in reassigned.answers_of(mark)],
        "unclear": unclear.of(mark, events),
        "ended": _ended({event.pk for event in events}, sealed),
    }


def _person(mark: Mark, identifier: Identifier) -> dict[str, Any]:
    return {
        "kind": mark.kind,
        "value": mark.value,
        "identifier": identifier.pk,
        "digest": identifier.digest,
    }


def _listed(row: listings.Entry) -> dict[str, Any]:
    """A list that forbids contact, with how it came to be on it."""
    return {
        "sentence": listings.sentence(row),
        "list": row.list,
        "since": _instant(row.listed_at),
        "until": _instant(row.ends_at) if row.ends_at else None,
        "source": row.source,
        "recorded_at": _instant(row.recorded_at),
        "recorded_by": row.recorded_by,
    }


def _asked(row: ReassignedAnswer) -> dict[str, Any]:
    """An answer of the Reassigned Numbers Database, with the file it stood in."""
    return {
        "sentence": row.sentence,
        "answer": row.answer,
        "asked_on": row.asked_on.isoformat(),
        "about_on": row.about_on.isoformat() if row.about_on else None,
        "file": row.file,
    }


def _ended(left: set[int], sealed: dict[int, AuditEvent]) -> dict[str, Any]:
    """Where the record begins, if months of it were removed, and the audit rows that
    sealed what this person told us before."""
    gone = [row.sequence for event, row in sealed.items() if event not in left]
    return {"beginning": months.beginning(), "trail": gone}


def trail_of(events: list[Event]) -> dict[int, AuditEvent]:
    """By event, the audit row that was written with it. Events of a list have none of
    their own (`consent.chunks`)."""
    people = {f"identifier:{event.identifier_id}" for event in events}
    actions = [f"consent.{kind}" for kind in Event.Kind]
    rows = AuditEvent.objects.filter(subject__in=people, action__in=actions)
    return {ledger.sealed_in(row): row for row in rows.order_by("sequence")}


def _answer(
    mark: Mark, channel: str, now: dt.datetime, at: dt.datetime | None
) -> dict[str, Any]:
    """By consent and lists, as the check answers, whatever the hour."""
    said = {
        purpose: check.may_ever(mark, channel=channel, purpose=purpose, now=now, at=at)
        for purpose in (Program.Purpose.MARKETING, Program.Purpose.SERVICE)
    }
    return {
        "channel": channel,
        **{purpose.value: answer.allowed for purpose, answer in said.items()},
        "sentence": said[Program.Purpose.MARKETING].sentence,
    }


def _sealing(row: AuditEvent | None, place: Place | None) -> dict[str, Any]:
    """The audit row that proves it; of an event of a list, with the path from its
    hash to the root which that row holds."""
    if place:
        leaf = {"leaf": place.leaf} if place.leaf else {}
        return {"trail": place.row.sequence, "path": place.path} | leaf
    return {"trail": row.sequence if row else None}


def _event(event: Event, clock: Clock | None) -> dict[str, Any]:
    """`sealed` are the very values whose digest the audit row holds."""
    program, message = event.program, _message(event)
    return {
        "sentence": reasons.how(event),
        "honoured": clock.sentence if clock else "",
        "sealed": ledger.sealed_facts(event),
        "digest": ledger.digest(event),
        "recorded_by": event.recorded_by,
        "words": _words(event, message),
        "replied_by": message.replied_by if message else "",
        "reply": message.reply if message else "",
        "call": json.loads(message.call.open()) if message and message.call else None,
        "origin": _origin(event),
        "program": program
        and {
            "name": program.name,
            "purpose": program.purpose,
            "texts_then": programs.texts_then(program, event.occurred_at),
            "texts_today": {
                "opt_in": program.opt_in_text,
                "opt_out": program.opt_out_text,
                "help": program.help_text,
            },
        },
    }


def _message(event: Event) -> InboundMessage | None:
    """What the carrier brought, with what it was answered."""
    return InboundMessage.objects.filter(
        carrier=event.route, carrier_message_id=event.evidence.get("message", "")
    ).first()


def said(event: Event) -> str:
    """In the person's own words, where there are any."""
    return _words(event, _message(event))


def _words(event: Event, message: InboundMessage | None) -> str:
    """What the person said: written down by staff, or in the carrier's message."""
    if hasattr(event, "utterance"):
        return event.utterance.words.open()
    return message.body.open() if message and message.body else ""


def _origin(event: Event) -> dict[str, str]:
    """IP address and browser, where somebody reported them."""
    told = hasattr(event, "utterance") and event.utterance.origin
    return dict(json.loads(told.open())) if told else {}


def _instant(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat()
