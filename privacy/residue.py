"""The independent search for what is left of a person.

It trusts neither the plan nor the map: it reads the live schema of every connected
database and of the portal itself, and looks into every column that can hold text, JSON
included, for every identifier in every notation.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps.registry import Apps
from django.db import models
from django.db.models import Q, TextField, Value
from django.db.models.functions import Cast

from privacy import spellings, stores, subjects
from privacy.datamap import Map, schema
from privacy.datamap.maps import make_field
from privacy.identifiers import Mark
from privacy.models import Column, Plan, Store
from privacy.strategies.base import Matches

TEXTLESS = {
    "IntegerField", "BigIntegerField", "SmallIntegerField", "AutoField",
    "BigAutoField", "SmallAutoField", "FloatField", "DecimalField", "BooleanField",
    "DateField", "DateTimeField", "TimeField", "DurationField", "UUIDField",
    "BinaryField", "GenericIPAddressField",
}  # fmt: skip
MOST_SHOWN = 1000


@dataclass
class Residue:
    document: dict[str, Any]
    left: int


@dataclass(frozen=True)
class Hit:
    place: str
    key: tuple[Any, ...]


def run(*, plan: Plan, marks: Sequence[Mark]) -> Residue:
    """Search for the marks; copies that stay with a ground are told apart."""
    pattern = spellings.any_of(marks)
    searched, found, left = [], [], 0
    for store in Store.objects.filter(kind=Store.Kind.DATABASE):
        expected = _expected(plan, Map(store), marks)
        tables = schema.tables(store)
        searched.append(_counted(store, tables))
        for place, hits in _by_place(store, tables, pattern).items():
            stays = sum((hit.place.split(" ")[0], hit.key) in expected for hit in hits)
            found.append({"place": place, "copies": len(hits), "kept": stays})
            left += len(hits) - stays
    return Residue({"searched": searched, "found": found, "left": left}, left)


def _counted(store: Store, tables: list[schema.LiveTable]) -> dict[str, Any]:
    columns = sum(len(_readable(table)) for table in tables)
    return {"store": store.name, "tables": len(tables), "columns": columns}


def _by_place(
    store: Store, tables: list[schema.LiveTable], pattern: str
) -> dict[str, list[Hit]]:
    places: dict[str, list[Hit]] = {}
    with stores.reaching(store):
        for table in tables:
            for hit in _hits(store, table, pattern):
                places.setdefault(hit.place.replace(" ", "."), []).append(hit)
    return places


def _readable(table: schema.LiveTable) -> list[schema.LiveColumn]:
    return [column for column in table.columns if column.kind not in TEXTLESS]


def _hits(store: Store, table: schema.LiveTable, pattern: str) -> Iterator[Hit]:
    """One pass over the table: the rows with a match, and in which columns."""
    columns = _readable(table)
    if not columns:
        return
    row = _model(table)
    flags = {
        f"in_{i}": Q(Matches(Cast(c.name, TextField()), Value(pattern)))
        for i, c in enumerate(columns)
    }
    any_ = Q(pk__in=[])
    for flag in flags.values():
        any_ |= flag
    rows = row._base_manager.using(stores.alias(store)).filter(any_)
    names = table.key or [table.columns[0].name]
    for values in rows.annotate(**flags).order_by().values_list(*names, *flags):
        for column, flag in zip(columns, values[len(names) :], strict=True):
            if flag:
                place = f"{store.name}.{table.full_name} {column.name}"
                yield Hit(place, values[: len(names)])


def _model(table: schema.LiveTable) -> type[models.Model]:
    """Made from what the database says, so that a wrong map can't hide a column."""
    fields: dict[str, Any] = {
        c.name: make_field(
            Column(name=c.name, kind=c.kind, options=c.options),
            is_key=c.name == (table.key or [table.columns[0].name])[0],
        )
        for c in table.columns
    }
    name = f'"{table.schema}"."{table.name}"' if table.schema else table.name
    options = {"db_table": name, "managed": False, "app_label": "live", "apps": Apps()}
    meta = type("Meta", (), options)
    return type(
        "Row", (models.Model,), {**fields, "Meta": meta, "__module__": __name__}
    )


def _expected(
    plan: Plan, mapped: Map, marks: Sequence[Mark]
) -> set[tuple[str, tuple[Any, ...]]]:
    """Rows that stay for a stated reason: kept by ground or hold, or another person's
    (the number's earlier owner)."""
    kept = set()
    for row in plan.rows.filter(action="keep", table__store=mapped.store):
        table = mapped.tables[row.table.full_name]
        kept.add((str(table), subjects.read_key(mapped, table, row.key.open())))
    found = subjects.find(mapped=mapped, marks=marks, at=plan.cutoff or plan.planned_at)
    kept |= {(str(row.table), row.key) for row in found.withheld.values()}
    return kept
