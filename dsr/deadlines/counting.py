"""Counting days: months, calendar days and business days, and the days that roll."""

import datetime as dt
from functools import cache

import holidays
from dateutil.relativedelta import relativedelta

from dsr.models import DeadlineRule
from privacy.refusals import Refusal

SATURDAY, SUNDAY = 5, 6
Unit = DeadlineRule.Unit


class UnknownCalendar(Refusal):
    """There is no such calendar of public holidays."""


def due(
    received: dt.date,
    *,
    quantity: int,
    unit: str,
    calendar: str = "",
    rolls: bool = False,
    excluded: int = 0,
) -> dt.date:
    """The last day of a period; the day of receipt is not counted.

    Months end on the same date, else on the last day (Reg. 1182/71 Art. 3(2)(c)).
    `excluded` days do not count (UK clarification); then the end rolls, where it rolls.
    """
    if unit == Unit.BUSINESS_DAYS:
        return after_business_days(received, quantity, calendar)
    days, months = (0, quantity) if unit == Unit.MONTHS else (quantity, 0)
    last = received + relativedelta(months=months, days=days + excluded)
    return _rolled(last, calendar) if rolls else last


def after_business_days(
    received: dt.date, quantity: int, calendar: str, *, saturdays: bool = False
) -> dt.date:
    day = received
    for _ in range(quantity):
        day += dt.timedelta(days=1)
        while not is_working_day(day, calendar, saturdays=saturdays):
            day += dt.timedelta(days=1)
    return day


def _rolled(day: dt.date, calendar: str) -> dt.date:
    while not is_working_day(day, calendar):
        day += dt.timedelta(days=1)
    return day


def is_working_day(day: dt.date, calendar: str, *, saturdays: bool = False) -> bool:
    """No weekend and no public holiday; some laws count Saturdays as working days."""
    if day.weekday() == SUNDAY or (day.weekday() == SATURDAY and not saturdays):
        return False
    return not calendar or day not in public_holidays(calendar)


@cache
def public_holidays(calendar: str) -> holidays.HolidayBase:
    """`US`, or with its part `GB-ENG`; years are filled in as they are asked for."""
    country, _, part = calendar.partition("-")
    try:
        return holidays.country_holidays(country, subdiv=part or None)
    except NotImplementedError:
        raise UnknownCalendar from None
