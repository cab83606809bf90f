"""A STOP by one number of a person also ends marketing to their other numbers.

Consent is given for each number (47 CFR 64.1200(a)(10)), but it is the same person who
wants no more. Two numbers are one person's where a record of a store has both, and no
record of anybody else has either. The other number gets its own event, which names the
first; its service messages go on, and it can opt in again by itself.
"""

import datetime as dt
import itertools
import json
from collections.abc import Callable, Iterator

from django.db import transaction
from django.db.models import Q, QuerySet

from consent import ledger, lines
from consent.models import Event
from privacy import audit, identifiers, people
from privacy.identifiers import AlreadyErased, Mark
from privacy.models import AuditEvent, Identifier

AT_ONCE = 500
PATIENCE = dt.timedelta(minutes=10)
LONGEST = dt.timedelta(minutes=1)  # then the clock looks again
BY, ROUTE = "portal", "carried"
LOOKED = "consent.carried_over"
REACHING = (Event.Scope.BARE, Event.Scope.ORGANIZATION, Event.Scope.ALL)
TAKEN_BACK = "The opt-out from the other number was taken back."


def carry(*, now: dt.datetime) -> int:
    """Carries over what was said since the last call; returns how many events that
    made. Can be repeated. If a store can't be reached, raises its refusal and tries
    again later.

    The newest come first, and with them the oldest that were left: a long backlog keeps
    nobody waiting who says stop now. What an imported list says about a number is not
    carried over.
    """
    until, front = _seen()
    fresh = list(_between(front).order_by("-sequence")[:AT_ONCE])[::-1]
    left = list(_between(until, front).order_by("sequence")[:AT_ONCE])
    if not fresh and not left:
        return 0
    made = sum(_follow(event, now) for event in (*fresh, *left))
    if len(left) == AT_ONCE:
        until = left[-1].sequence
    elif len(fresh) == AT_ONCE:
        until = front  # between it and the newest there may be more
    else:
        until = fresh[-1].sequence if fresh else front
    front = fresh[-1].sequence if fresh else front
    audit.record(
        action=LOOKED,
        subject="ledger",
        by=BY,
        now=now,
        until=until,
        front=front,
        made=made,
    )
    return made


def carry_all(*, clock: Callable[[], dt.datetime]) -> int:
    """Repeats `carry` while there is more, but no longer than until the next run is
    due."""
    began, before, made = clock(), None, 0
    while (seen := _seen()) != before and clock() - began < LONGEST:
        before = seen
        made += carry(now=clock())
    return made


def waiting(*, now: dt.datetime) -> tuple[int, dt.datetime | None]:
    """How many were said more than ten minutes ago and are not yet carried over, and
    since when; the whole backlog counts."""
    until, _ = _seen()
    late = _between(until).filter(recorded_at__lte=now - PATIENCE)
    oldest = late.order_by("sequence").first()
    return late.count(), oldest.recorded_at if oldest else None


def _seen() -> tuple[int, int]:
    """Everything is done up to the first number; after the second there may be some
    that were left."""
    last = AuditEvent.objects.filter(action=LOOKED).order_by("-sequence").first()
    told = json.loads(last.payload)["details"] if last else {"until": 0}
    return int(told["until"]), int(told.get("front", told["until"]))


def _between(after: int, until: int | None = None) -> QuerySet[Event]:
    """Opt-outs by a number, and corrections of any."""
    out = Q(kind=Event.Kind.OPT_OUT, scope__in=REACHING) & ~Q(route="import")
    told = Event.objects.filter(
        out | Q(kind=Event.Kind.CORRECTION),
        sequence__gt=after,
        identifier__kind=Identifier.Kind.PHONE,
    )
    if until is not None:
        told = told.filter(sequence__lte=until)
    return told.select_related("identifier")


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
