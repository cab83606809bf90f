"""Reads a table once, from one end to the other, with memory that does not grow.

Each row is a line: the key's columns and then the others, separated by tabs, escaped as
PostgreSQL's COPY does. The whole table is read, so no index is used.
"""

import base64
import contextlib
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import transaction

TEXT, AS_TEXT, EXACTLY = "", "escape", "base64"  # how a column is read
WITH_UUID = "uuid"  # as AS_TEXT; sixteen bytes also as the UUID that they may be
UUID = (
    "encode({name}, 'escape') || CASE octet_length({name})"
    " WHEN 16 THEN ' ' || encode({name}, 'hex')::uuid::text ELSE '' END"
)
LINES = 2000  # in one chunk
# What the connection may do until the table is read.
READ_ONLY = "SET TRANSACTION READ ONLY"
TIMEOUT = "SELECT set_config('statement_timeout', %s, true)"
COPY = "COPY (SELECT {columns} FROM {table}) TO STDOUT"
SELECT = "SELECT {columns} FROM {table}"
ESCAPES = {ord("\\"): "\\\\", ord("\t"): "\\t", ord("\n"): "\\n", ord("\r"): "\\r"}


def chunks(
    connection: Any,
    schema: str,
    table: str,
    columns: Sequence[tuple[str, str]],
    *,
    seconds: int,
) -> Iterator[str]:
    """Text of some thousand lines at a time. `columns`: name, and how it is read.

    After so many seconds the database ends the reading with an error.
    """
    quote = connection.ops.quote_name
    place = f"{quote(schema)}.{quote(table)}" if schema else quote(table)
    with _reading(connection, seconds), _cursor(connection) as cursor:
        if connection.vendor == "postgresql":
            names = ", ".join(_text(quote(name), form) for name, form in columns)
            statement = COPY.format(columns=names, table=place).replace("%", "%%")
            yield from _copied(cursor, statement)
        else:
            names = ", ".join(quote(name) for name, _ in columns)
            cursor.execute(SELECT.format(columns=names, table=place))
            yield from _selected(cursor, [form for _, form in columns])


@contextlib.contextmanager
def _cursor(connection: Any) -> Iterator[Any]:
    """MySQL's driver fetches a whole result at once unless its cursor is unbuffered. An
    error in the middle of a COPY is the driver's own, and is turned into Django's
    here."""
    if connection.vendor != "mysql":
        with connection.wrap_database_errors, connection.cursor() as cursor:
            yield cursor
        return
    from pymysql.cursors import SSCursor

    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.cursor(SSCursor) as one:
        yield one


def _text(name: str, form: str) -> str:
    if form == WITH_UUID:
        return UUID.format(name=name)
    return f"encode({name}, '{form}')" if form else f"{name}::text"


def _copied(cursor: Any, statement: str) -> Iterator[str]:
    with cursor.copy(statement) as copy:
        lines: list[Any] = []
        for line in copy:
            lines.append(line)
            if len(lines) == LINES:
                yield b"".join(lines).decode("utf-8", "replace")
                lines.clear()
        yield b"".join(lines).decode("utf-8", "replace")


def _selected(cursor: Any, forms: Sequence[str]) -> Iterator[str]:
    while rows := cursor.fetchmany(LINES):
        yield "".join("\t".join(map(_escaped, row, forms)) + "\n" for row in rows)


def _escaped(value: Any, form: str) -> str:
    if value is None:
        return "\\N"
    if form == EXACTLY:
        return base64.b64encode(value).decode()
    if isinstance(value, bytes | memoryview):
        value = _decoded(bytes(value), form)
    return str(value).translate(ESCAPES)


def _decoded(value: bytes, form: str) -> str:
    said = value.decode("utf-8", "replace")
    is_uuid = form == WITH_UUID and len(value) == 16
    return f"{said} {uuid.UUID(bytes=value)}" if is_uuid else said


@contextlib.contextmanager
def _reading(connection: Any, seconds: int) -> Iterator[None]:
    """One transaction for each table, so that one that fails does not end the
    others."""
    is_first = not connection.in_atomic_block
    with transaction.atomic(using=connection.alias):
        if connection.vendor == "postgresql" and is_first:
            with connection.cursor() as cursor:
                cursor.execute(READ_ONLY)
                cursor.execute(TIMEOUT, [f"{seconds}s"])
        yield
