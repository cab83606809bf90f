"""Django's PostgreSQL backend: a connection stays with its thread, is looked at without
a query, and waits for a server that restarts.

Django asks a persistent connection `SELECT 1` before each request: a third of the time
of an answer that needs one statement. A pool costs a quarter of it.
"""

import select
import time
from typing import Any

import psycopg
from django.db.backends.postgresql import base

MOMENT = 0  # milliseconds: what is there to read now
RESTART = 5  # seconds that a server may take for it
PAUSE = 0.2


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        end = time.monotonic() + RESTART
        while True:
            try:
                return super().get_new_connection(conn_params)
            except psycopg.OperationalError:
                if time.monotonic() > end:
                    raise
            time.sleep(PAUSE)

    def is_usable(self) -> bool:
        return not has_gone(self.connection)

    def answers(self) -> bool:
        """Asks, which `is_usable` does not."""
        return super().is_usable()


def has_gone(line: psycopg.Connection[Any]) -> bool:
    """When a server ends a connection, its socket becomes readable. On an idle
    connection hardly anything else does, except a notice: only then is the server
    asked."""
    if line.closed:
        return True
    poll = select.poll()
    poll.register(line.fileno(), select.POLLIN)
    if not poll.poll(MOMENT):
        return False
    try:
        line.execute("")
    except psycopg.OperationalError:
        return True
    return False
