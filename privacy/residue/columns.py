"""Which columns of a table are read, and how."""

from collections.abc import Iterator

from privacy.datamap.schema import LiveColumn, LiveTable
from privacy.identifiers import Kind
from privacy.models import Column, Link, Store
from privacy.sql import streams

TEXTLESS = {
    "BooleanField", "DateField", "DateTimeField", "TimeField", "DurationField",
    "SmallIntegerField", "SmallAutoField", "GenericIPAddressField",
}  # fmt: skip
NUMBERS = {
    "IntegerField", "BigIntegerField", "PositiveIntegerField", "DecimalField",
    "PositiveBigIntegerField", "AutoField", "BigAutoField", "FloatField",
}  # fmt: skip
UUIDS = {"UUIDField"}  # read where somebody is known by one
Place = tuple[str, str]  # a table's full name, a column


class Wanted:
    """All columns that can hold text; numbers too, and UUIDs where somebody is known by
    one, except keys of rows: a counter would be taken for a number of people once it is
    long enough, and the row of an erased person may stay, without them, under its key.
    """

    def __init__(self, store: Store, knows_uuids: bool) -> None:
        self.knows_uuids = knows_uuids
        self.telephones = set(_telephones(store))
        self.references = set(_references(store))

    def columns(self, table: LiveTable) -> list[LiveColumn]:
        counters, keys = self._counters(table), self._keys(table)
        skipped = {**dict.fromkeys(NUMBERS, counters), **dict.fromkeys(UUIDS, keys)}
        return [
            column
            for column in table.columns
            if column.kind not in TEXTLESS
            and column.name not in skipped.get(column.kind, ())
            and (self.knows_uuids or column.kind not in UUIDS)
        ]

    def bytes_as(self, table: LiveTable, column: LiveColumn) -> str:
        """Sixteen bytes may be a UUID."""
        is_uuid = self.knows_uuids and column.name not in self._keys(table)
        return streams.WITH_UUID if is_uuid else streams.AS_TEXT

    def _keys(self, table: LiveTable) -> set[str]:
        named = {name for place, name in self.references if place == table.full_name}
        return self._counters(table) | named

    def _counters(self, table: LiveTable) -> set[str]:
        """Keys, and references to keys, that are no telephone numbers."""
        means = {name: {(table.full_name, name)} for name in table.key}
        for own, other, theirs in table.references:
            for name, their in zip(own, theirs, strict=True):
                means.setdefault(name, {(table.full_name, name)}).add((other, their))
        return {name for name, some in means.items() if not some & self.telephones}


def form(column: LiveColumn, of_bytes: str) -> str:
    return of_bytes if column.kind == "BinaryField" else streams.TEXT


def _telephones(store: Store) -> Iterator[Place]:
    """Columns that the map knows to hold numbers of people, in whole cells."""
    some = Column.objects.filter(
        table__store=store, identifier__in=(Kind.PHONE, "contact")
    )
    for column in some.select_related("table"):
        yield column.table.full_name, column.name


def _references(store: Store) -> Iterator[Place]:
    """Both ends of every link of the map, declared by the database or not."""
    links = Link.objects.filter(table__store=store, state=Link.State.ACCEPTED)
    for link in links.select_related("table", "target"):
        yield from ((link.table.full_name, name) for name in link.columns)
        yield from ((link.target.full_name, name) for name in link.target_columns)
