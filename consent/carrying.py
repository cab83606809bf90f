"""A STOP by one number of a person also ends marketing to their other numbers.

Consent is given for each number (47 CFR 64.1200(a)(10)), but it is the same person who
wants no more. Two numbers are one person's where a record of a store has both, and no
record of anybody else has either. The other number gets its own event, which names the
first; its service messages go on, and it can opt in again by itself.

What the platform suppresses by an id of its own holds for the number and address of the
record that has this id, and is released with it. Where records of several people have
that id, nobody knows whose it is: marketing to each of them ends, and no more.
"""

import datetime as dt
import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from consent import ledger, lines
from consent.check import CHANNELS
from consent.models import Event, Standing
from consent.standings import PLATFORM
from privacy import audit, identifiers, people
from privacy.identifiers import AlreadyErased, Mark
from privacy.models import AuditEvent, Identifier

AT_ONCE = 500
PATIENCE = dt.timedelta(minutes=10)
LONGEST = dt.timedelta(minutes=1)  # then the clock looks again
BY, ROUTE = "portal", "carried"
LOOKED = "consent.carried_over"
REACHING = (Event.Scope.BARE, Event.Scope.ORGANIZATION, Event.Scope.ALL)
OF_AN_ID = (Event.Kind.OPT_OUT, Event.Kind.RELEASE)
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
    """Opt-outs by a number, what the platform said of an id, and corrections of any."""
    out = Q(kind=Event.Kind.OPT_OUT, scope__in=REACHING) & ~Q(route="import")
    told = Event.objects.filter(
        out & Q(identifier__kind=Identifier.Kind.PHONE)
        | Q(identifier__kind=Identifier.Kind.OTHER, route=PLATFORM, kind__in=OF_AN_ID)
        | Q(kind=Event.Kind.CORRECTION),
        sequence__gt=after,
    )
    if until is not None:
        told = told.filter(sequence__lte=until)
    return told.select_related("identifier")


def _follow(event: Event, now: dt.datetime) -> int:
    if event.kind == Event.Kind.CORRECTION:
        return _take_back(event.evidence["corrects"], now)
    if event.kind == Event.Kind.RELEASE:
        return _release(event, now)
    try:
        mark = identifiers.value(event.identifier)
    except AlreadyErased:
        return 0
    is_id = event.identifier.kind == Identifier.Kind.OTHER
    carry_to = _of_record if is_id else _of_person
    made = carry_to(event, mark, now)
    with transaction.atomic():
        ledger.lock()
        number = event.sequence
        if lines.taken([_key(number, 0), f"correction:{number}"]):
            return 0
        for place, facts in enumerate(made):
            _record(event, _key(number, place), now, **facts)
    return len(made)


def _key(number: int | str, place: int) -> str:
    return f"carried:{number}:{place}"


def _of_person(event: Event, mark: Mark, now: dt.datetime) -> list[dict[str, Any]]:
    shared = {
        "scope": Event.Scope.MARKETING,
        "covers": event.covers,
        "route": ROUTE,
        "rule": "one record has both",
    }
    return [{"mark": other} | shared for other in others_of(mark, now=now)]


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


def _record(
    event: Event, key: str, now: dt.datetime, *, rule: str, **facts: Any
) -> None:
    ledger.record(
        kind=event.kind,
        channel=event.channel
        if event.channel in facts["covers"]
        else facts["covers"][0],
        organization=event.organization,
        source=event.source,
        occurred_at=event.occurred_at,
        idempotency_key=key,
        evidence={"carries": str(event.sequence), "rule": rule},
        by=BY,
        now=now,
        **facts,
    )


# --- ids of the platform --------------------------------------------------------------
def owners(text: str, *, now: dt.datetime) -> list[set[Mark]]:
    """The numbers and addresses of each person whose own record has that id."""
    found = people.called(text, now=now)
    reached = [{mark for mark in each if mark.kind in CHANNELS} for each in found]
    return [each for each in reached if each]


def in_order(whose: list[set[Mark]]) -> list[Mark]:
    return sorted(set().union(*whose), key=lambda each: (each.kind, each.value))


def _of_record(event: Event, mark: Mark, now: dt.datetime) -> list[dict[str, Any]]:
    whose = owners(mark.value, now=now)
    is_one = len(whose) == 1
    shared = {
        "scope": event.scope if is_one else Event.Scope.MARKETING,
        "route": PLATFORM,
        "rule": "their record has that id"
        if is_one
        else "several records have that id",
    }
    return [
        {"mark": each, "covers": covers} | shared
        for each in in_order(whose)
        if (covers := [name for name in event.covers if name in CHANNELS[each.kind]])
    ]


def _release(event: Event, now: dt.datetime) -> int:
    """What still rests on what was carried over from that id."""
    told = Event.objects.filter(
        identifier=event.identifier_id,
        kind=Event.Kind.OPT_OUT,
        organization=event.organization,
        sequence__lt=event.sequence,
    )
    carried = [each for first in told for each in _carried(first.sequence)]
    with transaction.atomic():
        ledger.lock()
        made = [made for each in carried if (made := _lift(each, event, now))]
    return len(made)


def _lift(carried: Event, event: Event, now: dt.datetime) -> bool:
    out = Standing.objects.filter(event=carried, state=Standing.State.OPTED_OUT)
    channels = out.filter(channel__in=event.covers).values_list("channel", flat=True)
    if covers := sorted(set(channels)):
        _record(
            event,
            f"released:{event.sequence}:{carried.sequence}",
            now,
            mark=identifiers.value(carried.identifier),
            scope=carried.scope,
            covers=covers,
            route=PLATFORM,
            rule="released with that id",
        )
    return bool(covers)


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


def _carried(number: int | str) -> Iterator[Event]:
    for place in itertools.count():
        event = lines.event_of(_key(number, place))
        if event is None:
            return
        yield event
