"""When an answer is due: pure dates from dated rules.

Periods in hours are not here: those clocks belong to breaches.
"""

import datetime as dt
import zoneinfo
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from dsr.deadlines.counting import Unit, due
from dsr.models import DeadlineRule
from privacy import workdays
from privacy.refusals import Refusal
from privacy.workdays import UnknownCalendar

__all__ = ["UnknownCalendar", "due"]

FILE = Path(__file__).resolve().parents[1] / "rules" / "deadlines.yaml"
HOME = "home"  # the calendar of the country where we are a controller
OUR_PROMISE = "unspecified"  # the regime of what no law that was named gives


class NoRule(Refusal):
    """No rule gives a deadline for that right, place and day; see `rules show`."""


class UnknownRegime(Refusal):
    """There are no rules for a law of that name; see `rules show`."""


class NoTimeZone(Refusal):
    """A time of receipt needs a UTC offset, such as 2026-05-03T14:02Z."""


@dataclass(frozen=True)
class Deadline:
    """Last days by a rule, and in words how they were counted."""

    rule: DeadlineRule
    due_at: dt.date
    target: dt.date
    acknowledge_by: dt.date | None
    acknowledge_target: dt.date | None
    extended_due: dt.date | None
    arithmetic: str
    extension: str  # in words as well; empty where there is none

    @property
    def citation(self) -> str:
        return self.rule.citation


@dataclass(frozen=True)
class Clarification:
    """We asked what was meant, and were told: both days, and those between."""

    asked: dt.date
    answered: dt.date

    @property
    def days(self) -> int:
        return (self.answered - self.asked).days + 1


def for_request(
    *,
    regime: str,
    right: str,
    received_at: dt.datetime,
    identified: dt.date | None = None,
    clarification: Clarification | None = None,
    clarifications: Sequence[Clarification] = (),
    asked_under: str = "",
    home: str | None = None,
) -> Deadline:
    """The days of one request. A question under a law that stops no clock is left out.

    `asked_under` is the law that was named, if it gives no such right. `home` is our
    own calendar of holidays; without one only weekends roll, which is never later than
    the law. Raises `NoRule`.
    """
    received = day_of(received_at)
    rule = in_force(regime=regime, right=right, on=received)
    calendar = _calendar(rule, home)
    starts = received
    if rule.identity_starts_clock and identified:
        starts = max(received, identified)
    asked = [*clarifications, *([clarification] if clarification else [])]
    excluded = days_of(asked, since=starts) if rule.clarification_stops_clock else 0
    counted = Counted(rule, calendar, received, starts, excluded)
    last = counted.ends(rule.quantity, rule.unit)
    return Deadline(
        rule=rule,
        due_at=last,
        target=last - dt.timedelta(days=rule.days_early),
        acknowledge_by=_acknowledge_by(counted),
        acknowledge_target=_early(received, rule, calendar),
        extended_due=counted.ends(rule.extension_quantity, rule.extension_unit)
        if rule.extension_quantity
        else None,
        arithmetic=_lacking(asked_under, received) + _in_words(counted),
        extension=_extension_in_words(counted),
    )


def _calendar(rule: DeadlineRule, home: str | None) -> str:
    if rule.calendar != HOME:
        return rule.calendar
    return settings.LEGAL_CALENDAR if home is None else home


def days_of(asked: Sequence[Clarification], *, since: dt.date) -> int:
    """Days on which at least one question was open, once the clock had started."""
    days = {
        each.asked + dt.timedelta(days=number)
        for each in asked
        for number in range(each.days)
    }
    return sum(day >= since for day in days)


@dataclass(frozen=True)
class Counted:
    """From when, and by which calendar, the days of one request are counted."""

    rule: DeadlineRule
    calendar: str
    received: dt.date
    starts: dt.date
    excluded: int

    def ends(self, quantity: int, unit: str, *, rolls: bool | None = None) -> dt.date:
        return due(
            self.starts,
            quantity=quantity,
            unit=unit,
            calendar=self.calendar,
            rolls=self.rule.rolls if rolls is None else rolls,
            excluded=self.excluded,
        )


def _acknowledge_by(counted: Counted) -> dt.date | None:
    quantity = counted.rule.acknowledgement_quantity
    if quantity is None:
        return None
    unit = counted.rule.acknowledgement_unit
    return due(
        counted.received, quantity=quantity, unit=unit, calendar=counted.calendar
    )


def _lacking(named: str, on: dt.date) -> str:
    law = dict(regimes()).get(named, named) if named else ""
    return law and f"{law} gave no such right on {on}; this is our own promise. "


def _in_words(counted: Counted) -> str:
    rule = counted.rule
    words = [f"Received {counted.received}"]
    if counted.starts != counted.received:
        words.append(f"identity known on {counted.starts}, which starts the clock")
    if counted.excluded:
        days = "1 day" if counted.excluded == 1 else f"{counted.excluded} days"
        words.append(f"{days} of clarification do not count")
    return "; ".join([*words, *_end_in_words(counted, rule.quantity, rule.unit)])


def _extension_in_words(counted: Counted) -> str:
    """From the start of the clock, not from a day that had rolled."""
    rule = counted.rule
    if not rule.extension_quantity:
        return ""
    said = _end_in_words(counted, rule.extension_quantity, rule.extension_unit)
    return "; ".join(said)


def _end_in_words(counted: Counted, quantity: int, unit: str) -> list[str]:
    plain = counted.ends(quantity, unit, rolls=False)
    last, name = counted.ends(quantity, unit), str(Unit(unit).label)
    count = f"{quantity} {name} end" if quantity > 1 else f"1 {name[:-1]} ends"
    words = [f"{count} on {plain:%A} {plain}"]
    if plain != last:
        words.append(f"not a working day, so the next one: {last:%A} {last}")
    return words


def _early(received: dt.date, rule: DeadlineRule, calendar: str) -> dt.date | None:
    """A target for acknowledgements: "business day" may include Saturdays (Civ. Code 7,
    9); one that ends on a Saturday is written on the working day before."""
    if rule.acknowledgement_unit != Unit.BUSINESS_DAYS:
        return None
    quantity = rule.acknowledgement_quantity or 0
    day = workdays.after(received, quantity, calendar, saturdays=True)
    while not workdays.is_one(day, calendar):
        day -= dt.timedelta(days=1)
    return day


def day_of(at: dt.datetime) -> dt.date:
    """The day of an instant where we are a controller (LEGAL_TIME_ZONE)."""
    if at.tzinfo is None:
        raise NoTimeZone
    return at.astimezone(zoneinfo.ZoneInfo(settings.LEGAL_TIME_ZONE)).date()


def rules_at(day: dt.date) -> QuerySet[DeadlineRule]:
    """Every rule in force on a day."""
    return DeadlineRule.objects.filter(
        Q(valid_to=None) | Q(valid_to__gte=day), valid_from__lte=day
    )


def in_force(*, regime: str, right: str, on: dt.date) -> DeadlineRule:
    rules = rules_at(on).filter(regime=regime, right=right)
    rule = rules.order_by("-valid_from").first()
    if rule is None:
        raise NoRule
    return rule


def gives(regime: str, right: str, *, on: dt.date) -> bool:
    """Whether a law in force that day gives the right."""
    return rules_at(on).filter(regime=regime, right=right).exists()


def regime(text: str) -> str:
    """The code of a regime as the rules write it, in any case."""
    row = DeadlineRule.objects.filter(regime__iexact=text.strip()).first()
    if row is None:
        raise UnknownRegime
    return row.regime


def regimes(*, on: dt.date | None = None) -> list[tuple[str, str]]:
    """Maps codes to laws, of every regime in force or of all, for forms and
    messages."""
    rules = rules_at(on) if on else DeadlineRule.objects.all()
    rows = rules.order_by("regime").values_list("regime", "law").distinct()
    return list(rows)


def check_calendar(name: str) -> None:
    """Raises `UnknownCalendar` unless it is ours, empty, or one that we can look up."""
    if name not in (HOME, ""):
        workdays.public_holidays(name)


def load() -> int:
    """Adds rules of the file that are not rows yet; returns how many.

    A row that staff changed stays as they left it: a changed rule gets a new row with
    its own first day.
    """
    rows = [row for law in yaml.safe_load(FILE.read_text()) for row in _rows(law)]
    for calendar in {row.calendar for row in rows}:
        check_calendar(calendar)  # a misspelt one is found now, not with a request
    with transaction.atomic():
        before = DeadlineRule.objects.count()
        DeadlineRule.objects.bulk_create(rows, ignore_conflicts=True)
        return DeadlineRule.objects.count() - before


def _rows(law: dict[str, Any]) -> list[DeadlineRule]:
    """One law of the file: its common values, and what is given for each right.

    Periods are written as "45 cal_days".
    """
    common = {k: v for k, v in law.items() if k != "clocks"}
    return [
        DeadlineRule(**_fields({**common, **clock, "right": right}))
        for clock in law["clocks"]
        for right in clock["rights"]
    ]


def _fields(said: dict[str, Any]) -> dict[str, Any]:
    fields = {k: v for k, v in said.items() if k not in PERIODS and k != "rights"}
    for name, (quantity, unit) in PERIODS.items():
        if name in said:
            number, fields[unit] = said[name].split()
            fields[quantity] = int(number)
    code = f"{said['regime']}-{said['right']}-{said['valid_from']:%Y}".lower()
    return {**fields, "code": code.replace("_", "-")}


PERIODS = {
    "answer": ("quantity", "unit"),
    "extended": ("extension_quantity", "extension_unit"),
    "acknowledge": ("acknowledgement_quantity", "acknowledgement_unit"),
}
