"""A store as it really is: read from the live database, never from the map."""

import re
from dataclasses import dataclass, field
from typing import Any

from django.db import connections

from privacy import stores
from privacy.models import Store
from privacy.refusals import Refusal
from privacy.sql.catalogues import CATALOGUES

# Why a relation is no table of the map.
LEFT_OUT = {
    "view": "a view: its rows are those of its tables",
    "materialized view": "a stored copy of a query: refresh it after an erasure; the "
    "search for what is left reads it",
    "partition": "a part of {of}: its rows are read there",
    "foreign table": "kept by another server: connect that one as a store",
    "extension": "brought by the extension {of}",
    "virtual": "an index over copies of texts: rebuild it after an erasure; the search "
    "for what is left reads it",
    "shadow": "the inside of a virtual table",
}

COPIES = ("materialized view", "virtual")  # made of other tables' rows

# Names that a model keeps for itself.
TAKEN = {"pk", "objects", "Meta"}


class UnknownEngine(Refusal):
    """The portal can't read the catalogue of that kind of database yet."""


# Own columns, the other's full name, its columns, and for which rows: column to value.
Meant = tuple[list[str], str, list[str], dict[str, str]]


@dataclass(frozen=True)
class LiveColumn:
    """A column as the database has it.

    `kind` is the name of Django's field, "OtherField" where Django has none. `options`:
    null, type (as the database writes it), max_length, max_digits, decimal_places,
    unique (alone), element (kind of an array's elements), labels (the words of an enum
    or of a CHECK), checked (a CHECK constraint is about it alone), generated (computed
    by the database), comment, column (its real name, where `name` differs because the
    ORM takes neither spaces nor double underscores). What is false or unknown is left
    out.
    """

    name: str
    kind: str
    options: dict[str, Any]


@dataclass
class LiveTable:
    """A table. `references` are own columns, the other table's full name, and its
    columns; `meant` are references that a word beside them names (polymorphic),
    `unmeant` those whose words name no known table; `words` are all words of a column
    that names tables."""

    schema: str
    name: str
    columns: list[LiveColumn]
    key: list[str]
    references: list[tuple[list[str], str, list[str]]] = field(default_factory=list)
    meant: list[Meant] = field(default_factory=list)
    unmeant: dict[str, list[str]] = field(default_factory=dict)
    words: dict[str, list[str]] = field(default_factory=dict)
    inherits: str = ""  # the full name of a table that its rows are rows of too
    # References to the row of the same person: own columns, and whose table.
    same: list[tuple[list[str], str]] = field(default_factory=list)
    # Own columns of references to somebody who had to do with the row, and no more.
    acting: list[list[str]] = field(default_factory=list)
    beside: list[list[str]] = field(default_factory=list)  # that only values tell
    # Own columns that only equal values tie to another row, and that are personal
    # numbers themselves: a number plate.
    alike: list[list[str]] = field(default_factory=list)
    attributes: str = ""  # the column whose words say what the value beside them is
    described: bool = False  # by such a table, and as people
    copies: str = ""  # the full name of the table of which it keeps the past
    indexed: set[str] = field(default_factory=set)
    unique: list[list[str]] = field(default_factory=list)
    bound: list[list[str]] = field(default_factory=list)  # by a CHECK, to each other
    rows: int = -1  # as the statistics have it; -1 when nobody counted yet
    readable: bool = True
    guarded: bool = False  # policies of the database may hide rows from this user
    partitions: list[str] = field(default_factory=list)

    @property
    def full_name(self) -> str:
        return full_name(self.schema, self.name)

    @property
    def tied(self) -> set[str]:
        """The columns of its references, but for personal numbers."""
        some = (own for own, _, _ in self.references if own not in self.alike)
        return {name for own in some for name in own}

    def facts(self, column: LiveColumn) -> dict[str, Any]:
        """What the map keeps of a column: its options, whether an index begins with it,
        whether it is unique, and what its columns hold together."""
        name = column.name
        facts = {**column.options, "indexed": name in self.indexed}
        if any(name in names for names in self.unique):
            facts["unique"] = True
        if name in self.key:
            facts["tied"] = "key"
        elif name in self.tied:
            facts["tied"] = "reference"
        return facts


@dataclass(frozen=True)
class Described:
    """All tables; what was left out (full name and reason); and, among that, the
    copies, which can be read but not changed."""

    tables: list[LiveTable]
    left_out: list[tuple[str, str]]
    copies: list[LiveTable]


def full_name(schema: str, name: str) -> str:
    return f"{schema}.{name}" if schema else name


def tables(store: Store) -> list[LiveTable]:
    """Every table of every schema, without views and partitions."""
    return describe(store).tables


def describe(store: Store) -> Described:
    """Read-only, with a fixed number of statements for each engine."""
    with stores.reaching(store):
        connection = connections[stores.alias(store)]
        if connection.vendor not in CATALOGUES:
            raise UnknownEngine
        relations = CATALOGUES[connection.vendor].read(connection)
    left_out = [
        (_named(said), LEFT_OUT[said["kind"]].format(of=said["of"]))
        for said in relations
        if said["kind"] != "table"
    ]
    tables, copies = _tables(relations, ("table",)), _tables(relations, COPIES)
    return Described(tables, left_out, copies)


def _tables(relations: list[dict[str, Any]], kinds: tuple[str, ...]) -> list[LiveTable]:
    parts = [said for said in relations if said["kind"] == "partition"]
    names = {(said["schema"], said["name"]): _handles(said) for said in relations}
    return [
        _table(said, [_named(p) for p in parts if p["of"] == said["name"]], names)
        for said in relations
        if said["kind"] in kinds
    ]


def _other_key(said: dict[str, Any]) -> list[str]:
    """For a table without a primary key: unique columns that are never NULL."""
    filled = {c["name"] for c in said["columns"] if not c["options"]["null"]}
    return next((list(u) for u in said["unique"] if u and set(u) <= filled), [])


def _handles(said: dict[str, Any]) -> dict[str, str]:
    """Maps each real name to the unique name that the ORM uses."""
    taken: dict[str, str] = {}
    for column in said["columns"]:
        handle = base = _handle(column["name"])
        number = 2
        while handle in taken.values():
            handle, number = f"{base}_{number}", number + 1
        taken[column["name"]] = handle
    return taken


def _handle(name: str) -> str:
    """`First Name` becomes First_Name, `user__id` user_id, `pk` pk_column."""
    words = re.sub(r"\W+|__+", "_", name).strip("_") or "column"
    return f"{words}_column" if words in TAKEN else words


def _column(said: dict[str, Any], handles: dict[str, str]) -> LiveColumn:
    name, handle = said["name"], handles[said["name"]]
    real = {} if name == handle else {"column": name}
    return LiveColumn(handle, said["kind"], {**said["options"], **real})


def _named(said: dict[str, Any]) -> str:
    return full_name(said["schema"], said["name"])


def _table(
    said: dict[str, Any],
    partitions: list[str],
    names: dict[tuple[str, str], dict[str, str]],
) -> LiveTable:
    mine = names[said["schema"], said["name"]]
    return LiveTable(
        schema=said["schema"],
        name=said["name"],
        columns=[_column(column, mine) for column in said["columns"]],
        bound=[[mine[name] for name in some] for some in said.get("bound", ())],
        key=[mine[name] for name in said["key"] or _other_key(said)],
        references=[
            (
                [mine[name] for name in own],
                full_name(schema, table),
                [names[schema, table][name] for name in theirs],
            )
            for own, schema, table, theirs in said["references"]
            if (schema, table) in names
        ],
        indexed={mine[name] for name in said["indexed"]},
        unique=[[mine[name] for name in each] for each in said["unique"]],
        rows=said["rows"],
        readable=said["readable"],
        guarded=said.get("guarded", False),
        inherits=said.get("inherits", ""),
        partitions=partitions,
    )
