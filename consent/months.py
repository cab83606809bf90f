"""The months of the consent ledger: each a partition, made before it begins.

An event belongs to the month (UTC) in which we learnt of it. Nothing is refused because
a month has no partition: it waits in one that the clock empties and the board watches.
"""

import datetime as dt

from dateutil.relativedelta import relativedelta
from django.db import transaction

from consent.sql import months as statements

AHEAD = 3  # months


def month_of(at: dt.datetime) -> dt.date:
    """Its first day."""
    return at.astimezone(dt.UTC).date().replace(day=1)


def unfiled() -> tuple[int, dt.datetime | None]:
    """How many events have no month yet, and when the oldest was recorded."""
    return statements.unfiled()


def keep_ready(*, now: dt.datetime) -> int:
    """This month and the next ones have their partitions, and every event its month;
    how many partitions were made. Raises `OperationalError` when the ledger is busy:
    then the clock comes again."""
    with transaction.atomic():
        statements.hurry()
        if statements.unfiled()[0]:
            statements.file()
        first = month_of(now)
        ahead = [first + relativedelta(months=n) for n in range(AHEAD + 1)]
        return sum(statements.make(month) for month in ahead)
