"""Rows to text and back, which the ORM can't do for columns of every type.

PostgreSQL reads and writes every type as text without loss; on other engines the fields
of the model do it. By primary key.
"""

import base64
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import TextField
from django.db.models.functions import Cast

CHUNK = 500
BYTES = "base64:"  # how a row's bytes are marked where JSON carries them

# Columns that the database computes itself; they can't be written. Catalogue only.
COMPUTED = """
SELECT attname FROM pg_attribute
WHERE attrelid = to_regclass(%s) AND attgenerated <> ''
"""

# One row as it was, its own key included.
INSERT = """
INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE VALUES ({values})
"""

# The columns that an erasure changed, by the key of the row.
UPDATE = "UPDATE {table} SET {changes} WHERE {key}"


def fields(model: Any) -> list[Any]:
    return [f for f in model._meta.concrete_fields if f.column]


def read(connection: Any, model: Any, rows: Any) -> Iterator[dict[str, Any]]:
    """Maps each column to its text, or None; on other engines to JSON's types."""
    own = fields(model)
    if connection.vendor == "postgresql":
        texts = {f"as_{n}": Cast(f.name, TextField()) for n, f in enumerate(own)}
        found = rows.order_by().annotate(**texts).values_list(*texts)
    else:
        found = rows.order_by().values_list(*[f.name for f in own])
    for values in found.iterator(chunk_size=CHUNK):
        yield {f.column: _plain(v) for f, v in zip(own, values, strict=True)}


def _plain(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return BYTES + base64.b64encode(bytes(value)).decode()
    return value


def key(model: Any, names: Sequence[str], row: dict[str, Any]) -> tuple[Any, ...]:
    """The key in Python's types, as queries take it."""
    return tuple(_value(model, name, row[_column(model, name)]) for name in names)


def _column(model: Any, name: str) -> str:
    return str(model._meta.get_field(name).column)


def _value(model: Any, name: str, text: Any) -> Any:
    if isinstance(text, str) and text.startswith(BYTES):
        return base64.b64decode(text.removeprefix(BYTES))
    return model._meta.get_field(name).to_python(text)


def insert(connection: Any, model: Any, row: dict[str, Any]) -> None:
    if connection.vendor != "postgresql":
        made = model(
            **{f.name: _value(model, f.name, row[f.column]) for f in fields(model)}
        )
        model._base_manager.using(connection.alias).bulk_create([made])
        return
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(COMPUTED, [table])
        computed = {name for (name,) in cursor.fetchall()}
        kept = {name: text for name, text in row.items() if name not in computed}
        statement = INSERT.format(
            table=table,
            columns=", ".join(quote(name) for name in kept),
            values=", ".join(["%s"] * len(kept)),
        )
        cursor.execute(statement, list(kept.values()))


def update(
    connection: Any, model: Any, names: Sequence[str], key: Sequence[Any], row: Any
) -> None:
    """Sets the columns of `row` in the row with this key."""
    if connection.vendor != "postgresql":
        by_column = {f.column: f.name for f in fields(model)}
        new = {by_column[c]: _value(model, by_column[c], v) for c, v in row.items()}
        where = dict(zip(names, key, strict=True))
        model._base_manager.using(connection.alias).filter(**where).update(**new)
        return
    quote = connection.ops.quote_name
    own = [_column(model, name) for name in names]
    statement = UPDATE.format(
        table=quote(model._meta.db_table),
        changes=", ".join(f"{quote(column)} = %s" for column in row),
        key=" AND ".join(f"{quote(column)} = %s" for column in own),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*row.values(), *key])
