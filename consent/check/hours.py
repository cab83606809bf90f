"""Quiet hours: marketing waits until it is day where the person is.

Every rule that may apply must allow it, in every time zone the person may be in: the
federal hours, those of the area code's state, and those of a state that is known.
The hours of a whole country count as the file has them, whatever became of their rows:
staff may make them stricter, and never end them (47 CFR 64.1200(c)(1)).
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import holidays
import yaml

from consent import versions
from consent.check import places
from consent.check.places import Place
from consent.models import HoursRule
from consent.models.hours import CLOSED
from consent.sql import checks
from consent.versions import Then
from privacy import periods
from privacy.refusals import Refusal
from privacy.sql import prepared

RULES = Path(__file__).resolve().parents[1] / "rules" / "quiet_hours.yaml"
LONGEST_WAIT = 14  # days to look for an opening; holidays and Sundays are fewer
A_DAY = dt.timedelta(days=1)
Window = tuple[dt.time, dt.time]


class LooserThanTheLaw(Refusal):
    """The hours of a whole country can be made stricter. They can't be ended or made
    wider, because the law demands them."""


@dataclass(frozen=True)
class Rule:
    """A window for each kind of day; None means closed all day. `valid_to` is its last
    day."""

    place: str
    windows: tuple[Window | None, ...]  # weekdays, saturday, sunday
    on_holidays: bool
    zones: tuple[str, ...]
    cap: int | None
    citation: str
    valid_from: dt.date
    valid_to: dt.date | None

    def window(self, day: dt.date) -> Window | None:
        if not self.on_holidays and day in _holidays(self.place):
            return None
        return self.windows[max(0, day.weekday() - 4)]

    def is_in_force(self, day: dt.date) -> bool:
        return self.valid_from <= day and (
            self.valid_to is None or day <= self.valid_to
        )

    def is_as_strict_as(self, other: "Rule") -> bool:
        pairs = zip(self.windows, other.windows, strict=True)
        within = all(
            own is None or (law and law[0] <= own[0] and own[1] <= law[1])
            for own, law in pairs
        )
        holidays_too = other.on_holidays or not self.on_holidays
        return within and holidays_too and {*other.zones} <= {*self.zones}

    def is_open(self, at: dt.datetime, zone: str) -> bool:
        local = at.astimezone(ZoneInfo(zone))
        window = self.window(local.date())
        return window is not None and window[0] <= local.time() < window[1]

    def openings(self, at: dt.datetime, zone: str) -> Iterator[dt.datetime]:
        """When its windows open in the coming days."""
        first = at.astimezone(ZoneInfo(zone)).date()
        for number in range(LONGEST_WAIT):
            day = first + dt.timedelta(days=number)
            if window := self.window(day):
                local = dt.datetime.combine(day, window[0], ZoneInfo(zone))
                yield local.astimezone(dt.UTC)


@dataclass(frozen=True)
class Closed:
    """Closed there by this rule; opens again at `until`, if ever."""

    rule: Rule
    until: dt.datetime | None


@dataclass(frozen=True, eq=False)
class Hours:
    """The rules as their rows say."""

    rules: tuple[Rule, ...]

    def closed(self, e164: str, at: dt.datetime, *, state: str = "") -> Closed | None:
        """None when marketing may go out now."""
        return _closed(self, places.of_number(e164), at, state)

    def caps(self, e164: str, at: dt.datetime, *, state: str = "") -> list[Rule]:
        """The rules that limit how many messages a day a person may get."""
        found = [places.of_number(e164)]
        found += [places.of_state(state)] if state else []
        return [rule for place in found for rule in self.of(place, at) if rule.cap]

    def of(self, place: Place, at: dt.datetime) -> list[Rule]:
        day = at.date()
        return [
            rule
            for name in places.jurisdictions(place)
            for rule in self.rules
            if rule.place == name and rule.is_in_force(day)
        ]


@lru_cache(maxsize=10_000)
def _closed(hours: Hours, place: Place, at: dt.datetime, state: str) -> Closed | None:
    known = places.of_state(state) if state else None
    binding = list(_binding(hours, place, known, at))
    shut = [(rule, zone) for rule, zone in binding if not rule.is_open(at, zone)]
    if not shut:
        return None
    return Closed(shut[0][0], _opens(binding, at))


def _binding(
    hours: Hours, place: Place, known: Place | None, at: dt.datetime
) -> Iterator[tuple[Rule, str]]:
    """Each rule that applies, with each zone it applies in."""
    for each in filter(None, (known, place)):
        for rule in hours.of(each, at):
            for zone in sorted({*each.zones, *rule.zones}):
                yield rule, zone


def _opens(binding: Iterable[tuple[Rule, str]], at: dt.datetime) -> dt.datetime | None:
    pairs = list(binding)
    openings = sorted(
        moment
        for rule, zone in pairs
        for moment in rule.openings(at, zone)
        if moment > at
    )
    return next(
        (m for m in openings if all(rule.is_open(m, zone) for rule, zone in pairs)),
        None,
    )


# --- the rows ---------------------------------------------------------------
def load() -> int:
    """Adds the rules of the file that are not rows yet; returns how many."""
    return periods.load(HoursRule, RULES)


def now() -> Hours:
    """As the rows say at present."""
    ((version,),) = prepared.rows(f"SELECT {checks.HOURS}", {})
    return of(version)


@lru_cache(maxsize=4)
def of(version: str) -> Hours:
    """`version` is that of the rows, so that another one reads them again; a check asks
    for it in its own statement."""
    return _hours(HoursRule.objects.all())


def then(when: Then) -> Hours:
    """As the rows said at an earlier time."""
    return _hours(versions.rows(HoursRule, when))


def _hours(rows: Iterable[HoursRule]) -> Hours:
    in_order = sorted(rows, key=lambda row: (row.jurisdiction, row.valid_from, row.pk))
    rules = tuple(map(_rule, in_order))
    return _by(rules + tuple(law for law in of_countries() if law not in rules))


@lru_cache(maxsize=16)
def _by(rules: tuple[Rule, ...]) -> Hours:
    """One for the same rules, for what is closed is remembered of each."""
    return Hours(rules)


# --- what the law of a whole country demands ----------------------------------
@cache
def of_countries() -> tuple[Rule, ...]:
    """As the file has them."""
    said = yaml.safe_load(RULES.read_text())
    rules = [_rule(HoursRule(**each)) for each in said]
    return tuple(rule for rule in rules if places.is_country(rule.place))


def refuse_looser(row: HoursRule) -> None:
    """Before staff save it: with all other rows, it must be as strict on every day as
    the law of the country is. A stricter rule may follow another without a gap."""
    stored = HoursRule.objects.filter(pk=row.pk).values_list("jurisdiction", flat=True)
    places_of_it = {row.jurisdiction, *stored}
    rules = [*map(_rule, HoursRule.objects.exclude(pk=row.pk)), _rule(row)]
    for law in of_countries():
        if law.place in places_of_it and _has_gap(law, rules):
            raise LooserThanTheLaw


def _has_gap(law: Rule, rules: Iterable[Rule]) -> bool:
    """Gaps begin on the law's first day, or on the day after a rule's last."""
    strict = [
        rule for rule in rules if rule.place == law.place and rule.is_as_strict_as(law)
    ]
    days = [law.valid_from, *(r.valid_to + A_DAY for r in strict if r.valid_to)]
    return any(
        law.is_in_force(day) and not any(rule.is_in_force(day) for rule in strict)
        for day in days
    )


def _rule(row: HoursRule) -> Rule:
    return Rule(
        place=row.jurisdiction,
        windows=tuple(map(_window, (row.weekdays, row.saturday, row.sunday))),
        on_holidays=row.on_holidays,
        zones=tuple(row.zones),
        cap=row.cap,
        citation=row.citation,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
    )


def _window(text: str) -> Window | None:
    if text == CLOSED:
        return None
    begins, ends = (dt.time.fromisoformat(each) for each in text.split("-"))
    return begins, ends


@cache
def _holidays(place: str) -> holidays.HolidayBase:
    country, _, state = place.partition("-")
    return holidays.country_holidays(country, subdiv=state or None)
