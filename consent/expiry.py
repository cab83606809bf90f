"""Consent that ends by time, where a program says so, unless the person renews it."""

import datetime as dt

from dateutil.relativedelta import relativedelta

from consent import ledger
from consent.models import Event, Program, Standing
from privacy import identifiers

AT_ONCE = 500
BY = "portal"


def expire(*, now: dt.datetime) -> int:
    """One event for each consent that nobody renewed in time; how many there were.

    An organization with several programs has the shortest of their periods."""
    shortest: dict[str, int] = {}
    for program in Program.objects.filter(consent_months__gt=0):
        months = program.consent_months or 0
        before = shortest.get(program.organization, months)
        shortest[program.organization] = min(before, months)
    return sum(_expire(who, months, now) for who, months in shortest.items())


def _expire(organization: str, months: int, now: dt.datetime) -> int:
    last = now - relativedelta(months=months)
    rows = Standing.objects.filter(
        organization=organization,
        state=Standing.State.OPTED_IN,
        renewed_at__lt=last,
        identifier__erased_at=None,
    ).select_related("identifier")
    found = list(rows.order_by("pk")[:AT_ONCE])
    for row in found:
        _end(row, months, now)
    return len(found)


def _end(row: Standing, months: int, now: dt.datetime) -> None:
    ledger.record(
        mark=identifiers.value(row.identifier),
        kind=Event.Kind.EXPIRY,
        channel=row.channel,
        covers=(row.channel,),
        organization=row.organization,
        source=Event.Source.AUTOMATIC,
        route="expiry",
        occurred_at=now,
        idempotency_key=f"expiry:{row.event_id}:{row.channel}:{row.renewed_at.timestamp():.0f}",
        evidence={"rule": f"consent ends after {months} months without renewal"},
        by=BY,
        now=now,
    )
