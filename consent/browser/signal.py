"""Global Privacy Control (W3C draft): a browser that says "do not sell or share".

California (11 CCR 7025) and others make it a valid opt-out of sale and sharing, for the
browser and for the person known to use it. Nothing here is sold or shared for anybody;
the signal is recorded all the same.
"""

import datetime as dt

from django.db.models import F

from consent import ledger
from consent.models import Channel, Event, SignalDay
from privacy.identifiers import Mark

SOLD = "sale_and_sharing"


def is_sent(header: str) -> bool:
    """Exactly the character 1; of several headers, which a server joins with commas,
    one is enough."""
    return "1" in [value.strip() for value in header.split(",")]


def heed_stranger(*, now: dt.datetime) -> None:
    """Counts it by day: there is nobody to record it for."""
    SignalDay.objects.get_or_create(day=now.date())
    SignalDay.objects.filter(day=now.date()).update(times=F("times") + 1)


def heed(*, mark: Mark, by: str, now: dt.datetime) -> Event:
    """Records once an opt-out of sale and sharing for a person who opened a link of
    ours."""
    return ledger.record(
        mark=mark,
        kind=Event.Kind.OPT_OUT,
        channel=Channel.WEB,
        covers=(Channel.WEB,),
        source=Event.Source.AUTOMATIC,
        route="gpc",
        occurred_at=now,
        idempotency_key=f"gpc:{ledger.subject_of(mark, now=now)}",
        evidence={"rule": f"Sec-GPC: {SOLD}"},
        by=by,
        now=now,
    )
