"""Business days: not a weekend, and not a public holiday of a calendar."""

import datetime as dt
from functools import cache

import holidays

from privacy.refusals import Refusal

SATURDAY, SUNDAY = 5, 6


class UnknownCalendar(Refusal):
    """There is no such calendar of public holidays."""


def after(
    day: dt.date, quantity: int, calendar: str, *, saturdays: bool = False
) -> dt.date:
    """The last of so many business days; the first day itself is not counted."""
    for _ in range(quantity):
        day += dt.timedelta(days=1)
        while not is_one(day, calendar, saturdays=saturdays):
            day += dt.timedelta(days=1)
    return day


def is_one(day: dt.date, calendar: str, *, saturdays: bool = False) -> bool:
    """Some laws count Saturdays too. Without a calendar, only weekends are left out."""
    if day.weekday() == SUNDAY or (day.weekday() == SATURDAY and not saturdays):
        return False
    return not calendar or day not in public_holidays(calendar)


@cache
def public_holidays(calendar: str) -> holidays.HolidayBase:
    """`US`, or with a part, `GB-ENG`; years are loaded as they are asked for."""
    country, _, part = calendar.partition("-")
    try:
        return holidays.country_holidays(country, subdiv=part or None)
    except NotImplementedError:
        raise UnknownCalendar from None
