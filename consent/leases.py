"""Rows that ask for work: one worker at a time has each, and who dies is followed."""

import datetime as dt
from collections.abc import Iterator
from typing import TypeVar

from django.db.models import Model, Q, QuerySet

LEASE = dt.timedelta(minutes=5)
Row = TypeVar("Row", bound=Model)


def claimed(rows: QuerySet[Row], now: dt.datetime) -> Iterator[Row]:
    """One after the other, each leased to this worker, who renews `leased_until` with
    every chunk; so a row whose worker died goes on soon."""
    free = rows.filter(Q(leased_until=None) | Q(leased_until__lt=now)).order_by("pk")
    for pk in list(free.values_list("pk", flat=True)):
        if free.filter(pk=pk).update(leased_until=now + LEASE):
            yield rows.get(pk=pk)
