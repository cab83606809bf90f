"""Work that only one process may do at a time, however many workers there are."""

import contextlib
from collections.abc import Iterator
from typing import Any

# Of the session: it goes with its process. No table, so no index.
TAKE = "SELECT pg_try_advisory_lock(%s)"
GIVE_BACK = "SELECT pg_advisory_unlock(%s)"


@contextlib.contextmanager
def alone(connection: Any, number: int) -> Iterator[bool]:
    """Inside, True if nobody else has the lock; False at once if somebody does."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [number])
        is_mine = bool(cursor.fetchone()[0])
    try:
        yield is_mine
    finally:
        if is_mine:
            with connection.cursor() as cursor:
                cursor.execute(GIVE_BACK, [number])
