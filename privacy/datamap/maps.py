"""The map of a store, read once for a piece of work, and the models made from it.

Models for other people's tables are made at run time, so that one ORM serves the
portal's tables and everyone else's. They are never migrated and never registered.
"""

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from django.apps.registry import Apps
from django.db import models
from django.utils import timezone

from privacy import audit, stores
from privacy.datamap.keyless import WholeRowField
from privacy.models import Column, Link, Store, Table
from privacy.models.datamap import WHOLE_ROW
from privacy.refusals import Refusal
from privacy.strategies.expressions import DocumentField

TEXTS = {
    "CharField",
    "TextField",
    "SlugField",
    "EmailField",
    "URLField",
    "FilePathField",
}
DATES = {"DateField", "DateTimeField"}
NUMBERS = {
    "IntegerField", "BigIntegerField", "SmallIntegerField", "FloatField",
    "DecimalField", "AutoField", "BigAutoField", "SmallAutoField",
}  # fmt: skip
AUTOMATIC = {
    "AutoField": "IntegerField",
    "BigAutoField": "BigIntegerField",
    "SmallAutoField": "SmallIntegerField",
}


MOST_NAMED = 8


class NotInTheMap(Refusal):
    """The map does not know that table or column."""


class Map:
    """One store: its tables by name, their columns and links, their models."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.alias = stores.alias(store)
        some = store.tables.select_related("store").order_by("pk")
        self._by_id = {table.pk: table for table in some}
        self._columns: dict[int, list[Column]] = defaultdict(list)
        for column in Column.objects.filter(table__store=store):
            column.table = self._by_id[column.table_id]
            self._columns[column.table_id].append(column)
        self.tables = {
            table.full_name: table
            for table in self._by_id.values()
            if table.pk in self._columns  # others are but names in old plans
        }
        self.links: list[Link] = []
        self.links_to_other_stores: list[Link] = []
        self.lists: list[Link] = []  # of many keys in one row
        for link in _links(store):
            link.table = self._by_id[link.table_id]
            if link.target.store_id == store.pk:
                link.target = self._by_id[link.target_id]
                (self.lists if link.is_list else self.links).append(link)
            else:
                self.links_to_other_stores.append(link)
        self.known: dict[frozenset[Any], list[Any]] = {}  # what `holds` learnt here
        self._models: dict[int, type[models.Model]] = {}

    def table(self, name: str) -> Table:
        try:
            return self.tables[name]
        except KeyError:
            raise NotInTheMap(
                f"The map of {self.store} has no table {name}; it has "
                f"{_some(self.tables)}."
            ) from None

    def by_id(self, pk: int) -> Table:
        return self._by_id[pk]

    def columns(self, table: Table) -> list[Column]:
        return self._columns[table.pk]

    def column(self, table: Table, full_name: str) -> Column:
        for column in self.columns(table):
            if column.full_name == full_name:
                return column
        raise NotInTheMap(f"The map of {table} has no column {full_name}.")

    def model(self, table: Table) -> Any:
        if table.pk not in self._models:
            self._models[table.pk] = make_model(table, self.columns(table))
        return self._models[table.pk]

    def rows(self, table: Table) -> models.QuerySet[Any]:
        return self.model(table)._base_manager.using(self.alias)

    def links_to(self, table: Table) -> list[Link]:
        return [link for link in self.links if link.target_id == table.pk]

    def links_from(self, table: Table) -> list[Link]:
        return [link for link in self.links if link.table_id == table.pk]

    def answers(self, link: Link) -> Link | None:
        """The reference that this link is the reverse of: from a customer's row to the
        address that it refers to."""
        if link.is_constraint:
            return None
        for other in self.links_to(self._by_id[link.table_id]):
            if (other.table_id, other.columns) == (link.target_id, link.target_columns):
                is_plain = link.target_columns == self._by_id[link.target_id].key
                if other.target_columns == link.columns and (
                    other.is_constraint or not is_plain
                ):
                    return other
        return None

    @cached_property
    def holders(self) -> set[int]:
        """Tables whose rows say who has a thing: a customer's address, a pair of a pet
        and its owner."""
        return {link.target_id for link in self.links if self.answers(link)}

    @cached_property
    def undecided(self) -> list[Link]:
        """Links that wait for a person to say whether a row is about the same person as
        the one that it refers to."""
        waiting = Link.objects.filter(
            table__store=self.store, target__store=self.store,
            state=Link.State.PROPOSED, role=Link.Role.SUBJECT,
        )  # fmt: skip
        return list(waiting.select_related("table__store").order_by("pk"))

    def links_of(self, table: Table) -> list[Link]:
        """The links that lead from it, also into other stores."""
        links = [*self.links, *self.lists, *self.links_to_other_stores]
        return [link for link in links if link.table_id == table.pk]

    def lists_of(self, table: Table) -> list[Link]:
        """The links by which one of its rows refers to many."""
        return [link for link in self.lists if link.table_id == table.pk]

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the map's content: the map version that certificates name."""
        said = [
            [
                table.full_name, table.about, table.erasure, table.ground, table.start,
                [
                    [c.full_name, c.kind, c.category_id, c.identifier, c.whose,
                     c.attribute, c.treatment, c.not_personal, c.ground]
                    for c in self.columns(table)
                ],
                sorted(
                    [*link.columns, link.role, link.said]
                    for link in self.links_of(table)
                ),
            ]
            for table in sorted(self.tables.values(), key=lambda t: t.full_name)
        ]  # fmt: skip
        return hashlib.sha256(audit.canonical(said).encode()).hexdigest()


def _some(names: Iterable[str]) -> str:
    """A few names, and how many more there are."""
    found = sorted(names) or ["none"]
    more = len(found) - MOST_NAMED
    return ", ".join(found[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _links(store: Store) -> models.QuerySet[Link]:
    """Links that somebody accepted; a proposal does not count, nor one into a store
    that is gone."""
    accepted = Link.objects.filter(table__store=store, state=Link.State.ACCEPTED)
    accepted = accepted.filter(target__store__retired_at=None)
    return accepted.select_related("target__store").order_by("pk")


def read(store: Store) -> Map:
    return Map(store)


def make_model(table: Table, columns: list[Column]) -> type[models.Model]:
    """A model of one table, outside Django's registry of apps."""
    fields: dict[str, Any] = {
        column.name: make_field(column, is_key=table.key == [column.name])
        for column in columns
        if not column.path
    }
    if not table.has_key:
        cells = [field.db_column for field in fields.values()]
        fields[WHOLE_ROW] = WholeRowField(*cells, primary_key=True)
    elif len(table.key) > 1:
        fields["pk"] = models.CompositePrimaryKey(*table.key)
    name = f'"{table.schema}"."{table.name}"' if table.schema else table.name
    options = {
        "db_table": name,
        "managed": False,
        "app_label": "stores",
        "apps": Apps(),
    }
    meta = type("Meta", (), options)
    return type(
        "Row", (models.Model,), {**fields, "Meta": meta, "__module__": __name__}
    )


class ZonelessField(models.DateTimeField):
    """A time without a zone is compared unchanged; one with a zone in UTC."""

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
            value = dt.datetime.combine(value, dt.time())
        said = self.to_python(value)
        if isinstance(said, dt.datetime) and timezone.is_aware(said):
            return timezone.make_naive(said, dt.UTC)
        return said


def make_field(column: Column, *, is_key: bool = False) -> Any:
    kind = AUTOMATIC.get(column.kind, column.kind)
    options = {
        "null": column.nullable,
        "db_column": column.options.get("column", column.name),
        "primary_key": is_key,
    }
    if kind == "CharField":
        options["max_length"] = column.options.get("max_length")
    if kind == "DecimalField":
        options["max_digits"] = column.options.get("max_digits", 38)
        options["decimal_places"] = column.options.get("decimal_places", 10)
    maker: Any = getattr(models, kind, models.TextField)
    if kind == "JSONField":
        maker = DocumentField
    if "without time zone" in column.options.get("type", ""):
        maker = ZonelessField if kind == "DateTimeField" else maker
    return maker(**options)
