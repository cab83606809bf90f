"""Where people stand: derived from the events of the ledger, never written directly.

A standing is a fold over a person's events: the latest to have occurred decides,
whenever we learned of it; at the same instant a STOP wins. But time ends a consent
alone, and the platform lifts only what it had entered itself: neither undoes a STOP.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from django.db import transaction
from django.db.models import Q, QuerySet

from consent import months, scopes, telling
from consent.models import Event, Program, Standing
from consent.scopes import Scopes
from consent.sql import statements
from privacy import audit
from privacy.models import AuditEvent, Identifier

State = Standing.State
REBUILT = "standings.rebuilt"
BY = "portal"
PLATFORM = "platform"  # the route of what the platform told us
Kind = Event.Kind
# An opt-out that the platform entered, which is weaker than the person's own.
SUPPRESSED = "suppressed"
# What may be ended by something else than the person's word; `sql/words_v1.sql` is the
# same for statements.
ENDS = {
    Kind.EXPIRY: (Kind.OPT_IN, Kind.EXPIRY),
    Kind.RELEASE: (SUPPRESSED, Kind.RELEASE),
    SUPPRESSED: (Kind.OPT_IN, SUPPRESSED, Kind.RELEASE, Kind.EXPIRY, Kind.REASSIGNMENT),
}
# Standings that were derived by earlier rules of the fold are derived again.
RULES = 3


@dataclass(frozen=True)
class Turn:
    """Where one channel stands with a part of one sender: the event that began it, and
    when the person last said the same. `months` is how long it lasts
    (`consent.expiry`), where somebody asked."""

    channel: str
    organization: str
    event: Event
    renewed_at: dt.datetime
    part: str = scopes.WHOLE
    heard_at: dt.datetime | None = None
    months: int | None = None

    @property
    def state(self) -> str:
        return self.event.kind

    @property
    def number(self) -> int:
        return self.event.sequence

    @property
    def since(self) -> dt.datetime:
        return self.event.occurred_at


def add(event: Event) -> None:
    """A new event, and in the same statement the standing that follows from it. An
    event about the past, or a correction, needs everything the person told us."""
    # what is for every sender reaches as far by any rules
    known = scopes.now() if event.organization else scopes.NONE
    carries_on = _carries_on(event, known)
    parts = known.parts(event) if carries_on else []
    followed = statements.add(event, parts)
    if not carries_on or followed < len(set(event.covers)) * len(parts):
        _derive(event, known)


def _carries_on(event: Event, known: Scopes) -> bool:
    """Whether it decides the sender as a whole, whatever was before, and nothing was
    said about less."""
    if event.kind == Kind.CORRECTION or word_of(event) in ENDS:
        return False
    if not {scopes.WHOLE, scopes.EXEMPTED}.issuperset(known.parts(event)):
        return False
    return not known.soft(event) or not _of_sender(event).exclude(part="").exists()


def _of_sender(event: Event) -> QuerySet[Standing]:
    return Standing.objects.filter(
        identifier_id=event.identifier_id, organization=event.organization
    )


def _derive(event: Event, known: Scopes) -> None:
    """The person's standing with that sender again, from everything they told us."""
    told = Event.objects.select_related("program").filter(
        identifier_id=event.identifier_id, organization=event.organization
    )
    rows = [
        Standing(
            identifier_id=event.identifier_id,
            channel=turn.channel,
            organization=turn.organization,
            part=turn.part,
            state=turn.state,
            since=turn.since,
            renewed_at=turn.renewed_at,
            heard_at=turn.heard_at,
            event=turn.event,
        )
        for turn in fold(told, known)
    ]
    if event.kind == Kind.CORRECTION:
        _of_sender(event).delete()  # what only the wrong event had said
    Standing.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["identifier", "channel", "organization", "part"],
        update_fields=["state", "since", "renewed_at", "heard_at", "event"],
    )


def fold(events: Iterable[Event], known: Scopes | None = None) -> list[Turn]:
    """Where each channel stands with each part of each sender after these events of one
    person. How far they reach follows the present rules, or `known`."""
    told = sorted(events, key=_order)
    known = known or scopes.now()
    wrong = {corrected(each) for each in told if each.kind == Kind.CORRECTION}
    turns: dict[tuple[str, str, str], Turn] = {}
    firm: set[tuple[str, str, str]] = set()
    for event in told:
        if event.sequence in wrong:
            continue
        for place, is_firm in _places(event, known):
            if counted := _next(turns.get(place), event, place):
                turns[place] = counted
                firm |= {place} if is_firm else set()
            else:
                turns[place] = _heard(turns[place], event)
    return [turn for place, turn in turns.items() if place in firm]


def word_of(event: Event) -> str:
    """What it says; what the platform entered itself is apart from the person's word,
    which it may also pass on from its log."""
    is_platforms = event.route == PLATFORM and event.source == Event.Source.PROVIDERS
    if event.kind == Kind.OPT_OUT and is_platforms and "log" not in event.evidence:
        return SUPPRESSED
    return event.kind


def _next(
    before: Turn | None, event: Event, place: tuple[str, str, str]
) -> Turn | None:
    """The turn after the event; None if it may not end what is."""
    word, stood = word_of(event), before and word_of(before.event)
    if stood and word in ENDS and stood not in ENDS[word]:
        return None
    began = before.event if before and stood == word else event
    channel, organization, part = place
    return Turn(channel, organization, began, event.occurred_at, part)


def _heard(turn: Turn, event: Event) -> Turn:
    is_later = event.occurred_at > turn.renewed_at
    return replace(turn, heard_at=event.occurred_at) if is_later else turn


def _places(event: Event, known: Scopes) -> Iterator[tuple[tuple[str, str, str], bool]]:
    """Each channel and part of the sender that the event decides; and whether it does
    so by itself."""
    parts = [(part, True) for part in known.parts(event)] if event.covers else []
    parts += [(part, False)] if (part := known.soft(event)) else []
    for channel in event.covers:
        for part, is_firm in parts:
            yield (channel, event.organization, part), is_firm


def corrected(event: Event) -> int:
    """The number of the event that a correction takes back."""
    return int(event.evidence["corrects"])


def _order(event: Event) -> tuple[dt.datetime, bool, int]:
    return event.occurred_at, event.kind == Kind.OPT_OUT, event.sequence


def valid_at(
    told: QuerySet[Event], instant: dt.datetime, known_at: dt.datetime | None = None
) -> QuerySet[Event]:
    """What had occurred by then, of what we know or knew then. A correction counts from
    the beginning.

    Raises `RecordEnded` for a time before the record begins.
    """
    months.refuse_what_ended(instant)
    if known_at:
        months.refuse_what_ended(known_at)
        told = told.filter(recorded_at__lte=known_at)
    return told.filter(Q(occurred_at__lte=instant) | Q(kind=Kind.CORRECTION))


def at(identifier: Identifier, instant: dt.datetime) -> list[Turn]:
    """Where the person stood at an instant, from what we now know to have occurred."""
    told = Event.objects.select_related("program").filter(identifier=identifier)
    return fold(valid_at(told, instant))


def rebuild(*, by: str, now: dt.datetime) -> int:
    """Derives every standing again from the ledger; returns how many rows there are.
    Everyone who writes to the ledger meanwhile waits."""
    with transaction.atomic():
        statements.lock()
        Standing.objects.all().delete()
        table = scopes.now().table()
        count = statements.derive_standings(table)
        telling.tell(telling.Type.DERIVED, now=now, rows=count)
        audit.record(
            action=REBUILT,
            subject="ledger",
            by=by,
            now=now,
            rows=count,
            scopes=_digest(table),
            rules=RULES,
        )
    return count


def rebuild_if_due(*, now: dt.datetime) -> int:
    """After a change of how far a STOP reaches; returns how many rows, 0 when none is
    due."""
    return rebuild(by=BY, now=now) if is_due() else 0


def is_due() -> bool:
    """Whether the standings were derived by other rules than the present ones. The
    first rules are those by which a STOP always ends the whole of its sender; those of
    `ENDS`, and consent to service alone, came later, and change nothing where there is
    nothing of the kind."""
    table = _digest(scopes.now().table())
    last = AuditEvent.objects.filter(action=REBUILT).order_by("-sequence").first()
    said = json.loads(last.payload)["details"] if last else {}
    if table != said.get("scopes", _digest(scopes.NONE.table())):
        return True
    weak = Q(kind__in=ENDS) | Q(kind=Kind.OPT_OUT, route=PLATFORM)
    weak |= Q(kind=Kind.OPT_IN, scope="", program__purpose=Program.Purpose.SERVICE)
    return said.get("rules") != RULES and Event.objects.filter(weak).exists()


def _digest(table: str) -> str:
    return hashlib.sha256(table.encode()).hexdigest()
