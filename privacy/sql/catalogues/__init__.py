"""A database's own catalogue, read in as few statements as its engine allows.

One file an engine, each with `read(connection)`, which gives one dictionary a relation:

    schema      its schema, empty for the one on the search path
    name        its name
    kind        "table", or what it is instead: "view", "materialized view",
                "partition", "foreign table", "extension" (a table it brought),
                "virtual" and "shadow" (SQLite's)
    of          the table it is a partition of, the extension it came with; else empty
    inherits    the full name of the table of which its rows are rows too (PostgreSQL's)
    rows        how many rows the statistics know, -1 when nobody counted yet
    readable    may this user select from it?
    columns     in order: {"name", "kind": the name of Django's field or "OtherField",
                "options": see `privacy.datamap.schema.LiveColumn`}
    key         the columns of its primary key
    unique      lists of columns that are unique together, the primary key too
    indexed     columns that an index begins with
    references  foreign keys: [own columns, schema, table, its columns]

and `sample(connection, schema, table, columns, limit)`, random rows as texts, of
columns given as (name, kind), read-only and bounded in time.
"""

from typing import Any

from privacy.sql.catalogues import mysql, postgresql, sqlite

CATALOGUES: dict[str, Any] = {
    "postgresql": postgresql,
    "mysql": mysql,
    "sqlite": sqlite,
}
