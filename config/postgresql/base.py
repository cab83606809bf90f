"""Django's PostgreSQL, whose pool sees without a word whether a connection stands.

Django's own pool sends an empty statement each time it hands one out: a third of the
way to an answer that needs one statement.
"""

import select
from typing import Any

import psycopg
from django.db.backends.postgresql import base

MOMENT = 0  # milliseconds: what is there to read now


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        line = super().get_new_connection(conn_params)
        while self.pool and has_gone(line):
            line.close()
            self.pool.putconn(line)  # which throws it away
            line = super().get_new_connection(conn_params)
        return line


def has_gone(line: psycopg.Connection[Any]) -> bool:
    """A server that ends a connection leaves an end to be read. While nothing is asked
    there is nothing else, but perhaps a notice: then, and only then, ask."""
    poll = select.poll()
    poll.register(line.fileno(), select.POLLIN)
    if not poll.poll(MOMENT):
        return False
    try:
        line.execute("")
    except psycopg.OperationalError:
        return True
    return False
