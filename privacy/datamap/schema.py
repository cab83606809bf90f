"""A store as it really is: read from the live database, never from the map."""

from dataclasses import dataclass, field
from typing import Any

from django.db import connections

from privacy import stores
from privacy.models import Store
from privacy.sql import statements


@dataclass(frozen=True)
class LiveColumn:
    name: str
    kind: str
    options: dict[str, Any]


@dataclass
class LiveTable:
    schema: str
    name: str
    columns: list[LiveColumn]
    key: list[str]
    references: list[tuple[list[str], str, list[str]]] = field(default_factory=list)
    indexed: set[str] = field(default_factory=set)

    @property
    def full_name(self) -> str:
        return f"{self.schema}.{self.name}" if self.schema else self.name


def tables(store: Store) -> list[LiveTable]:
    """Every table of every schema that the connection may see; views are left out."""
    with stores.reaching(store):
        connection = connections[stores.alias(store)]
        return [
            _describe(connection, schema, name)
            for schema in statements.schemas(connection)
            for name in _in_schema(connection, schema)
        ]


def _in_schema(connection: Any, schema: str) -> list[str]:
    with statements.looking_at(connection, schema) as cursor:
        infos = connection.introspection.get_table_list(cursor)
        return sorted(info.name for info in infos if info.type in ("t", "p"))


def _describe(connection: Any, schema: str, name: str) -> LiveTable:
    with statements.looking_at(connection, schema) as cursor:
        introspection = connection.introspection
        constraints = introspection.get_constraints(cursor, name)
        unique = {
            c["columns"][0]
            for c in constraints.values()
            if c["unique"] and len(c["columns"] or []) == 1
        }
        return LiveTable(
            schema=schema,
            name=name,
            columns=[
                _column(connection, info, unique)
                for info in introspection.get_table_description(cursor, name)
            ],
            key=introspection.get_primary_key_columns(cursor, name) or [],
            references=statements.references(connection, schema, name),
            indexed={
                c["columns"][0]
                for c in constraints.values()
                if (c["index"] or c["unique"]) and c["columns"]
            },
        )


def _column(connection: Any, info: Any, unique: set[str]) -> LiveColumn:
    options: dict[str, Any] = {"null": bool(info.null_ok)}
    try:
        found = connection.introspection.get_field_type(info.type_code, info)
        kind = found[0] if isinstance(found, tuple) else found
    except KeyError:  # an array, an enum, a type of the store's own
        kind = "OtherField"
    size = info.display_size or info.internal_size
    if kind == "CharField" and size and size > 0:
        options["max_length"] = size
    if kind == "DecimalField":
        options["max_digits"], options["decimal_places"] = info.precision, info.scale
        options = {k: v for k, v in options.items() if v is not None}
    if info.name in unique:
        options["unique"] = True
    return LiveColumn(info.name, kind, options)
