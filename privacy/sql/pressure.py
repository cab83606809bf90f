"""What else a database has to do at this moment. Statistics only, no index."""

from typing import Any, NamedTuple

from django.db import Error

# How many sessions of this database wait for locks, and how far the slowest replica is
# behind, in seconds.
POSTGRESQL = """
SELECT (SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'),
       (SELECT coalesce(extract(epoch FROM max(replay_lag)), 0)
        FROM pg_stat_replication)
"""

# The first of the two, for locks of rows and of whole tables. Needs the privilege
# PROCESS. How far a replica is behind is known to the replica alone.
MYSQL = """
SELECT count(*), NULL FROM information_schema.processlist p
WHERE p.db = database() AND (
    p.state LIKE 'Waiting for table%lock' OR EXISTS (
        SELECT 1 FROM information_schema.innodb_trx t
        WHERE t.trx_mysql_thread_id = p.id AND t.trx_state = 'LOCK WAIT'))
"""
STATEMENTS = {"postgresql": POSTGRESQL, "mysql": MYSQL}


class Pressure(NamedTuple):
    """Sessions that wait for locks, and seconds that a replica is behind; None where
    the database does not tell."""

    waits: int | None
    lag: float | None


def read(connection: Any) -> Pressure:
    """What a user of PostgreSQL may not see counts as nothing."""
    statement = STATEMENTS.get(connection.vendor)
    if statement is None:
        return Pressure(None, None)
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            waits, lag = cursor.fetchone()
    except Error:
        if connection.vendor == "postgresql":
            raise
        return Pressure(None, None)  # without the privilege
    return Pressure(int(waits), None if lag is None else float(lag))
