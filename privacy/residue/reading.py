"""Reads every table of every connected database, once for everyone."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import Error, connections

from privacy import faults, stores
from privacy.datamap import schema
from privacy.identifiers import Mark
from privacy.models import Store, Table
from privacy.refusals import Refusal
from privacy.residue.columns import NUMBERS, Wanted, form
from privacy.residue.matching import Matcher
from privacy.sql import streams

WHOLE = re.compile(r"(\d+)(?:\.0*)?")  # a number, whatever fraction its type has
SECONDS = 3600  # one table may take no longer
UNESCAPE = re.compile(r"\\(.)")
ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "v": "\v"}


@dataclass(frozen=True)
class Hit:
    """One copy: where it is, and in which row (its key as text, which may be personal).

    `place` is STORE.TABLE.COLUMN, or a sentence where there is no table.
    """

    table: str
    column: str
    key: tuple[str, ...]

    @property
    def place(self) -> str:
        return f"{self.table}.{self.column}" if self.column else self.table


# A name in so many places is many people's, and is looked for no further.
COMMON = 100


@dataclass
class Pass:
    """What one reading saw."""

    searched: list[dict[str, Any]] = field(default_factory=list)
    unread: list[dict[str, str]] = field(default_factory=list)
    down: list[str] = field(default_factory=list)
    hits: dict[Mark, set[Hit]] = field(default_factory=lambda: defaultdict(set))
    hints: dict[tuple[str, str], set[Hit]] = field(
        default_factory=lambda: defaultdict(set)
    )

    def miss(self, place: str, why: str) -> None:
        if (said := {"place": place, "why": why}) not in self.unread:
            self.unread.append(said)

    def look(
        self, matcher: Matcher, text: str, where: Hit, *, by_line: bool = False
    ) -> None:
        """Notes whose text it is, and whose it may be: signs of a person tell only
        beside each other, so long texts are asked for those by the line."""
        if matcher.may_hold(text):
            for mark in matcher.seen(text):
                self.hits[mark].add(where)
        if matcher.may_hint(text):
            for line in text.splitlines() if by_line else [text]:
                for hint in matcher.hinted(line):
                    self.hint(matcher, hint, where)

    def hint(self, matcher: Matcher, hint: tuple[str, str], where: Hit) -> None:
        self.hints[hint].add(where)
        if len(self.hints[hint]) >= COMMON:
            matcher.leave(hint)


def read(matcher: Matcher, seen: Pass) -> None:
    """All connected databases. What can't be read is listed in `seen.unread`."""
    for store in Store.objects.filter(kind=Store.Kind.DATABASE):
        try:
            read_store(store, matcher, seen)
        except Refusal as refusal:
            seen.miss(store.name, str(refusal))
            seen.down.append(store.name)


def read_store(store: Store, matcher: Matcher, seen: Pass) -> None:
    counts: Counter[str] = Counter()
    mapped, wanted = _mapped(store), Wanted(store, matcher.knows_uuids)
    live = schema.describe(store)
    for table in [*live.tables, *live.copies]:
        name = f"{store.name}.{table.full_name}"
        if table in live.tables:
            for place in _unmapped(name, table, mapped.get(table.full_name)):
                seen.miss(place, "it is not in the map, so nothing of it can be ended")
        with stores.reaching(store):
            connection = connections[stores.alias(store)]
            _read_table(connection, name, table, wanted, matcher, seen, counts)
    seen.searched.append({"store": store.name, **_counted(counts)})


def _mapped(store: Store) -> dict[str, set[str]]:
    """Maps each table to the names of its columns."""
    found: dict[str, set[str]] = {}
    for table in Table.objects.filter(store=store).prefetch_related("columns"):
        found[table.full_name] = {column.name for column in table.columns.all()}
    return found


def _unmapped(
    name: str, table: schema.LiveTable, known: set[str] | None
) -> Iterator[str]:
    """The table, or columns of it that were added after its map was made."""
    if known is None:
        yield name
        return
    for column in table.columns:
        if column.name not in known:
            yield f"{name}.{column.name}"


def _counted(counts: Counter[str]) -> dict[str, int]:
    return {what: counts[what] for what in ("tables", "columns", "rows", "bytes")}


def _read_table(
    connection: Any,
    name: str,
    table: schema.LiveTable,
    wanted: Wanted,
    matcher: Matcher,
    seen: Pass,
    counts: Counter[str],
) -> None:
    if not (columns := wanted.columns(table)):
        return
    key = [c for c in table.columns if c.name in table.key]
    key.sort(key=lambda column: table.key.index(column.name))
    reader = Reader(name, key, columns, matcher, seen)
    named = [(_real(c), form(c, streams.EXACTLY)) for c in key]
    named += [(_real(c), form(c, wanted.bytes_as(table, c))) for c in columns]
    try:
        for chunk in streams.chunks(
            connection, table.schema, table.name, named, seconds=SECONDS
        ):
            counts["rows"] += chunk.count("\n")
            counts["bytes"] += len(chunk)
            reader.take(chunk)
    except Error as error:
        fault = faults.read(error)
        if fault.kind is faults.Kind.WAIT:
            raise
        seen.miss(name, fault.sentence)
        return
    counts.update(tables=1, columns=len(columns))


def _real(column: schema.LiveColumn) -> str:
    return str(column.options.get("column", column.name))


class Reader:
    """One table's chunks: each searched whole first, then by line where something may
    be."""

    def __init__(
        self,
        name: str,
        key: Sequence[schema.LiveColumn],
        columns: Sequence[schema.LiveColumn],
        matcher: Matcher,
        seen: Pass,
    ) -> None:
        self.name, self.keys, self.columns = name, len(key), columns
        self.matcher, self.seen = matcher, seen
        self.line = 0

    def take(self, chunk: str) -> None:
        may_hold = self.matcher.may_hold(chunk)
        may_hint = self.matcher.may_hint(chunk)
        if may_hold or may_hint:
            for number, line in enumerate(chunk.split("\n")[:-1], self.line):
                if may_hold and self.matcher.may_hold(line):
                    self._hit(line, number)
                if may_hint and self.matcher.may_hint(line):
                    self._hint(line, number)
        self.line += chunk.count("\n")

    def _cells(self, line: str) -> Iterator[tuple[schema.LiveColumn, str]]:
        cells = line.split("\t")[self.keys :]
        for column, cell in zip(self.columns, cells, strict=True):
            if cell != "\\N":
                yield column, _unescaped(cell)

    def _hit(self, line: str, number: int) -> None:
        for column, text in self._cells(line):
            for mark in self._marks(column, text):
                self.seen.hits[mark].add(self._at(column, line, number))

    def _marks(self, column: schema.LiveColumn, text: str) -> set[Mark]:
        if column.kind not in NUMBERS:
            return self.matcher.seen(text)
        whole = WHOLE.fullmatch(text)
        return self.matcher.exactly(whole[1]) if whole else set()

    def _at(self, column: schema.LiveColumn, line: str, number: int) -> Hit:
        key = tuple(_unescaped(cell) for cell in line.split("\t")[: self.keys])
        return Hit(self.name, column.name, key or (f"row {number}",))

    def _hint(self, line: str, number: int) -> None:
        for column, text in self._cells(line):
            for hint in self.matcher.hinted(text):
                self.seen.hint(self.matcher, hint, self._at(column, line, number))


def _unescaped(cell: str) -> str:
    if "\\" not in cell:
        return cell
    return UNESCAPE.sub(lambda found: ESCAPED.get(found[1], found[1]), cell)
