"""The consent ledger: what a person told us is added once and never changed.

What follows from it, the standing, is a fold over the person's events: the latest to
have occurred decides, whenever we learnt of it; at the same instant a STOP wins.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from consent.models import Channel, Event, Program, Standing, Utterance
from consent.sql import statements
from privacy import audit, identifiers
from privacy.identifiers import Mark
from privacy.models import Identifier
from privacy.refusals import Refusal

Kind = Event.Kind
State = Standing.State
TEXTS = (Channel.SMS, Channel.MMS)
SHORTEST_REASON = 5
BY_NUMBER = (*TEXTS, Channel.VOICE)


class FromTheFuture(Refusal):
    """That time is in the future; say when the person told us."""


class KeyTaken(Refusal):
    """Another event was recorded with that idempotency key."""


class WrongChannel(Refusal):
    """A phone number has text messages and calls, an e-mail address has e-mail."""


class NothingSaid(Refusal):
    """No words were kept with this event, or they were erased."""


@dataclass(frozen=True)
class Turn:
    """Where one channel stands with one sender: the event that began it, and when
    the person last said the same."""

    channel: str
    organization: str
    event: Event
    renewed_at: dt.datetime

    @property
    def state(self) -> str:
        return self.event.kind

    @property
    def since(self) -> dt.datetime:
        return self.event.occurred_at


def reach(*, kind: str, channel: str, mark_kind: str) -> tuple[str, ...]:
    """The channels an event decides when the person did not choose.

    A revocation by any means ends texts and calls alike (47 CFR 64.1200(a)(10), (11));
    consent is only to what it was given for.
    """
    if (channel == Channel.EMAIL) != (mark_kind == Identifier.Kind.EMAIL) and (
        channel != Channel.WEB
    ):
        raise WrongChannel
    if kind == Kind.HELP:
        return ()
    if mark_kind == Identifier.Kind.EMAIL:
        return (Channel.EMAIL,)
    if kind == Kind.OPT_OUT:
        return BY_NUMBER
    return (Channel.VOICE,) if channel == Channel.VOICE else TEXTS


def record(
    *,
    mark: Mark,
    kind: str,
    channel: str,
    route: str,
    source: str,
    occurred_at: dt.datetime,
    by: str,
    now: dt.datetime,
    covers: Sequence[str] = (),
    organization: str = "",
    program: Program | None = None,
    idempotency_key: str | None = None,
    evidence: dict[str, Any] | None = None,
    words: str = "",
) -> Event:
    """Event, standing and audit row in one transaction; the same key changes nothing.

    `evidence` holds no personal data; `words` are sealed. `covers` narrows or widens
    what `reach` says, for a person who chose.
    """
    if occurred_at > now:
        raise FromTheFuture
    decided = tuple(covers) or reach(kind=kind, channel=channel, mark_kind=mark.kind)
    with transaction.atomic():
        event, is_new = _add(
            identifier=identifiers.keep(mark, now=now),
            idempotency_key=idempotency_key,
            kind=kind,
            channel=channel,
            organization=organization,
            covers=list(decided),
            program=program,
            source=source,
            route=route,
            occurred_at=occurred_at,
            recorded_at=now,
            recorded_by=by,
            evidence=evidence or {},
        )
        if is_new:
            _follow(event, words=words, by=by, now=now)
    return event


def lock() -> None:
    """Be the only writer until commit, before reading what a new event depends on."""
    statements.lock()


def _add(*, idempotency_key: str | None, **facts: Any) -> tuple[Event, bool]:
    if idempotency_key is None:
        return Event.objects.create(**facts), True
    event, is_new = Event.objects.get_or_create(
        idempotency_key=idempotency_key, defaults=facts
    )
    same = ("identifier", "kind", "channel", "organization")
    if not is_new and any(getattr(event, name) != facts[name] for name in same):
        raise KeyTaken
    return event, is_new


def _follow(event: Event, *, words: str, by: str, now: dt.datetime) -> None:
    """What a new event brings with it. The ledger's lock is held until commit."""
    if words:
        Utterance.objects.create(event=event, words=words)
    _stand(event)
    audit.record(
        action=f"consent.{event.kind}",
        subject=f"identifier:{event.identifier_id}",
        by=by,
        now=now,
        event=event.pk,
        channel=event.channel,
        organization=event.organization,
        route=event.route,
    )


def _stand(event: Event) -> None:
    """Derive the person's standing with that sender again, from all they told us."""
    told = Event.objects.filter(
        identifier_id=event.identifier_id, organization=event.organization
    )
    rows = [
        Standing(
            identifier_id=event.identifier_id,
            channel=turn.channel,
            organization=turn.organization,
            state=turn.state,
            since=turn.since,
            renewed_at=turn.renewed_at,
            event=turn.event,
        )
        for turn in fold(told)
    ]
    Standing.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["identifier", "channel", "organization"],
        update_fields=["state", "since", "renewed_at", "event"],
    )


def fold(events: Iterable[Event]) -> list[Turn]:
    """Where each channel stands with each sender after these events of one person."""
    turns: dict[tuple[str, str], Turn] = {}
    for event in sorted(events, key=_order):
        for channel in event.covers:
            place = (channel, event.organization)
            before = turns.get(place)
            began = before.event if before and before.state == event.kind else event
            turns[place] = Turn(*place, event=began, renewed_at=event.occurred_at)
    return list(turns.values())


def _order(event: Event) -> tuple[dt.datetime, bool, int]:
    return event.occurred_at, event.kind == Kind.OPT_OUT, event.sequence


def told_by(mark: Mark) -> QuerySet[Event]:
    """Everything this person told us by this number or address, latest first."""
    events = Event.objects.filter(
        identifier__kind=mark.kind, identifier__digest__in=identifiers.digests(mark)
    )
    return events.select_related("program").order_by("-occurred_at", "-sequence")


def history(identifier: Identifier) -> QuerySet[Event]:
    """Everything this person told us, latest first."""
    events = Event.objects.filter(identifier=identifier).select_related("program")
    return events.order_by("-occurred_at", "-sequence")


def facts(event: Event) -> dict[str, Any]:
    """An event for machines, without whose it is and which of us wrote it down."""
    return {
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


def standing_at(identifier: Identifier, at: dt.datetime) -> list[Turn]:
    """Where the person stood at an instant, from what we know now to have occurred."""
    return fold(Event.objects.filter(identifier=identifier, occurred_at__lte=at))


def opted_out_before(
    digests: Iterable[str], at: dt.datetime, *, channel: str = Channel.SMS
) -> dict[str, list[Turn]]:
    """By digest, the opt-outs in force at an instant; for comparing with sent messages.

    A digest whose person was not opted out of the channel then is not among the keys.
    """
    told: dict[str, list[Event]] = {}
    events = Event.objects.filter(
        Q(identifier__digest__in=list(digests)), occurred_at__lte=at
    ).select_related("identifier")
    for event in events:
        told.setdefault(event.identifier.digest, []).append(event)
    out = {digest: _opt_outs(fold(each), channel) for digest, each in told.items()}
    return {digest: turns for digest, turns in out.items() if turns}


def _opt_outs(turns: Iterable[Turn], channel: str) -> list[Turn]:
    return [t for t in turns if t.channel == channel and t.state == State.OPTED_OUT]


def words_of(*, event: Event, reason: str, by: str, now: dt.datetime) -> str:
    """What was said, in clear, for staff with a reason, which is recorded."""
    if len(reason.strip()) < SHORTEST_REASON:
        raise identifiers.ReasonNeeded
    utterance = Utterance.objects.filter(event=event).first()
    if utterance is None:
        raise NothingSaid
    audit.record(
        action="words.read",
        subject=f"event:{event.pk}",
        by=by,
        now=now,
        reason=reason.strip(),
    )
    return utterance.words.open()


def rebuild(*, by: str, now: dt.datetime) -> int:
    """Derive every standing again from the ledger; how many rows there are."""
    with transaction.atomic():
        Standing.objects.all().delete()
        count = statements.derive_standings()
        audit.record(
            action="standings.rebuilt", subject="ledger", by=by, now=now, rows=count
        )
    return count
