"""The honour clock: from the receipt of an opt-out until it is obeyed.

An opt-out takes effect with the row that records it. It is late when that row came too
late, or when messages went out all the same. Days are counted where we are a controller
(LEGAL_TIME_ZONE), from the day after receipt: what a list says was said to somebody
else, years ago perhaps and obeyed since, and we received it with the list.
"""

import datetime as dt
import hashlib
import zoneinfo
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Max, Min

from consent import reasons
from consent.models import (
    Event,
    HonourLook,
    HonourRule,
    LateMessage,
    LateOptOut,
    LedgerLine,
)
from consent.sql import honour as statements
from privacy import periods, workdays

RULES = Path(__file__).resolve().parent / "rules" / "honour.yaml"
What, Unit = HonourRule.What, HonourRule.Unit
RANGE = 200_000  # events looked through by one statement
BATCH = 1000


def load() -> int:
    """Adds the file's rules that are not rows yet; returns how many. A row that staff
    changed stays as they left it."""
    added = periods.load(HonourRule, RULES)
    for calendar in HonourRule.objects.values_list("calendar", flat=True):
        workdays.public_holidays(calendar or "US")  # a misspelt one is found now
    return added


# --- one opt-out ------------------------------------------------------------------
@dataclass(frozen=True)
class Clock:
    """When we received an opt-out, when we knew it, since when it is obeyed, and until
    when the law allows; without a rule for its day, `last_day` and `rule` are None."""

    received_at: dt.datetime
    known_at: dt.datetime
    enforced_at: dt.datetime
    last_day: dt.date | None
    rule: HonourRule | None
    is_listed: bool = False  # a list told us

    @property
    def is_late(self) -> bool:
        return self.last_day is not None and day_of(self.enforced_at) > self.last_day

    @property
    def sentence(self) -> str:
        words = f"We knew on {reasons.moment(self.known_at)}"
        if self.is_listed:
            day = day_of(self.received_at)
            words = f"We received the list on {day:%-d %B %Y}. {words}"
        if self.enforced_at > self.known_at:
            sent = reasons.moment(self.enforced_at)
            words += f", yet a message went out on {sent}"
        if self.last_day is None or self.rule is None:
            return f"{words}; no rule in force that day sets a limit."
        last = f"{self.last_day:%A} {self.last_day.day} {self.last_day:%B %Y}"
        verdict = "Late" if self.is_late else "In time"
        ground = f"{self.rule.period}, {self.rule.citation}"
        return f"{verdict}. {words}; the law allows until {last} ({ground})."

    def facts(self) -> dict[str, Any]:
        """For machines."""
        return {
            "received_at": self.received_at,
            "known_at": self.known_at,
            "enforced_at": self.enforced_at,
            "last_day": self.last_day,
            "late": self.is_late,
            "citation": self.rule.citation if self.rule else "",
        }


def of(events: Iterable[Event]) -> dict[int, Clock]:
    """The clocks of those that are opt-outs, by their number; programs must be
    selected."""
    out = [event for event in events if event.kind == Event.Kind.OPT_OUT]
    if not out:
        return {}
    sent = LateMessage.objects.filter(event__in=[event.pk for event in out])
    last = dict(sent.values_list("event").annotate(Max("sent_at")))
    rules = list(HonourRule.objects.filter(what=What.HONOUR))
    return {event.pk: _clock(event, rules, last.get(event.pk)) for event in out}


def _clock(
    event: Event, rules: Sequence[HonourRule], sent: dt.datetime | None
) -> Clock:
    known = event.occurred_at if "log" in event.evidence else event.recorded_at
    exemption = event.program.exemption if event.program else ""
    received = _received(event)
    found = limit(day_of(received), exemption, rules)
    last_day, rule = found or (None, None)
    in_force = max(known, sent or known)
    is_listed = "import" in event.evidence
    return Clock(received, known, in_force, last_day, rule, is_listed)


def _received(event: Event) -> dt.datetime:
    """As `consent.sql.honour` says it too: with its list, where one told us."""
    if "import" not in event.evidence:
        return event.occurred_at
    with_list = event.recorded_at
    if day := event.evidence.get("received"):
        zone = zoneinfo.ZoneInfo(settings.LEGAL_TIME_ZONE)
        came = dt.datetime.fromisoformat(day).replace(tzinfo=zone)
        with_list = min(came, with_list)
    return max(event.occurred_at, with_list)


def limit(
    day: dt.date, exemption: str, rules: Iterable[HonourRule]
) -> tuple[dt.date, HonourRule] | None:
    """The last day by the shortest rule for an opt-out received on a day."""
    lasts = [
        (_last_day(day, rule), rule)
        for rule in rules
        if rule.exemption in ("", exemption) and rule.is_in_force(day)
    ]
    return min(lasts, key=lambda each: each[0], default=None)


def _last_day(day: dt.date, rule: HonourRule) -> dt.date:
    if rule.unit == Unit.BUSINESS_DAYS:
        return workdays.after(day, rule.quantity, rule.calendar)
    return day + dt.timedelta(days=rule.quantity)


def day_of(at: dt.datetime) -> dt.date:
    return at.astimezone(zoneinfo.ZoneInfo(settings.LEGAL_TIME_ZONE)).date()


class Window:
    """How long after an opt-out its one confirmation may be sent, or an answer to its
    question counts, by the rule of the day; read once. Where no rule is in force, no
    message does."""

    def __init__(self, what: str) -> None:
        self.rules = list(HonourRule.objects.filter(what=what))

    def at(self, opted_out_at: dt.datetime) -> dt.timedelta:
        day = day_of(opted_out_at)
        live = [rule.quantity for rule in self.rules if rule.is_in_force(day)]
        return dt.timedelta(minutes=min(live)) if live else dt.timedelta(seconds=-1)


# --- all that are late --------------------------------------------------------------
def look(*, now: dt.datetime) -> int:
    """Searches what was added to the ledger since the last search; returns how many are
    late in all.

    After a change of the rules, or of the zone, searches everything.
    """
    rules = list(HonourRule.objects.filter(what=What.HONOUR))
    with transaction.atomic():
        seen = _begin(_digest(rules), now)
        last = LedgerLine.objects.aggregate(last=Max("sequence"))["last"] or 0
        for after in range(seen.sequence, last, RANGE):
            _look(after, min(after + RANGE, last), rules)
        days = statements.days_of_messages(settings.LEGAL_TIME_ZONE)
        statements.find_by_messages(_limits(days, rules))
        statements.forget(settings.LEGAL_TIME_ZONE)
        seen.sequence, seen.looked_at = last, now
        seen.save()
    return LateOptOut.objects.count()


def _begin(digest: str, now: dt.datetime) -> HonourLook:
    """Of two that search at once, one waits."""
    HonourLook.objects.get_or_create(pk=1, defaults={"rules": digest, "looked_at": now})
    seen = HonourLook.objects.select_for_update().get(pk=1)
    if seen.rules != digest:
        LateOptOut.objects.all().delete()
        seen.rules, seen.sequence = digest, 0
    return seen


def _digest(rules: Iterable[HonourRule]) -> str:
    said = [
        (r.pk, r.exemption, r.quantity, r.unit, r.calendar, r.valid_from, r.valid_to)
        for r in rules
    ]
    counts_from = "a list counts from its receipt"  # other words: search all again
    what = (settings.LEGAL_TIME_ZONE, counts_from, said)
    return hashlib.sha256(repr(what).encode()).hexdigest()


def _look(after: int, until: int, rules: Sequence[HonourRule]) -> None:
    days = statements.days(after, until, settings.LEGAL_TIME_ZONE)
    statements.find(_limits(days, rules) | {"after": after, "until": until})


def _limits(days: statements.Limits, rules: Sequence[HonourRule]) -> dict[str, Any]:
    found = [(day, exemption, limit(day, exemption, rules)) for day, exemption in days]
    known = [(day, kind, *each) for day, kind, each in found if each]
    return {
        "zone": settings.LEGAL_TIME_ZONE,
        "days": [day for day, _, _, _ in known],
        "exemptions": [kind for _, kind, _, _ in known],
        "lasts": [last for _, _, last, _ in known],
        "rules": [rule.pk for _, _, _, rule in known],
    }


def sources(most: int, *, without: Iterable[str] = ()) -> list[Any]:
    """Who told us too late: a list is one source, any other event is its own; with how
    many there are, and their first `received` and last `enforced`."""
    rows = LateOptOut.objects.exclude(source__in=["", *without]).values(
        "source", "route"
    )
    counted = rows.annotate(
        count=Count("pk"), received=Min("received_at"), enforced=Max("enforced_at")
    )
    return list(counted.order_by("received", "source")[:most])


def found(most: int, *, after: int = 0) -> list[LateOptOut]:
    """What the last search found, in the order of the ledger."""
    rows = LateOptOut.objects.filter(pk__gt=after).order_by("pk")
    return list(rows.select_related("rule", "program")[:most])


def facts(row: LateOptOut) -> dict[str, Any]:
    """As plain data."""
    return {
        "event": row.event_id,
        "organization": row.organization,
        "program": row.program.name if row.program else "",
        "route": row.route,
        "told_by": row.source,
        "received_at": row.received_at,
        "known_at": row.known_at,
        "enforced_at": row.enforced_at,
        "last_day": row.last_day,
        "citation": row.rule.citation,
    }
