"""When a sweep leaves a store alone: outside its hours, while others wait for locks,
while a replica is behind. A sweep has time; a person waiting for an answer has not, so
this never delays an erasure.
"""

import datetime as dt

from django.db import connections

from privacy import stores
from privacy.models import Store
from privacy.sql import pressure

UNTOLD = {
    "most_lock_waits": "This database does not tell who waits for locks, so sweeps "
    "can't wait for that. On MySQL and MariaDB, give the portal's user the privilege "
    "PROCESS.",
    "most_lag_seconds": "This database does not tell how far its replicas are behind, "
    "so sweeps can't wait for them; only PostgreSQL does. Give the store hours in "
    "which that does no harm.",
}


def reason(*, store: Store, now: dt.datetime) -> str:
    """Why work on this store should wait, in a sentence; empty when it may go on."""
    if not _in_hours(store, now.astimezone(dt.UTC).time()):
        return (
            f"It is waiting for the hours of {store}, which begin at "
            f"{store.works_from}."
        )
    waits, lag = pressure.read(connections[stores.alias(store)])
    if waits is not None and waits > store.most_lock_waits:
        return f"{waits} sessions of {store} are waiting for locks."
    if lag is not None and lag > store.most_lag_seconds:
        return f"A replica of {store} is {lag:.0f} seconds behind."
    return ""


def untold(store: Store) -> dict[str, str]:
    """The limits that a database can't be asked about, each with a sentence that says
    so; none while it does not answer."""
    if store.kind != Store.Kind.DATABASE:
        return {}
    try:
        with stores.reaching(store):
            found = pressure.read(connections[stores.alias(store)])
    except stores.StoreDown:
        return {}
    told = zip(found, UNTOLD.items(), strict=True)
    return {limit: sentence for said, (limit, sentence) in told if said is None}


def _in_hours(store: Store, time: dt.time) -> bool:
    """22:00 until 05:00 spans midnight."""
    start, end = store.works_from, store.works_until
    if start is None or end is None:
        return True
    if start <= end:
        return start <= time < end
    return time >= start or time < end
