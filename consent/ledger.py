"""The consent ledger: what a person told us is added once and never changed.

The resulting state, the standing, is derived in the same transaction.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from typing import Any, NotRequired, TypedDict, Unpack

from django.db import transaction
from django.db.models import QuerySet

from consent import lines, months, programs, scopes, standings
from consent.instants import happened
from consent.models import Channel, Event, Program, Utterance
from consent.sql import statements
from privacy import audit, identifiers
from privacy.identifiers import Mark
from privacy.models import AuditEvent, Identifier
from privacy.refusals import Refusal, reason_given

Kind = Event.Kind
TEXTS = (Channel.SMS, Channel.MMS)
BY_NUMBER = (*TEXTS, Channel.VOICE)


class KeyTaken(Refusal):
    """A different event was recorded with that idempotency key."""


class WrongChannel(Refusal):
    """A phone number goes with texts and calls, an e-mail address with e-mail."""


class WasErased(Refusal):
    """That person was erased. Only a consent that they give afterwards counts."""


class NothingToCorrect(Refusal):
    """There is no such event, or it was already corrected."""


class TooOld(Refusal):
    """The events before this one are no longer on record, so taking it back would leave
    nothing. Record what applies now instead: an opt-out or an opt-in."""


class NothingSaid(Refusal):
    """No message text was kept with this event, or it was erased."""


def reach(*, kind: str, channel: str, mark_kind: str) -> tuple[str, ...]:
    """The channels an event decides when the person did not choose.

    A revocation by any means ends texts and calls alike (47 CFR 64.1200(a)(10), (11));
    consent is only to what it was given for.
    """
    if (channel == Channel.EMAIL) != (mark_kind == Identifier.Kind.EMAIL) and (
        channel != Channel.WEB
    ):
        raise WrongChannel
    if kind in (Kind.HELP, Kind.CLAIM, Kind.CORRECTION):
        return ()
    if mark_kind == Identifier.Kind.EMAIL:
        return (Channel.EMAIL,)
    if kind in (Kind.OPT_OUT, Kind.REASSIGNMENT):
        return BY_NUMBER
    return (Channel.VOICE,) if channel == Channel.VOICE else TEXTS


class Facts(TypedDict):
    """`evidence` holds no personal data; `organization` empty means every sender;
    `scope` is what a person chose, see `Event.Scope`."""

    kind: str
    channel: str
    route: str
    source: str
    occurred_at: dt.datetime
    organization: NotRequired[str]
    program: NotRequired[Program | None]
    scope: NotRequired[str]
    evidence: NotRequired[dict[str, Any]]


class Told(Facts):
    """`words` and `origin` are sealed. `covers` narrows or widens the channels of
    `reach`, for a person who chose."""

    by: str
    covers: NotRequired[Sequence[str]]
    idempotency_key: NotRequired[str | None]
    words: NotRequired[str]
    origin: NotRequired[str]


def record(*, mark: Mark, now: dt.datetime, **told: Unpack[Told]) -> Event:
    """Event, standing and audit row in one transaction; the same key changes nothing.
    Raises `KeyTaken`, `WrongChannel`, `WasErased`."""
    with transaction.atomic():
        person = identifiers.keep(mark, now=now, alone=True)
        return _again(person, told) or enter(person=person, now=now, **told)


def record_for(*, person: Identifier, now: dt.datetime, **told: Unpack[Told]) -> Event:
    """As `record`, for a row that is known: after an erasure nothing else is."""
    with transaction.atomic():
        audit.alone()
        return _again(person, told) or enter(person=person, now=now, **told)


def _again(person: Identifier, told: Told) -> Event | None:
    """What was recorded with the same key before."""
    key = told.get("idempotency_key")
    event = lines.event_of(key) if key else None
    if event is None:
        return None
    said = (event.kind, event.channel, event.organization)
    says = (told["kind"], told["channel"], told.get("organization", ""))
    if event.identifier_id != person.pk or said != says:
        raise KeyTaken
    return event


def enter(
    *,
    person: Identifier,
    by: str,
    now: dt.datetime,
    covers: Sequence[str] = (),
    idempotency_key: str | None = None,
    words: str = "",
    origin: str = "",
    **facts: Unpack[Facts],
) -> Event:
    """A new event for a person whose row is at hand, in the caller's transaction, which
    holds the lock."""
    occurred_at, kind = happened(facts["occurred_at"], now=now), facts["kind"]
    facts["occurred_at"] = occurred_at
    if kind == Kind.OPT_IN and person.erased_at and occurred_at <= person.erased_at:
        raise WasErased  # a withdrawal always counts; an old consent must not come back
    scopes.refuse_nonsense(
        facts.get("scope", ""),
        facts.get("organization", ""),
        facts.get("program"),
        (facts.get("evidence") or {}).get("our_number", ""),
    )
    channel = facts["channel"]
    decided = covers or reach(kind=kind, channel=channel, mark_kind=person.kind)
    made = Event(
        **facts,
        identifier=person,
        idempotency_key=idempotency_key,
        covers=list(decided),
        recorded_at=now,
        recorded_by=by,
    )
    return _add(made, words=words, origin=origin, by=by, now=now)


def correct(*, event: Event, reason: str, by: str, now: dt.datetime) -> Event:
    """Takes back an event that was recorded wrongly; it stays, but no longer counts.

    What was known before can still be answered: at that time it counted.
    """
    reason = reason_given(reason)
    if event.kind == Kind.CORRECTION:
        raise NothingToCorrect
    if (begin := months.began()) and event.recorded_at < begin:
        raise TooOld
    with transaction.atomic():
        lock()
        key = f"correction:{event.sequence}"
        if lines.taken([key]):
            raise NothingToCorrect
        made = Event(
            identifier_id=event.identifier_id,
            kind=Kind.CORRECTION,
            channel=event.channel,
            covers=[],
            organization=event.organization,
            program=event.program,
            scope=event.scope,
            source=Event.Source.DIRECT,
            route="support",
            occurred_at=now,
            recorded_at=now,
            recorded_by=by,
            idempotency_key=key,
            evidence={"corrects": str(event.sequence)},
        )
        return _add(made, words=reason, origin="", by=by, now=now)


def lock() -> None:
    """Makes this the only writer until commit, before reading what a new event depends
    on."""
    statements.lock()


def _add(event: Event, *, words: str, origin: str, by: str, now: dt.datetime) -> Event:
    """A new event with everything it entails: deliveries (`telling`), the words, the
    standing. The ledger's lock is held until commit."""
    standings.add(event)
    if words or origin:
        Utterance.objects.create(event=event, words=words, origin=origin or None)
    audit.record(
        action=f"consent.{event.kind}",
        subject=f"identifier:{event.identifier_id}",
        by=by,
        now=now,
        event=event.pk,
        channel=event.channel,
        organization=event.organization,
        route=event.route,
        digest=digest(event),
    )
    return event


def sealed_facts(event: Event) -> dict[str, Any]:
    """An event's content and its person (by row) as plain values: the input of the
    digest."""
    told = facts(event) | {"identifier": event.identifier_id}
    return {
        name: value.astimezone(dt.UTC).isoformat() if name.endswith("_at") else value
        for name, value in told.items()
    }


def digest(event: Event) -> str:
    """SHA-256; the audit row that was written with the event contains it."""
    return hashlib.sha256(audit.canonical(sealed_facts(event)).encode()).hexdigest()


def sealed_in(row: AuditEvent) -> int:
    """The event that this audit row was written with."""
    return int(json.loads(row.payload)["details"]["event"])


def subject_of(mark: Mark, *, now: dt.datetime) -> int:
    """The number of the person's row, created if there is none; for idempotency
    keys."""
    return identifiers.keep(mark, now=now).pk


def told_by(mark: Mark) -> QuerySet[Event]:
    """Everything this person told us by this number or address, latest first."""
    events = Event.objects.filter(
        identifier__kind=mark.kind, identifier__digest__in=identifiers.digests(mark)
    )
    return events.select_related("program").order_by("-occurred_at", "-sequence")


def history(identifier: Identifier) -> QuerySet[Event]:
    """Everything this person told us, latest first."""
    events = programs.with_senders(Event.objects.filter(identifier=identifier))
    return events.select_related("program").order_by("-occurred_at", "-sequence")


def facts(event: Event) -> dict[str, Any]:
    """An event as plain data, without its person and without who recorded it. Its scope
    is included if the person chose one; digests from before there were scopes still
    match."""
    chosen = {"scope": event.scope, "program": event.program_id}
    return (chosen if event.scope else {}) | {
        "event": event.sequence,
        "kind": event.kind,
        "channel": event.channel,
        "covers": event.covers,
        "organization": event.organization,
        "source": event.source,
        "route": event.route,
        "occurred_at": event.occurred_at,
        "recorded_at": event.recorded_at,
        "evidence": event.evidence,
    }


def words_of(*, event: Event, reason: str, by: str, now: dt.datetime) -> str:
    """What was said, in clear, for staff with a reason, which is recorded."""
    reason = reason_given(reason)
    utterance = Utterance.objects.filter(event=event).first()
    if utterance is None:
        raise NothingSaid
    audit.record(
        action="words.read",
        subject=f"event:{event.pk}",
        by=by,
        now=now,
        reason=reason,
    )
    return utterance.words.open()
