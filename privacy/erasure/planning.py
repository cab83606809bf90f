"""What will happen to every row of a person, and why."""

import copy
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q

from privacy import holds, spellings, subjects
from privacy.datamap import Map
from privacy.datamap.order import children_first
from privacy.erasure import naming, referred, streets
from privacy.erasure.drafts import (
    DEIDENTIFY,
    DELETE,
    HELD,
    KEEP,
    NOTHING_OWN,
    ONLY_NAMES,
    OTHER_PARTY,
    OWN_TEXTS,
    RANGE,
    REDACT,
    Part,
)
from privacy.models import Column, Link, Plan, Table
from privacy.subjects import Found, Key, Role, Row, listed, mentions, shares

NO_TEXT = (
    "{table}: {many} rows of other people hold the person's identifiers in a column "
    "from which no text can be removed."
)
MARK = "[redacted]"
REFER = "Rows of {} refer to it and stay"
IN_A_CIRCLE = "Its rows and those of other tables refer to each other"


class Held:
    """The keys that open legal holds keep, queried once for each table for many people,
    and what each person is called, queried once for each person."""

    def __init__(self, founds: Sequence[Found]) -> None:
        self._founds = founds
        self._keys: dict[int, set[Key]] = {}
        self._marks = holds.held_marks()
        self._named: dict[int, str] = {}

    def called(self, found: Found) -> str:
        """A pattern that finds any part of their name, and where they live."""
        if id(found) not in self._named:
            names = spellings.of_names(naming.of_one(found), is_own=True)
            homes = streets.pattern(sorted(streets.of([found])[id(found)]))
            self._named[id(found)] = "|".join(filter(None, [names, homes]))
        return self._named[id(found)]

    def is_all(self, found: Found) -> bool:
        """The person is on hold: everything found about them stays, however it was
        found."""
        return not self._marks.isdisjoint(found.marks)

    def keys(self, mapped: Map, table: Table) -> set[Key]:
        if table.pk not in self._keys:
            self._keys[table.pk] = self._ask(mapped, table)
        return self._keys[table.pk]

    def _ask(self, mapped: Map, table: Table) -> set[Key]:
        erasing = Plan(kind=Plan.Kind.ERASURE)
        held = holds.condition(mapped=mapped, table=table, plan=erasing)
        if held is None:
            return set()
        keys = [row.key for one in self._founds for row in one.of(table, *Role)]
        found: set[Key] = set()
        for start in range(0, len(keys), RANGE):
            some = subjects.by_key(table, keys[start : start + RANGE])
            rows = mapped.rows(table).filter(some).filter(held)
            found |= set(rows.values_list(*table.key))
        return found


def erasure_parts(found: Found, held: Held | None = None) -> list[Part]:
    """Tables in the order of their references: a row that refers goes before the one it
    refers to. Own rows first, then every place where the person is only mentioned."""
    held = held or Held([found])
    parts: list[Part] = []
    for table in children_first(found.mapped):
        if own := found.of(table):
            parts += _own(found, table, own, held)
    for table in found.mapped.tables.values():
        for role, ground in ((Role.PARTY, OTHER_PARTY), (Role.MENTION, "")):
            if rows := found.of(table, role):
                parts += _of_others(found, table, rows, ground, held)
    return parts


def _of_others(
    found: Found, table: Table, rows: list[Row], ground: str, held: Held
) -> list[Part]:
    """What is the person's in rows of others is removed from them, unless the law
    requires the record to stay as it is."""
    parts, free = _apart(found, table, rows, held)
    if free and table.erasure == Table.Ending.KEEP and table.ground:
        parts.append(Part(table, KEEP, table.ground, free, []))
    elif free and _can_be_taken_out(found.mapped, table):
        columns, lists = redactable(found.mapped, table), listing(found.mapped, table)
        why = ground and _whose(found.mapped, table, ground)
        parts.append(Part(table, REDACT, why, free, columns, lists=lists))
    elif free and ground:
        why = _whose(found.mapped, table, ground)
        parts.append(Part(table, KEEP, why, free, []))
    elif free:  # what they hold is found again by the search for what is left
        found.doubts.append(NO_TEXT.format(table=table, many=len(free)))
    return parts


def _whose(mapped: Map, table: Table, ground: str) -> str:
    """Whether what stays in such a row can be somebody's personal data."""
    is_theirs = any(c.is_personal for c in mapped.columns(table))
    return ground if is_theirs else ONLY_NAMES


def can_end(found: Found) -> list[Row]:
    """The rows found that have a part in the plan, as `_of_others` decides."""
    open_ = {
        table.pk
        for table in found.mapped.tables.values()
        if (table.erasure == Table.Ending.KEEP and table.ground)
        or _can_be_taken_out(found.mapped, table)
    }
    rows = found.rows.values()
    return [r for r in rows if r.role != Role.MENTION or r.table.pk in open_]


def _own(found: Found, table: Table, rows: list[Row], held: Held) -> list[Part]:
    parts, free = _apart(found, table, rows, held)
    action, ground = ending_of(found.mapped, table)
    if action == DELETE:
        stay = referred.by_what_stays(found, table, free)
        kept = [row for row in free if row.key in stay]
        free = [row for row in free if row.key not in stay]
        parts += _ended(
            found, table, kept, held, (DEIDENTIFY, REFER.format(table.full_name))
        )
    return parts + _ended(found, table, free, held, (action, ground))


def _ended(
    found: Found, table: Table, rows: list[Row], held: Held, how: tuple[str, str]
) -> list[Part]:
    parts: list[Part] = []
    (action, ground), every = how, found.mapped.columns(table)
    columns = treated(found.mapped, table) if action == DEIDENTIFY else []
    if action == DEIDENTIFY and not columns:
        action, ground = KEEP, _ground(every)
    if rows and action == KEEP and not table.ground:
        parts, rows = _named(found, table, rows, held)
    if rows:
        parts.append(Part(table, action, ground, rows, columns, every))
    return parts


def _named(
    found: Found, table: Table, rows: list[Row], held: Held
) -> tuple[list[Part], list[Row]]:
    """Of rows of theirs that stay, those whose text says their name, number or address,
    and the others. What the map keeps, such as a key, is left as it is."""
    columns = [c for c in redactable(found.mapped, table) if not _is_kept(c)]
    if not columns:
        return [], rows
    said_ = mentions(columns, spellings.any_of(found.marks)) if found.marks else Q()
    named = named_in(columns)
    if named and (pattern := held.called(found)):
        said_ |= mentions(named, pattern)
    some = subjects.by_key(table, [row.key for row in rows])
    keys = set(found.mapped.rows(table).filter(some & said_).values_list(*table.key))
    said = [row for row in rows if row.key in keys]
    part = Part(table, REDACT, OWN_TEXTS, said, columns)
    return [part] if said else [], [row for row in rows if row.key not in keys]


def _is_kept(column: Column) -> bool:
    return column.is_personal and column.strategy["strategy"] == "keep"


def named_in(columns: Iterable[Column]) -> list[Column]:
    """The columns whose texts a name may be removed from: no codes, keys or lists."""
    bound = ("unique", "labels", "checked", "tied")
    return [c for c in columns if not any(c.options.get(name) for name in bound)]


def _ground(columns: Sequence[Column]) -> str:
    """Why nothing in a row that is to be de-identified changes."""
    kept = [c.ground for c in columns if c.is_personal and c.ground]
    return kept[0] if kept else NOTHING_OWN


def _apart(
    found: Found, table: Table, rows: list[Row], held: Held
) -> tuple[list[Part], list[Row]]:
    """The rows that a hold keeps, as a part of their own, and the others."""
    if held.is_all(found):
        return [Part(table, KEEP, HELD, rows, [])], []
    keys = held.keys(found.mapped, table)
    kept = [row for row in rows if row.key in keys]
    free = [row for row in rows if row.key not in keys]
    return [Part(table, KEEP, HELD, kept, [])] if kept else [], free


def ending_of(
    mapped: Map, table: Table, above: frozenset[int] = frozenset()
) -> tuple[str, str]:
    """The treatment of the map, unless rows that stay would refer to a deleted one, or
    tables refer to each other in a circle that no order of deletes can resolve."""
    if table.erasure == Table.Ending.KEEP:
        return KEEP, table.ground or NOTHING_OWN
    if table.erasure == Table.Ending.DEIDENTIFY:
        return DEIDENTIFY, table.ground
    if table.pk in above:
        return DEIDENTIFY, IN_A_CIRCLE
    for link in mapped.links_to(table):
        if not link.is_constraint:
            continue
        below = above | {table.pk}
        stays = link.table_id != table.pk and (
            ending_of(mapped, link.table, below)[0] != DELETE
            or shares.has_owner(mapped, link)  # then it stays for the other
        )
        if stays or link.role != Link.Role.SUBJECT:
            return DEIDENTIFY, REFER.format(link.table.full_name)
    return DELETE, table.ground


def treated(mapped: Map, table: Table) -> list[Column]:
    """The columns that a de-identification changes.

    Free text in the person's own row is about the person, so it is removed whole.
    Documents may be about others too, or hold what is not personal.
    """
    columns = [copy.copy(c) for c in mapped.columns(table) if c.is_personal]
    for column in columns:
        if column.strategy["strategy"] == "redact":
            column.treatment = _as_a_whole(column)
    read = {c.name for c in columns if c.strategy["strategy"] == "take_out"}
    return [
        c
        for c in columns
        if c.strategy["strategy"] != "keep" and not (c.path and c.name in read)
    ]


def _as_a_whole(column: Column) -> dict[str, Any]:
    """How a whole text of the person's own is removed. One that a CHECK is about and
    that must have a value can hardly be left empty."""
    if column.is_document:
        return {"strategy": "take_out"}
    bound = column.options.get("checked") and not column.nullable
    room = column.options.get("max_length") or len(MARK)
    if bound and room >= len(MARK):
        return {"strategy": "constant", "value": MARK}
    return {"strategy": "nullify"}


def redactable(mapped: Map, table: Table) -> list[Column]:
    """Every column that text can be removed from, classified or not. What the database
    computes changes with the columns it is computed from."""
    kinds = ("CharField", "TextField", "JSONField")
    return [
        c
        for c in mapped.columns(table)
        if not c.path and not c.options.get("generated")
        if c.kind in kinds or c.options.get("element") in kinds[:2]
    ]


def listing(mapped: Map, table: Table) -> list[Column]:
    """The columns whose lists hold the person's key among those of others."""
    links = mapped.lists_of(table)
    return list(
        {c.name: c for c in (listed.column_of(mapped, a) for a in links)}.values()
    )


def _can_be_taken_out(mapped: Map, table: Table) -> bool:
    return bool(redactable(mapped, table) or mapped.lists_of(table))
