"""Consent that ends by time, where a program says so, unless the person renews it.

Asked for a program, that program's own period counts; asked without one, the shortest
of those that may be meant, since nobody knows which will send. The check says no from
that instant on (`ends_at`). What counts for no program any more gets an event.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property

from dateutil.relativedelta import relativedelta
from django.db.models import Q, QuerySet

from consent import ledger, scopes, versions
from consent.models import Event, Program, Standing
from consent.versions import Then
from privacy import identifiers

AT_ONCE = 500
BY = "portal"
SOON = (30, 90)  # days
# More than a month's end moves an anniversary.
ABOUT = dt.timedelta(days=3)
SENDERS = (scopes.WHOLE, scopes.EXEMPTED, scopes.MARKETING, scopes.SERVICE)


def ends_at(renewed_at: dt.datetime, months: int | None) -> dt.datetime | None:
    """When consent that was last given then ends; None for never."""
    return renewed_at + relativedelta(months=months) if months else None


# --- how long ---------------------------------------------------------------------
class Periods:
    """The shortest period of each part of a sender, in months; of all senders if none
    is named; as of `then`, if not now. `sql/checks.py` (`MONTHS`) is the same."""

    def __init__(self, organization: str = "", then: Then | None = None) -> None:
        self.organization = organization
        self.then = then
        self.known: dict[tuple[str, str], int | None] = {}

    def months(self, organization: str, part: str) -> int | None:
        """Consent to every sender ends for the one that is asked about by its own."""
        place = organization or self.organization, part
        if place not in self.known:
            concerned = _concerned(self._programs.get(place[0], []), part)
            found = [row.consent_months for row in concerned if row.consent_months]
            self.known[place] = min(found, default=None)
        return self.known[place]

    @cached_property
    def _programs(self) -> dict[str, list[Program]]:
        if self.then:
            return _by_sender(versions.rows(Program, self.then))
        rows = Program.objects.filter(consent_months__gt=0)
        if self.organization:
            rows = rows.filter(organization=self.organization)
        return _by_sender(rows)


def _by_sender(rows: Iterable[Program]) -> dict[str, list[Program]]:
    found: dict[str, list[Program]] = defaultdict(list)
    for row in rows:
        found[row.organization].append(row)
    return found


def _concerned(programs: Iterable[Program], part: str) -> list[Program]:
    """The programs that a part of their sender is about."""
    return [
        row
        for row in programs
        if part in SENDERS or part == scopes.part_of(row.pk) or part in row.numbers
    ]


# --- what ends soon -----------------------------------------------------------------
def ending(*, days: int, now: dt.datetime) -> QuerySet[Standing]:
    """Consents that end within so many days, for at least one program, unless they are
    renewed."""
    given = Q(state=Standing.State.OPTED_IN, identifier__erased_at=None)
    return Standing.objects.filter(soon(days=days, now=now), given)


def soon(*, days: int, now: dt.datetime) -> Q:
    """Which of the consents, by when they were renewed last."""
    found = Q(pk__in=[])
    for months, (senders, parts) in _by_period().items():
        since = now - relativedelta(months=months)
        whose = Q(part=scopes.WHOLE, organization__in=senders) | Q(part__in=parts)
        until = since + dt.timedelta(days=days)
        found |= whose & Q(renewed_at__gt=since, renewed_at__lte=until)
    return found


def _by_period() -> dict[int, tuple[list[str], list[str]]]:
    """The senders, and the parts of senders, whose shortest period it is."""
    found: dict[int, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for organization, programs in _by_sender(Program.objects.all()).items():
        for part in _parts(programs):
            periods = [row.consent_months for row in _concerned(programs, part)]
            if given := [months for months in periods if months]:
                senders, parts = found[min(given)]
                (parts if part else senders).append(part or organization)
    return found


def _parts(programs: list[Program]) -> list[str]:
    """The whole, each program, and each number of a sender."""
    parts = {scopes.part_of(row.pk) for row in programs}
    numbers = {number for row in programs for number in row.numbers}
    return [scopes.WHOLE, *sorted(parts | numbers)]


# --- what has ended -----------------------------------------------------------------
def expire(*, now: dt.datetime) -> int:
    """Adds an event for each consent that counts for no program any more, whichever
    channels it was for; returns how many."""
    return sum(
        _expire(organization, part, months, now)
        for organization, programs in _by_sender(Program.objects.all()).items()
        for part, months in _longest(programs)
    )


def _longest(programs: list[Program]) -> Iterator[tuple[str, int]]:
    """The parts of a sender that end for all of their programs, and after how long."""
    for part in _parts(programs):
        periods = [row.consent_months or 0 for row in _concerned(programs, part)]
        if all(periods):
            yield part, max(periods)


def _expire(organization: str, part: str, months: int, now: dt.datetime) -> int:
    rows = Standing.objects.filter(
        organization=organization,
        part=part,
        state=Standing.State.OPTED_IN,
        renewed_at__lt=now - relativedelta(months=months) + ABOUT,
        identifier__erased_at=None,
    )
    rows = rows.select_related("identifier").order_by("pk")
    ended = after = 0
    while found := list(rows.filter(pk__gt=after)[:AT_ONCE]):
        consents: dict[tuple[int, int], Standing] = {}
        for row in found:
            if (ends_at(row.renewed_at, months) or now) <= now:
                consents.setdefault((row.identifier_id, row.event_id), row)
        for (person, event), row in consents.items():
            of = rows.filter(identifier=person, event=event)
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
