"""What people are shown of their rows: their own data and nobody else's.

Passwords, government ids and account numbers are not sent (11 CCR 7024(d)); other
people's numbers and addresses inside text are redacted (GDPR Art. 15(4)).
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db.models import Count

from privacy import digits, identifiers, once, spellings, subjects
from privacy.datamap import Map
from privacy.identifiers import Mark
from privacy.models import Column, Plan, PlannedRow, Store, Table
from privacy.subjects import Key, learning, others, read_key
from privacy.subjects import names as people
from privacy.subjects.names import Who
from privacy.subjects.rows import chunks

# 11 CCR 7024(d): said to be held, and never sent. Elsewhere it is our own rule.
NEVER_SENT = ("credential", "government_id", "bank", "card", "encrypted")
HELD = "[held, and never sent]"
OTHERS = "[another person's, redacted]"
WHO = ("name", "username", "email", "phone", "contact")
CHUNK = 2000  # as `chunks` cuts
NEVER = r"(?!)"


class Copy:
    """What an access plan discloses, for every format it is written in.

    Maps, marks and the rows of small tables are read once. Tables of more than a few
    thousand rows are read again for each format, so that they are never in memory as a
    whole.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._sizes = dict(
            plan.rows.order_by().values_list("table").annotate(Count("pk"))
        )
        self._copied: dict[str, dict[str, set[str]]] = defaultdict(dict)
        for said in plan.summary["tables"]:
            names = {field["name"] for field in said["fields"]}
            self._copied[said["table"]][said["ground"]] = names
        stores = Store.objects.filter(tables__in=list(self._sizes)).distinct()
        maps = [once.read(Map, store) for store in stores.order_by("pk")]
        self._mapped = {
            table.pk: mapped
            for mapped in maps
            for table in sorted(mapped.tables.values(), key=lambda t: t.pk)
            if table.pk in self._sizes
        }
        self.tables = [mapped.by_id(pk) for pk, mapped in self._mapped.items()]
        self._kept: dict[int, list[dict[str, Any]]] = {}
        self._planned: dict[int, list[PlannedRow]] = defaultdict(list)
        if sum(self._sizes.values()) <= CHUNK:
            for line in plan.rows.order_by("pk"):
                self._planned[line.table_id].append(line)
        known = [identifiers.value(row) for row in plan.identifiers.order_by("pk")]
        marks, self._called = dict.fromkeys(known), Who()
        for mapped, table, keys in self._own():
            said = learning.said_by(mapped, table, keys)
            marks |= dict.fromkeys(sorted(said, key=str))
            for who in people.of_rows(mapped, table, keys):
                self._called.join(who)
        self.own = re.compile(spellings.any_of(list(marks)) or NEVER, re.IGNORECASE)
        named = spellings.of_names(self._others(), is_own=False)
        self._named = re.compile(named or NEVER, re.IGNORECASE)

    def _others(self) -> Iterator[people.Name]:
        """What others are called who are named or referred to in the same rows."""
        marks: set[Mark] = set()
        found: set[people.Name] = set()
        for table in self.tables:
            mapped = self._mapped[table.pk]
            for some in chunks(self._lines(table)):
                keys = [read_key(mapped, table, line.key.open()) for line in some]
                marks |= others.marks(mapped, table, keys)
                found |= set(others.referred(mapped, table, keys))
        theirs = [mark for mark in marks if not self.own.search(mark.value)]
        asked_at = self.plan.cutoff or self.plan.planned_at
        found |= set(others.called(theirs, at=asked_at))
        for name in sorted(found):
            if not people.called(" ".join(name)) <= self._called.names:
                yield name

    def without_others(self, text: str) -> str:
        """A text about the person, without others' numbers, addresses and names."""
        return self._named.sub(OTHERS, without_others(text, self.own))

    def _own(self) -> Iterator[tuple[Map, Table, list[Key]]]:
        """The person's own rows. What they say is theirs: also a number that they share
        with somebody else, and that identifies neither."""
        for table in self.tables:
            mapped = self._mapped[table.pk]
            if table.about == Table.About.PERSON:
                own = (line for line in self._lines(table) if not line.ground)
                for some in chunks(own):
                    yield (
                        mapped,
                        table,
                        [read_key(mapped, table, line.key.open()) for line in some],
                    )

    def columns(self, table: Table) -> list[Column]:
        return self._mapped[table.pk].columns(table)

    def rows(self) -> Iterator[tuple[Table, Iterator[dict[str, Any]]]]:
        """Each table, with the person's rows as plain values."""
        for table in self.tables:
            yield table, self._rows(table)

    def _rows(self, table: Table) -> Iterator[dict[str, Any]]:
        if self._sizes[table.pk] > CHUNK:
            return self._read(table)
        if table.pk not in self._kept:
            self._kept[table.pk] = list(self._read(table))
        return iter(self._kept[table.pk])

    def _read(self, table: Table) -> Iterator[dict[str, Any]]:
        mapped = self._mapped[table.pk]
        names = [c.name for c in mapped.columns(table) if not c.path]
        names = list(dict.fromkeys([*names, *table.key]))
        copied = self._copied[str(table)]
        every = set().union(*copied.values())
        who = {c.name for c in mapped.columns(table) if says_who(c)}
        free = {c.name for c in mapped.columns(table) if c.free_text}
        for some in chunks(self._lines(table)):
            grounds = {
                read_key(mapped, table, line.key.open()): line.ground for line in some
            }
            found = mapped.rows(table).filter(subjects.by_key(table, list(grounds)))
            for row in found.order_by(*table.key).values(*names):
                ground = grounds[tuple(row[name] for name in table.key)]
                shown = _shown(mapped, table, row, self.own, every)
                for name in free & shown.keys():
                    shown[name] = self._unnamed(shown[name])
                yield self._their_side(
                    shown, copied[ground] - (who if ground else set())
                )

    def _unnamed(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._unnamed(each) for name, each in value.items()}
        if isinstance(value, list):
            return [self._unnamed(each) for each in value]
        return self._named.sub(OTHERS, value) if isinstance(value, str) else value

    def _their_side(self, shown: dict[str, Any], copied: set[str]) -> dict[str, Any]:
        """All rows of a table have the same columns. Where the plan gives less of one
        because it is also somebody else's, a note says so; the person's own number,
        address or name is theirs in such a row, too."""
        return {
            name: value if name in copied or self._is_own(value) else OTHERS
            for name, value in shown.items()
        }

    def _is_own(self, value: Any) -> bool:
        if value is None or self.own.fullmatch(str(value).strip()):
            return True
        called = people.called(value)
        return bool(called) and called <= self._called.names

    def _lines(self, table: Table) -> Iterable[PlannedRow]:
        if self._planned:
            return self._planned[table.pk]
        return self.plan.rows.filter(table=table).order_by("pk").iterator(CHUNK)


def says_who(column: Column) -> bool:
    """It names somebody; in a row that is another's too, it may be the other."""
    is_one = not column.path and column.whose == Column.Whose.SUBJECT
    return column.is_personal and is_one and column.identifier in WHO


def rows(plan: Plan) -> Iterator[tuple[Table, Iterator[dict[str, Any]]]]:
    """The rows that the plan discloses, read as they are consumed; see `Copy.rows`."""
    return Copy(plan).rows()


def _shown(
    mapped: Map,
    table: Table,
    row: dict[str, Any],
    own: re.Pattern[str],
    copied: set[str],
) -> dict[str, Any]:
    """The value as the plan promised it; for one that is never sent, a note that it is
    held."""
    shown: dict[str, Any] = {}
    secret = [
        c
        for c in mapped.columns(table)
        if c.identifier in NEVER_SENT or c.full_name not in copied
    ]
    for column in mapped.columns(table):
        if column.path or column.full_name not in copied:
            continue
        if column in secret:
            shown[column.name] = None if row[column.name] is None else HELD
            continue
        value = _without(
            row[column.name], [c.path for c in secret if c.name == column.name]
        )
        shown[column.name] = _plain(value, column, own)
    return shown


def _plain(
    value: Any, column: Column, own: re.Pattern[str], *, inside: bool = False
) -> Any:
    """JSON-serialisable, without what is somebody else's; `inside` a document."""
    if isinstance(value, dict):
        return _document(value, column, own)
    if isinstance(value, list):
        return [_plain(each, column, own, inside=True) for each in value]
    if isinstance(value, bool | float) or value is None:
        return value
    if isinstance(value, int):
        return _whole(value, column, own, inside=inside)
    text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    if column.identifier and column.whose == Column.Whose.OTHER:
        return _if_own(text, own) if text else text
    if not isinstance(value, str):
        return text
    if column.identifier and column.whose == Column.Whose.SUBJECT:
        return text
    if not column.free_text and digits.is_code(text):
        return text
    return without_others(text, own)


def without_others(text: str, own: re.Pattern[str]) -> str:
    """The text without numbers and addresses that are somebody else's."""
    return digits.without_numbers(text, lambda number: _if_own(number, own))


def _document(
    value: dict[str, Any], column: Column, own: re.Pattern[str]
) -> dict[str, Any]:
    """Its names may be numbers and addresses, too; none is lost that becomes the same
    as another."""
    found: dict[str, Any] = {}
    for key, each in value.items():
        name = key
        if not digits.is_code(key):
            name = without_others(key, own)
        name = f"{name} {len(found) + 1}" if name in found else name
        found[name] = _plain(each, column, own, inside=True)
    return found


def _whole(
    number: int, column: Column, own: re.Pattern[str], *, inside: bool
) -> int | str:
    """A number as a whole number: another's in a column of such, or one that can be
    dialled in a document. Other columns of whole numbers have keys and counts."""
    is_others = bool(column.identifier) and column.whose == Column.Whose.OTHER
    asks = not digits.is_code(str(number)) if inside else is_others
    return OTHERS if asks and not own.search(str(number)) else number


def _if_own(text: str, own: re.Pattern[str]) -> str:
    return text if own.search(text) else OTHERS


def _without(value: Any, paths: Sequence[Sequence[str]]) -> Any:
    """A copy of a JSON value without the given paths."""
    if not isinstance(value, dict):
        return value
    kept = {}
    for key, inner in value.items():
        below = [path[1:] for path in paths if path and path[0] == key]
        if [] not in [list(path) for path in below]:
            kept[key] = _without(inner, below)
    return kept
