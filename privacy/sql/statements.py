"""Statements that the ORM can't say, each with its purpose and the index it uses."""

import datetime as dt
import uuid
from typing import Any

from privacy.sql import prepared

# The number of the running transaction, to ask after a crash whether it counted.
TRANSACTION = "SELECT pg_current_xact_id()::text"

# committed, aborted, in progress, or NULL when it is too long ago to tell.
TRANSACTION_STATUS = "SELECT pg_xact_status(%s::xid8)"


# Partitions of a table that is partitioned by range over just this column, with the
# bounds as the catalogue writes them. Catalogue only.
PARTITIONS = """
SELECT pn.nspname, p.relname, pg_get_expr(p.relpartbound, p.oid)
FROM pg_partitioned_table t
JOIN pg_class c ON c.oid = t.partrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_inherits i ON i.inhparent = c.oid
JOIN pg_class p ON p.oid = i.inhrelid
JOIN pg_namespace pn ON pn.oid = p.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = t.partattrs[0]
WHERE t.partstrat = 'r' AND t.partnatts = 1 AND a.attname = %s AND c.relname = %s
  AND n.nspname = COALESCE(NULLIF(%s, ''), current_schema())
ORDER BY p.relname
"""

# A partition leaves its table and is gone, whatever the number of its rows. Locked
# first, parent before child, so that no row comes in between the look and the drop.
LOCK_PARTITION = "LOCK TABLE ONLY {table}, {partition} IN ACCESS EXCLUSIVE MODE"
DETACH_PARTITION = "ALTER TABLE {table} DETACH PARTITION {partition}"
DROP_PARTITION = "DROP TABLE {partition}"

# The running transaction need not wait for the disk: a later one that does will bring
# it along, and work that is lost with it is done again.
COMMIT_SOON = "SET LOCAL synchronous_commit TO off"

# Whoever cuts ranges cuts alone. By the primary key.
LOCK_PLAN = "SELECT {columns} FROM privacy_plan WHERE id = %(plan)s FOR UPDATE"

# Beside a new range: its plan has been cut as far as the range goes. By its key.
MOVE_FRONTIER = """
moved AS (
    UPDATE privacy_plan SET frontier = %(upper)s, is_cut = %(upper)s IS NULL
    WHERE id = %(plan_id)s
) SELECT * FROM made
"""

# A range is done, and its plan goes on at this pace; as soon. By both primary keys.
SETTLE = """
WITH soon AS MATERIALIZED (
    SELECT set_config('synchronous_commit', 'off', true)
), settled AS (
    UPDATE privacy_range
    SET status = 'done', seconds = %(seconds)s, problem = '', lease_until = NULL
    FROM soon WHERE id = %(range)s AND claim = %(claim)s
)
UPDATE privacy_plan SET batch = %(batch)s, waits = '' WHERE id = %(plan)s
"""

# How far a plan is: ranges by status, and the rows that finished ones ended or kept.
# A range that empties small groups (`suppress`) changes rows that others count. Index
# privacy_range_once; asked before each range, so it must not cost the ORM's compiling.
ACCOUNT = """
SELECT count(*),
       coalesce(max(ordinal), 0),
       count(*) FILTER (WHERE status = 'done'),
       count(*) FILTER (WHERE status IN {unfinished}),
       count(*) FILTER (WHERE status = 'open'
                           OR status IN {unfinished} AND lease_until < %(now)s),
       count(*) FILTER (WHERE partition <> ''),
       count(*) FILTER (WHERE status IN {unfinished}
                          AND (ordinal = 1 OR partition <> '')),
       coalesce(sum(rows) FILTER (WHERE status = 'done' AND action <> 'suppress'), 0),
       coalesce(sum(held) FILTER (WHERE status = 'done' AND action <> 'suppress'), 0)
FROM privacy_range WHERE plan_id = %(plan)s
""".format(unfinished="('open', 'claimed', 'committing')")

# Which cluster this is, and the oldest transaction that could still be running: what
# any later one writes is newer. And how many transactions have begun since then.
MOMENT = """
SELECT system_identifier::text || ':' || pg_snapshot_xmin(pg_current_snapshot())::text
FROM pg_control_system()
"""
SINCE = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint - %s"

MOST_TRANSACTIONS = 1_000_000_000  # half of what the age of a row can tell

# A row that was written by this transaction or a later one; no index, but next to no
# work a row. Both ages are told in one breath: others begin transactions all the time.
WRITTEN_SINCE = "age(xmin) BETWEEN 0 AND age(({transaction})::xid8::xid)"

# A row that one of these transactions wrote, by the numbers that rows have (32 bits).
WRITTEN_BY = "xmin::text IN ({transactions})"


def moment(connection: Any) -> str:
    """A point in the history of a database, to ask later what was written since; empty
    where the database can't tell."""
    if connection.vendor != "postgresql":
        return ""
    return str(_rows(connection, MOMENT, [])[0][0])


def first_since(connection: Any, then: str) -> str:
    """The first transaction that wrote rows after a moment; empty when it can't be
    told, also after a restore into another cluster."""
    now = moment(connection)
    cluster, _, transaction = then.partition(":")
    if not transaction or now.partition(":")[0] != cluster:
        return ""
    since = int(_rows(connection, SINCE, [int(transaction)])[0][0])
    return transaction if 0 <= since < MOST_TRANSACTIONS else ""


def account(*, plan: uuid.UUID, now: dt.datetime) -> list[int]:
    """In the order of the fields of `plans.Account`."""
    (found,) = prepared.rows(ACCOUNT, {"plan": plan, "now": now})
    return [int(number) for number in found]


def commit_soon(connection: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(COMMIT_SOON)


def transaction_id(connection: Any) -> str:
    """Empty where the database can't tell."""
    if connection.vendor != "postgresql":
        return ""
    return str(_rows(connection, TRANSACTION, [])[0][0])


def transaction_status(connection: Any, transaction: str) -> str:
    if not transaction:
        return ""
    return _rows(connection, TRANSACTION_STATUS, [transaction])[0][0] or ""


def partitions(
    connection: Any, schema: str, table: str, column: str
) -> list[tuple[str, str]]:
    """Quoted name and bounds of each partition by range of this column."""
    if connection.vendor != "postgresql":
        return []
    quote = connection.ops.quote_name
    found = _rows(connection, PARTITIONS, [column, table, schema])
    return [(f"{quote(space)}.{quote(name)}", bounds) for space, name, bounds in found]


def lock_partition(connection: Any, table: str, partition: str) -> None:
    _execute(connection, LOCK_PARTITION, table=table, partition=partition)


def drop_partition(connection: Any, table: str, partition: str) -> None:
    _execute(connection, DETACH_PARTITION, table=table, partition=partition)
    _execute(connection, DROP_PARTITION, partition=partition)


def _execute(connection: Any, statement: str, **quoted_names: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement.format(**quoted_names))


def _rows(connection: Any, statement: str, values: list[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
