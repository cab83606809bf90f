"""Statements that run for every message, parsed and planned once for each connection.

They need `prepare_threshold` in the connection's options, which Django leaves out. A
pooler between us and PostgreSQL must support prepared statements, as PgBouncer does
from 1.21 on.
"""

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any, TypeVar

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import (
    AutoField,
    BigAutoField,
    CharField,
    ForeignKey,
    Model,
    TextField,
)

AS_IT_IS = (AutoField, BigAutoField, CharField, ForeignKey, TextField)
CURSOR = "cursor_for_prepared"
Row = TypeVar("Row", bound=Model)

# Whose key it is; by the digest's unique index.
HOLDER = """
SELECT id, name, scopes, recipient_id FROM privacy_apikey
WHERE digest = %(digest)s AND revoked_at IS NULL
"""
# The row of an identifier under any key, made under the present one if there is none;
# by the unique (kind, digest). No row: another transaction made it meanwhile. It is
# made under the trail's lock, so that who holds the lock never waits for a row whose
# maker waits for the lock; alone, it is taken in any case. The limit says that a row a
# key is all there can be: without it PostgreSQL expects ten, and plans anew each time.
KEEPING = """
WITH alone AS MATERIALIZED (
    SELECT pg_advisory_xact_lock(7301, 1)
), found AS (
    SELECT {columns} FROM privacy_identifier
    WHERE kind = %(kind)s AND digest = ANY(%(digests)s) LIMIT %(keys)s
), known AS (
    SELECT {columns} FROM found ORDER BY id LIMIT 1
), made AS (
    INSERT INTO privacy_identifier (kind, digest, key_id, value, hint, created_at)
    SELECT %(kind)s, %(digest)s, %(key_id)s, %(value)s, %(hint)s, %(now)s
    FROM alone WHERE NOT EXISTS (SELECT FROM known)
    ON CONFLICT (kind, digest) DO NOTHING RETURNING {columns}
)
SELECT {columns} FROM known{also} UNION ALL SELECT {columns} FROM made
"""
KEEP = KEEPING.replace("{also}", "")
KEEP_ALONE = KEEPING.replace("{also}", ", alone")
# Whoever writes to the trail afterwards waits until commit.
ALONE = "SELECT pg_advisory_xact_lock(7301, 1)"
# Any model's row, by its columns.
ADD = "INSERT INTO {table} ({columns}) VALUES ({values}) RETURNING {key}"
WITH = "WITH made AS ({add}), {beside}"


def rows(statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of a statement with a fixed text and server-side parameters. JSON
    arrives as its text, as Django's fields expect it."""
    return run(statement, values).fetchall()


def read(model: type[Row], statement: str, values: Mapping[str, Any]) -> list[Row]:
    """Rows of a model, from a statement in which `{columns}` stands for all its
    columns."""
    return [row for row, _ in read_with(model, statement, values) if row is not None]


def read_with(
    model: type[Row], statement: str, values: Mapping[str, Any]
) -> list[tuple[Row | None, list[Any]]]:
    """The same, each with what the statement selects after the columns. None instead of
    a row without a key, as an outer join makes it."""
    names, columns, converters = _shape(model)
    found = [list(row) for row in run(statement.format(columns=columns), values)]
    for row in found:
        for place, convert in converters:
            row[place] = convert(row[place], None, connection)
    end, key = len(names), names.index(str(model._meta.pk.attname))
    return [
        (
            model.from_db(DEFAULT_DB_ALIAS, names, row[:end])
            if row[key] is not None
            else None,
            row[end:],
        )
        for row in found
    ]


def add(row: Row) -> Row:
    """Inserts it, and gives it the key that the database chose."""
    add_with(row, "")
    return row


def add_with(row: Model, beside: str, **more: Any) -> list[Any]:
    """Inserts it, and does or asks more in the same statement. `beside` continues after
    `WITH made AS (...),`; it may use the columns' values, and `more`. Returns what it
    selects after the key."""
    own = connections[DEFAULT_DB_ALIAS]
    values = {
        column: field.get_db_prep_save(field.pre_save(row, True), own)
        if field
        else getattr(row, attribute)
        for column, attribute, field in _written(type(row))
    }
    if row.pk is None:
        del values[str(row._meta.pk.column)]
    add = _insertion(type(row), *values)
    statement = WITH.format(add=add, beside=beside) if beside else add
    row.pk, *said = run(statement, values | more).fetchone() or (None,)
    row._state.adding, row._state.db = False, own.alias
    return said


def run(statement: str, values: Mapping[str, Any]) -> psycopg.Cursor[Any]:
    """Runs in Django's open transaction, or in its own; visible to anyone who watches
    Django's queries."""
    own = connections[DEFAULT_DB_ALIAS]
    own.ensure_connection()
    own.validate_no_broken_transaction()
    cursor = _cursor(own.connection)
    execute: Callable[..., Any] = _execute
    for watch in reversed(own.execute_wrappers):
        execute = partial(watch, execute)
    with own.wrap_database_errors:
        execute(statement, values, False, {"connection": own, "cursor": cursor})
    return cursor


def _cursor(line: Any) -> psycopg.Cursor[Any]:
    """One for each connection: it knows how to read and write each type from the second
    statement on, and to learn that takes longer than most of them. Its answer is read
    before the next statement."""
    if not hasattr(line, CURSOR):
        setattr(line, CURSOR, psycopg.Cursor(line))
    return getattr(line, CURSOR)


def _execute(sql: str, values: Any, many: bool, context: dict[str, Any]) -> Any:
    return context["cursor"].execute(sql, values, prepare=True)


@cache
def _insertion(model: type[Model], *columns: str) -> str:
    name = connection.ops.quote_name
    return ADD.format(
        table=name(model._meta.db_table),
        columns=", ".join(map(name, columns)),
        values=", ".join(f"%({column})s" for column in columns),
        key=name(str(model._meta.pk.column)),
    )


@cache
def _written(model: type[Model]) -> list[tuple[str, str, Any]]:
    """Its columns, its attributes, and the fields whose values need preparing first."""
    return [
        (str(each.column), each.attname, None if isinstance(each, AS_IT_IS) else each)
        for each in model._meta.concrete_fields
    ]


@cache
def _shape(model: type[Model]) -> tuple[list[str], str, list[tuple[int, Any]]]:
    """The names of its fields, its columns, and the converters for its values."""
    fields = model._meta.concrete_fields
    names = [field.attname for field in fields]
    columns = ", ".join(
        connection.ops.quote_name(str(field.column)) for field in fields
    )
    converters = [
        (place, field.from_db_value)
        for place, field in enumerate(fields)
        if hasattr(field, "from_db_value")
    ]
    return names, columns, converters
