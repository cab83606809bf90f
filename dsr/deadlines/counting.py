"""Counts days: months, calendar days and business days, and last days that roll."""

import datetime as dt

from dateutil.relativedelta import relativedelta

from dsr.models import DeadlineRule
from privacy import workdays

Unit = DeadlineRule.Unit


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
    `excluded` days do not count (UK clarification); then the end rolls, where the law
    says so.
    """
    if unit == Unit.BUSINESS_DAYS:
        return workdays.after(received, quantity, calendar)
    days, months = (0, quantity) if unit == Unit.MONTHS else (quantity, 0)
    last = received + relativedelta(months=months, days=days + excluded)
    return _rolled(last, calendar) if rolls else last


def _rolled(day: dt.date, calendar: str) -> dt.date:
    while not workdays.is_one(day, calendar):
        day += dt.timedelta(days=1)
    return day
