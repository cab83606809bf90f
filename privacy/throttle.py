"""When a sweep leaves a store alone: outside its hours, while others wait for locks,
while a replica is behind. A sweep has time; a person waiting for an answer has not, so
this never delays an erasure.
"""

import datetime as dt

from django.db import connections

from privacy import stores
from privacy.models import Store
from privacy.sql import statements


def reason(*, store: Store, now: dt.datetime) -> str:
    """Why work on this store should wait, in a sentence; empty when it may go on."""
    if not _in_hours(store, now.astimezone(dt.UTC).time()):
        return (
            f"It is waiting for the hours of {store}, which begin at "
            f"{store.works_from}."
        )
    waiting, lag = statements.pressure(connections[stores.alias(store)])
    if waiting > store.most_lock_waits:
        return f"{waiting} sessions of {store} are waiting for locks."
    if lag > store.most_lag_seconds:
        return f"A replica of {store} is {lag:.0f} seconds behind."
    return ""


def _in_hours(store: Store, time: dt.time) -> bool:
    """22:00 until 05:00 spans midnight."""
    start, end = store.works_from, store.works_until
    if start is None or end is None:
        return True
    if start <= end:
        return start <= time < end
    return time >= start or time < end
