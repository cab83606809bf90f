"""Where people stand: derived from the events of the ledger, never told directly.

A standing is a fold over a person's events: the latest to have occurred decides,
whenever we learnt of it; at the same instant a STOP wins.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet

from consent import months
from consent.models import Channel, Event, Standing
from consent.sql import statements
from privacy import audit
from privacy.models import Identifier

State = Standing.State


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
    def number(self) -> int:
        return self.event.sequence

    @property
    def since(self) -> dt.datetime:
        return self.event.occurred_at


def follow(event: Event) -> None:
    """What the newest event says is added to where the person stands. One that tells
    of the past, or takes something back, needs all they told us."""
    if event.kind == Event.Kind.CORRECTION or not statements.follow(event):
        _derive(event)


def _derive(event: Event) -> None:
    """The person's standing with that sender again, from all they told us."""
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
    if event.kind == Event.Kind.CORRECTION:
        Standing.objects.filter(
            identifier_id=event.identifier_id, organization=event.organization
        ).delete()  # what only the wrong event had said
    Standing.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["identifier", "channel", "organization"],
        update_fields=["state", "since", "renewed_at", "event"],
    )


def fold(events: Iterable[Event]) -> list[Turn]:
    """Where each channel stands with each sender after these events of one person."""
    told = list(events)
    wrong = {corrected(each) for each in told if each.kind == Event.Kind.CORRECTION}
    turns: dict[tuple[str, str], Turn] = {}
    for event in sorted(told, key=_order):
        if event.sequence in wrong:
            continue
        for channel in event.covers:
            place = (channel, event.organization)
            before = turns.get(place)
            began = before.event if before and before.state == event.kind else event
            turns[place] = Turn(*place, event=began, renewed_at=event.occurred_at)
    return list(turns.values())


def corrected(event: Event) -> int:
    """The number of the event that a correction takes back."""
    return int(event.evidence["corrects"])


def _order(event: Event) -> tuple[dt.datetime, bool, int]:
    return event.occurred_at, event.kind == Event.Kind.OPT_OUT, event.sequence


def valid_at(told: QuerySet[Event], instant: dt.datetime) -> QuerySet[Event]:
    """What had occurred by then. A correction says how it always was.

    Raises `RecordEnded` of a time before the record begins."""
    months.refuse_what_ended(instant)
    return told.filter(Q(occurred_at__lte=instant) | Q(kind=Event.Kind.CORRECTION))


def at(identifier: Identifier, instant: dt.datetime) -> list[Turn]:
    """Where the person stood at an instant, from what we know now to have occurred."""
    return fold(valid_at(Event.objects.filter(identifier=identifier), instant))


def opted_out_before(
    digests: Iterable[str], instant: dt.datetime, *, channel: str = Channel.SMS
) -> dict[str, list[Turn]]:
    """By digest, the opt-outs in force at an instant; for comparing with sent messages.

    A digest whose person was not opted out of the channel then is not among the keys.
    """
    told: dict[str, list[Event]] = {}
    events = Event.objects.filter(identifier__digest__in=list(digests))
    for event in valid_at(events, instant).select_related("identifier"):
        told.setdefault(event.identifier.digest, []).append(event)
    out = {digest: _opt_outs(fold(each), channel) for digest, each in told.items()}
    return {digest: turns for digest, turns in out.items() if turns}


def _opt_outs(turns: Iterable[Turn], channel: str) -> list[Turn]:
    return [t for t in turns if t.channel == channel and t.state == State.OPTED_OUT]


def rebuild(*, by: str, now: dt.datetime) -> int:
    """Derive every standing again from the ledger; how many rows there are."""
    with transaction.atomic():
        Standing.objects.all().delete()
        count = statements.derive_standings()
        audit.record(
            action="standings.rebuilt", subject="ledger", by=by, now=now, rows=count
        )
    return count
