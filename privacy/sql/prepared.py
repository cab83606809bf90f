"""Statements asked before every message: parsed and planned once a connection."""

from collections.abc import Mapping
from typing import Any

import psycopg
from django.db import connection
from psycopg.types.json import JsonbLoader

HOLDER = """
SELECT id, name, scopes FROM privacy_apikey
WHERE digest = %(digest)s AND revoked_at IS NULL
"""


def rows(statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Of a statement with a fixed text, bound by the server. JSON comes as Python.

    A pooler between us and PostgreSQL has to know prepared statements, as PgBouncer
    does from 1.21 on."""
    connection.ensure_connection()
    line = connection.connection
    with connection.wrap_database_errors, psycopg.Cursor(line) as cursor:
        cursor.adapters.register_loader(
            "jsonb", JsonbLoader
        )  # Django's is for its fields
        cursor.execute(statement, values, prepare=True)
        return cursor.fetchall()
