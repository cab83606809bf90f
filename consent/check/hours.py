"""Quiet hours: marketing waits until it is day where the person is.

Every rule that may apply must allow it, in every time zone the person may be in: the
federal hours, those of the area code's state, and those of a state that is known.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import holidays
import yaml

from consent.check import places
from consent.check.places import Place

RULES = Path(__file__).resolve().parents[1] / "rules" / "quiet_hours.yaml"
DAYS = ("weekdays",) * 5 + ("saturday", "sunday")
FEDERAL, CANADA = "US", "CA-ALL"
LONGEST_WAIT = 14  # days to look for an opening; holidays and Sundays are fewer
Window = tuple[dt.time, dt.time]


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


def closed(e164: str, at: dt.datetime, *, state: str = "") -> Closed | None:
    """None when marketing may go out now."""
    return _closed(places.of_number(e164), at, state)


@lru_cache(maxsize=10_000)
def _closed(place: Place, at: dt.datetime, state: str) -> Closed | None:
    known = places.of_state(state) if state else None
    binding = list(_binding(place, known, at))
    shut = [(rule, zone) for rule, zone in binding if not rule.is_open(at, zone)]
    if not shut:
        return None
    return Closed(shut[0][0], _opens(binding, at))


def _binding(
    place: Place, known: Place | None, at: dt.datetime
) -> Iterator[tuple[Rule, str]]:
    """Each rule that applies, with each zone it applies in."""
    for each in filter(None, (known, place)):
        for rule in _rules_of(each, at):
            for zone in sorted({*each.zones, *rule.zones}):
                yield rule, zone


def _rules_of(place: Place, at: dt.datetime) -> list[Rule]:
    if place.country in places.UNITED_STATES:
        names = [place.state, FEDERAL]
    elif place.country == "CA":
        names = [CANADA]
    else:
        return []
    return [rule for name in names for rule in _in_force(name, at)]


def _in_force(name: str, at: dt.datetime) -> list[Rule]:
    day = at.date()
    return [
        rule
        for rule in rules()
        if rule.place == name
        and rule.valid_from <= day
        and (rule.valid_to is None or day <= rule.valid_to)
    ]


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


def caps(e164: str, at: dt.datetime, *, state: str = "") -> list[Rule]:
    """The rules that limit how many messages a day a person may get."""
    found = [places.of_number(e164)]
    found += [places.of_state(state)] if state else []
    return [rule for place in found for rule in _rules_of(place, at) if rule.cap]


# --- the file ---------------------------------------------------------------
@cache
def rules() -> tuple[Rule, ...]:
    return tuple(_rule(said) for said in yaml.safe_load(RULES.read_text()))


def _rule(said: dict[str, Any]) -> Rule:
    return Rule(
        place=said["place"],
        windows=tuple(_window(said[day]) for day in dict.fromkeys(DAYS)),
        on_holidays=said.get("holidays") != "none",
        zones=tuple(said.get("zones", ())),
        cap=said.get("cap"),
        citation=said["citation"],
        valid_from=said["valid_from"],
        valid_to=said.get("valid_to"),
    )


def _window(text: str) -> Window | None:
    if text == "none":
        return None
    begins, ends = (dt.time.fromisoformat(each) for each in text.split("-"))
    return begins, ends


@cache
def _holidays(state: str) -> holidays.HolidayBase:
    return holidays.country_holidays("US", subdiv=state)
