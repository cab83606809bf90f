"""Back to what a migrated portal has, after a test that commits.

Django empties every table and loads the files of rules anew. Here rows go only where
there are any, and what the files gave is put back only where a test changed it.
"""

from typing import Any

from django.db import connection
from psycopg import sql

PAST_TRIGGERS = "SET LOCAL session_replication_role = replica"  # append-only ones too
# Tables of models with a row in them, and their partitions; the rest has no page.
FILLED = """
SELECT c.relname FROM pg_class c
WHERE c.relkind = 'r' AND pg_relation_size(c.oid) > 0
    AND c.relnamespace = current_schema()::regnamespace
    AND (c.relname = ANY(%(models)s) OR EXISTS (
        SELECT FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent
        WHERE i.inhrelid = c.oid AND p.relname = ANY(%(models)s)
    ))
ORDER BY c.relname
"""
# A migration that is taken back and done again leaves columns in another order.
COLUMNS = """
SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
"""
# What a test inserts next must not meet a number that was put back.
NUMBER = """
SELECT setval(sequence, GREATEST((SELECT max(id) FROM {table}), nextval(sequence)))
FROM pg_get_serial_sequence({name}, 'id') AS sequence WHERE sequence IS NOT NULL
"""
SUM = """
SELECT {name}, count(*), sum(hashtextextended(t::text, 0)) FROM {table} t
"""
Sums = dict[str, tuple[Any, ...]]


class Given:
    """The rows of a migrated database, by table."""

    def __init__(self) -> None:
        self.sums = {name: each for name, each in _sums(_filled()).items() if each[0]}
        self.columns = {name: _columns(name) for name in self.sums}
        self.rows = {name: self._copied(name) for name in self.sums}

    def put_back(self) -> None:
        """In the transaction that is open."""
        now = _sums(_filled())
        with connection.cursor() as cursor:
            cursor.execute(PAST_TRIGGERS)
            for name in now.keys() | self.sums.keys():
                if now.get(name) != self.sums.get(name, (0, None)):
                    cursor.execute(_of(name, "DELETE FROM {}"))
                    self._fill(cursor, name)

    def _fill(self, cursor: Any, name: str) -> None:
        if name in self.rows:
            statement = f"COPY {{}} ({self.columns[name]}) FROM STDIN"
            with cursor.copy(_of(name, statement)) as copy:
                copy.write(self.rows[name])
            if self.columns[name].startswith("id, "):
                cursor.execute(_of(name, NUMBER))

    def _copied(self, name: str) -> bytes:
        statement = f"COPY {{}} ({self.columns[name]}) TO STDOUT"
        with connection.cursor() as cursor, cursor.copy(_of(name, statement)) as copy:
            return b"".join(bytes(chunk) for chunk in copy)


def _filled() -> list[str]:
    models = connection.introspection.django_table_names(only_existing=True)
    with connection.cursor() as cursor:
        cursor.execute(FILLED, {"models": models})
        return [name for (name,) in cursor.fetchall()]


def _sums(names: list[str]) -> Sums:
    """How many rows each has, and a sum over what they say."""
    parts = [
        sql.SQL(SUM).format(name=sql.Literal(name), table=sql.Identifier(name))
        for name in names
    ]
    if not parts:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(" UNION ALL ").join(parts))
        return {name: tuple(said) for name, *said in cursor.fetchall()}


def _columns(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS, [name])
        return str(cursor.fetchone()[0])


def _of(name: str, statement: str) -> sql.Composed:
    table = sql.Identifier(name)
    return sql.SQL(statement).format(table, table=table, name=sql.Literal(name))
