"""A STOP by one number of a person ends marketing to their other numbers, too.

A number is asked for by itself (47 CFR 64.1200(a)(10)), but it is the same person who
wants no more. Two numbers are one person's where a record of a store says both, and no
record of anybody else has either. The other number gets an event of its own, which
names the first; its service messages go on, and it opts in again by itself.
"""

import datetime as dt
import itertools
import json
from collections.abc import Iterator

from django.db import transaction
from django.db.models import Q, QuerySet

from consent import ledger, lines
from consent.models import Event
from privacy import audit, identifiers, people
from privacy.identifiers import AlreadyErased, Mark
from privacy.models import AuditEvent, Identifier

AT_ONCE = 500
BY, ROUTE = "portal", "carried"
LOOKED = "consent.carried_over"
REACHING = (Event.Scope.BARE, Event.Scope.ORGANIZATION, Event.Scope.ALL)
TAKEN_BACK = "What the other number said was taken back."


def carry(*, now: dt.datetime) -> int:
    """From what was said since the last look; how many events that made. May be done
    again. Raises the refusal of a store that can't be reached; then it is done again.

    What an imported list says of a number is not carried over."""
    told = list(_since(_seen())[:AT_ONCE])
    made = sum(_follow(event, now) for event in told)
    if told:
        audit.record(
            action=LOOKED,
            subject="ledger",
            by=BY,
            now=now,
            until=told[-1].sequence,
            made=made,
        )
    return made


def _seen() -> int:
    last = AuditEvent.objects.filter(action=LOOKED).order_by("-sequence").first()
    return int(json.loads(last.payload)["details"]["until"]) if last else 0


def _since(sequence: int) -> QuerySet[Event]:
    """Opt-outs by a number, and what was taken back of any."""
    out = Q(kind=Event.Kind.OPT_OUT, scope__in=REACHING) & ~Q(route="import")
    told = Event.objects.filter(
        out | Q(kind=Event.Kind.CORRECTION),
        sequence__gt=sequence,
        identifier__kind=Identifier.Kind.PHONE,
    )
    return told.select_related("identifier").order_by("sequence")


def _follow(event: Event, now: dt.datetime) -> int:
    if event.kind == Event.Kind.CORRECTION:
        return _take_back(event.evidence["corrects"], now)
    try:
        mark = identifiers.value(event.identifier)
    except AlreadyErased:
        return 0
    others = others_of(mark, now=now)
    with transaction.atomic():
        ledger.lock()
        number = event.sequence
        if lines.taken([_key(number, 0), f"correction:{number}"]):
            return 0
        for place, other in enumerate(others):
            _record(event, other, _key(number, place), now)
    return len(others)


def _key(number: int | str, place: int) -> str:
    return f"carried:{number}:{place}"


def others_of(mark: Mark, *, now: dt.datetime) -> list[Mark]:
    """The other numbers of the one person who has this one; none that is shared."""
    found = people.of(mark, now=now)
    if len(found) != 1:
        return []
    numbers = {each for each in found[0] if each.kind == Identifier.Kind.PHONE}
    others = sorted(numbers - {mark}, key=lambda each: each.value)
    return [each for each in others if _is_theirs(each, mark, now)]


def _is_theirs(other: Mark, mark: Mark, now: dt.datetime) -> bool:
    found = people.of(other, now=now)
    return len(found) == 1 and mark in found[0]


def _record(event: Event, other: Mark, key: str, now: dt.datetime) -> None:
    ledger.record(
        mark=other,
        kind=Event.Kind.OPT_OUT,
        channel=event.channel,
        covers=event.covers,
        organization=event.organization,
        scope=Event.Scope.MARKETING,
        source=event.source,
        route=ROUTE,
        occurred_at=event.occurred_at,
        idempotency_key=key,
        evidence={"carries": str(event.sequence), "rule": "one record has both"},
        by=BY,
        now=now,
    )


def _take_back(number: str, now: dt.datetime) -> int:
    with transaction.atomic():
        ledger.lock()
        wrong = [
            event
            for event in _carried(number)
            if not lines.taken([f"correction:{event.sequence}"])
        ]
        for event in wrong:
            ledger.correct(event=event, reason=TAKEN_BACK, by=BY, now=now)
    return len(wrong)


def _carried(number: str) -> Iterator[Event]:
    for place in itertools.count():
        event = lines.event_of(_key(number, place))
        if event is None:
            return
        yield event
