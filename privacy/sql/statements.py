"""Statements that the ORM can't say, each with its purpose and the index it uses."""

import contextlib
from collections.abc import Iterator
from typing import Any

SYSTEM_SCHEMAS = ("pg_catalog", "information_schema", "pg_toast")

# Schemas with tables in them, beside the one on the search path. Catalogue only.
SCHEMAS = """
SELECT DISTINCT table_schema FROM information_schema.tables
WHERE table_type = 'BASE TABLE' AND table_schema <> ALL(%s)
  AND table_schema <> current_schema() AND table_schema NOT LIKE 'pg_temp%%'
ORDER BY 1
"""

# Foreign keys of one table, composite ones whole and in order. Catalogue only.
REFERENCES = """
SELECT array_agg(a.attname ORDER BY k.i), tn.nspname, t.relname,
       array_agg(b.attname ORDER BY k.i)
FROM pg_constraint c
JOIN pg_class s ON s.oid = c.conrelid
JOIN pg_namespace sn ON sn.oid = s.relnamespace
JOIN pg_class t ON t.oid = c.confrelid
JOIN pg_namespace tn ON tn.oid = t.relnamespace
CROSS JOIN LATERAL unnest(c.conkey, c.confkey) WITH ORDINALITY AS k(own, theirs, i)
JOIN pg_attribute a ON a.attrelid = s.oid AND a.attnum = k.own
JOIN pg_attribute b ON b.attrelid = t.oid AND b.attnum = k.theirs
WHERE c.contype = 'f' AND s.relname = %s
  AND sn.nspname = COALESCE(NULLIF(%s, ''), current_schema())
GROUP BY c.oid, tn.nspname, t.relname
"""

# The number of the running transaction, to ask after a crash whether it counted.
TRANSACTION = "SELECT pg_current_xact_id()::text"

# committed, aborted, in progress, or NULL when it is too long ago to tell.
TRANSACTION_STATUS = "SELECT pg_xact_status(%s::xid8)"


# The running transaction need not wait for the disk: a later one that does will bring
# it along, and work that is lost with it is done again.
COMMIT_SOON = "SET LOCAL synchronous_commit TO off"


def commit_soon(connection: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(COMMIT_SOON)


def schemas(connection: Any) -> list[str]:
    """The empty name stands for the schema on the search path."""
    if connection.vendor != "postgresql":
        return [""]
    return ["", *(row[0] for row in _rows(connection, SCHEMAS, [list(SYSTEM_SCHEMAS)]))]


@contextlib.contextmanager
def looking_at(connection: Any, schema: str) -> Iterator[Any]:
    """A cursor for Django's introspection, which sees what is on the search path."""
    with connection.cursor() as cursor:
        if schema:
            cursor.execute(
                "SELECT set_config('search_path', %s, false)", [f'"{schema}"']
            )
        try:
            yield cursor
        finally:
            if schema:
                cursor.execute("RESET search_path")


def references(
    connection: Any, schema: str, table: str
) -> list[tuple[list[str], str, list[str]]]:
    """Foreign keys: own columns, the other table's full name, its columns."""
    if connection.vendor != "postgresql":
        return _portable_references(connection, table)
    found = _rows(connection, REFERENCES, [table, schema])
    here = _rows(connection, "SELECT current_schema()", [])[0][0]
    return [
        (list(own), name if (space in (here, "public") and not schema) or space == here
         else f"{space}.{name}", list(theirs))
        for own, space, name, theirs in found
    ]  # fmt: skip


def _portable_references(
    connection: Any, table: str
) -> list[tuple[list[str], str, list[str]]]:
    with connection.cursor() as cursor:
        found = connection.introspection.get_relations(cursor, table)
    return [([own], other, [theirs]) for own, (theirs, other, *_) in found.items()]


def transaction_id(connection: Any) -> str:
    """Empty where the database can't tell."""
    if connection.vendor != "postgresql":
        return ""
    return str(_rows(connection, TRANSACTION, [])[0][0])


def transaction_status(connection: Any, transaction: str) -> str:
    if not transaction:
        return ""
    return _rows(connection, TRANSACTION_STATUS, [transaction])[0][0] or ""


def _rows(connection: Any, statement: str, values: list[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
