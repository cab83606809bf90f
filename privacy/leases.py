"""Rows that ask for work: one worker at a time has each, and who dies is followed."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import TypeVar

from django.db.models import Model, Q, QuerySet

LEASE = dt.timedelta(minutes=5)
Row = TypeVar("Row", bound=Model)


def claimed(rows: QuerySet[Row], clock: Callable[[], dt.datetime]) -> Iterator[Row]:
    """One after the other, each leased to this worker, who renews `leased_until` with
    every chunk; so a row whose worker died goes on soon."""
    for pk in list(_free(rows, clock()).order_by("pk").values_list("pk", flat=True)):
        now = clock()
        if _free(rows, now).filter(pk=pk).update(leased_until=now + LEASE):
            yield rows.get(pk=pk)


def _free(rows: QuerySet[Row], now: dt.datetime) -> QuerySet[Row]:
    return rows.filter(Q(leased_until=None) | Q(leased_until__lt=now))
