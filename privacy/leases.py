"""Rows that ask for work: each is leased to one worker, and taken over if that worker
dies."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import TypeVar

from django.db.models import Model, Q, QuerySet

LEASE = dt.timedelta(minutes=5)
Row = TypeVar("Row", bound=Model)


def claimed(rows: QuerySet[Row], clock: Callable[[], dt.datetime]) -> Iterator[Row]:
    """Yields rows one after the other, each leased to this worker, who renews
    `leased_until` with every chunk; so the row of a dead worker is soon taken over."""
    for pk in list(_free(rows, clock()).order_by("pk").values_list("pk", flat=True)):
        now = clock()
        if _free(rows, now).filter(pk=pk).update(leased_until=now + LEASE):
            yield rows.get(pk=pk)


def _free(rows: QuerySet[Row], now: dt.datetime) -> QuerySet[Row]:
    return rows.filter(Q(leased_until=None) | Q(leased_until__lt=now))
