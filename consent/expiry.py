"""Consent that expires, where a program says so, unless the person renews it."""

import datetime as dt

from dateutil.relativedelta import relativedelta

from consent import ledger, scopes
from consent.models import Event, Program, Standing
from privacy import identifiers

AT_ONCE = 500
BY = "portal"


def expire(*, now: dt.datetime) -> int:
    """Adds an event for each consent that nobody renewed in time, whichever channels it
    was for; returns how many.

    For an organization with several programs the shortest of their periods counts.
    """
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
    ).exclude(part=scopes.EXEMPTED)
    rows = rows.select_related("identifier").order_by("pk")
    ended = after = 0
    while found := list(rows.filter(pk__gt=after)[:AT_ONCE]):
        consents: dict[tuple[int, str, int], Standing] = {}
        for row in found:
            consents.setdefault((row.identifier_id, row.part, row.event_id), row)
        for (person, part, event), row in consents.items():
            of = rows.filter(identifier=person, part=part, event=event)
            channels = tuple(of.values_list("channel", flat=True))
            if channels:  # else an earlier batch has ended it
                _end(row, channels, months, now)
                ended += 1
        after = found[-1].pk
    return ended


def _end(
    row: Standing, channels: tuple[str, ...], months: int, now: dt.datetime
) -> None:
    """For the part that was consented to; its exempted messages end with the whole."""
    scope, program_id = scopes.named_by(row.part)
    began = f"{row.event_id}:{row.channel}:{row.renewed_at.timestamp():.0f}{row.part}"
    evidence = {"rule": f"consent ends after {months} months without renewal"}
    if scope == scopes.Scope.SENDER:
        evidence["our_number"] = row.part
    ledger.record(
        mark=identifiers.value(row.identifier),
        kind=Event.Kind.EXPIRY,
        channel=row.channel,
        covers=channels,
        organization=row.organization,
        program=Program.objects.get(pk=program_id) if program_id else None,
        scope=scope,
        source=Event.Source.AUTOMATIC,
        route="expiry",
        occurred_at=now,
        idempotency_key=f"expiry:{began}",
        evidence=evidence,
        by=BY,
        now=now,
    )
