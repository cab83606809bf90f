"""Global Privacy Control (W3C draft): a browser that says "do not sell or share".

California (11 CCR 7025) and others make it a valid opt-out of sale, sharing and
targeted advertising, for the browser and for the person known to use it. It says
nothing about messages, nor about profiling.
"""

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.db.models import F

from consent import ledger
from consent.models import Channel, Event, SignalDay
from privacy import identifiers, objections
from privacy.models import Identifier, Objection

USES = (Objection.Use.SALE, Objection.Use.TARGETED_ADS)
SOLD = "sale_and_sharing"


def is_sent(header: str) -> bool:
    """Exactly the character 1; of several headers, which a server joins with commas,
    one is enough."""
    return "1" in [value.strip() for value in header.split(",")]


def heed_stranger(*, now: dt.datetime) -> None:
    """Counts it by day: there is nobody to record it for."""
    SignalDay.objects.get_or_create(day=now.date())
    SignalDay.objects.filter(day=now.date()).update(times=F("times") + 1)


def heed(*, people: Iterable[Identifier], by: str, now: dt.datetime) -> None:
    """Forbids sale and targeted advertising for who opened a link of ours, by each
    number and address that the link is about."""
    for person in people:
        if person.erased_at is None:
            _heed(person, by, now)


def _heed(person: Identifier, by: str, now: dt.datetime) -> None:
    """In the ledger once; what was allowed again since is forbidden again."""
    with transaction.atomic():
        event = ledger.record(
            mark=identifiers.value(person),
            kind=Event.Kind.OPT_OUT,
            channel=Channel.WEB,
            covers=(Channel.WEB,),
            source=Event.Source.AUTOMATIC,
            route="gpc",
            occurred_at=now,
            idempotency_key=f"gpc:{person.pk}",
            evidence={"rule": f"Sec-GPC: {SOLD}"},
            by=by,
            now=now,
        )
        for use in USES:
            objections.record(
                identifiers=[person],
                use=use,
                because=f"event:{event.pk}",
                since=now,
                by=by,
                now=now,
            )
