"""What will happen to every row of a person, and why."""

import copy
import datetime as dt
from collections.abc import Sequence

from django.db import transaction

from privacy import holds, subjects, undo
from privacy import identifiers as words
from privacy.datamap import Map
from privacy.erasure.freezing import (
    DEIDENTIFY,
    DELETE,
    DISCLOSE,
    HELD,
    KEEP,
    REDACT,
    Part,
    freeze,
)
from privacy.models import Column, Identifier, Link, Plan, Table
from privacy.refusals import Refusal
from privacy.subjects import Found, Key, Row

NOTHING_OWN = "It says nothing about the person once the rows it refers to are ended"


class NobodyNamed(Refusal):
    """A request needs at least one identifier of the person."""


def plan(
    *,
    identifiers: Sequence[Identifier],
    title: str,
    received_at: dt.datetime,
    by: str,
    now: dt.datetime,
    follows: Plan | None = None,
    undo_days: int = 0,
) -> Plan:
    """The plan of an erasure: a draft that changes nothing until it is approved.

    `follows` is the plan whose rows a hold had kept. For `undo_days` after its end what
    it ended can be put back.
    """
    found = _find(identifiers, received_at)
    parts = [part for one in found for part in erasure_parts(one)]
    with transaction.atomic():
        made = freeze(Plan.Kind.ERASURE, found, parts, title, received_at, by, now)
        undo.prepare(plan=made, days=undo_days)
        if follows is not None:
            made.follows = follows
            made.save(update_fields=["follows"])
    return made


def plan_access(
    *,
    identifiers: Sequence[Identifier],
    title: str,
    received_at: dt.datetime,
    by: str,
    now: dt.datetime,
    sources: Sequence[str] = (),
) -> Plan:
    """The plan of an access request: the rows that the person will get a copy of.

    `sources` narrows it to personal data that we have from these; none means all.
    """
    found = _find(identifiers, received_at)
    parts = [part for one in found for part in access_parts(one, sources)]
    wanted = {"sources": list(sources)} if sources else {}
    return freeze(Plan.Kind.ACCESS, found, parts, title, received_at, by, now, **wanted)


def _find(rows: Sequence[Identifier], at: dt.datetime) -> list[Found]:
    if not rows:
        raise NobodyNamed
    return subjects.everywhere(marks=[words.value(row) for row in rows], at=at)


# --- what happens to what ------------------------------------------------------


def erasure_parts(found: Found) -> list[Part]:
    """Tables in the order of their references: who refers goes before who is referred
    to. Own rows first, then every place where the person is only mentioned."""
    parts: list[Part] = []
    for table in in_order(found.mapped):
        if own := found.of(table):
            parts += _own(found, table, own)
    for table in found.mapped.tables.values():
        if mentioned := found.of(table, mentions=True):
            parts += _mentions(found, table, mentioned)
    return parts


def _mentions(found: Found, table: Table, rows: list[Row]) -> list[Part]:
    """Taken out of the text, unless the record is kept by law as it is."""
    parts, free = _apart(found, table, rows)
    if free and table.erasure == Table.Ending.KEEP and table.ground:
        parts.append(Part(table, KEEP, table.ground, free, []))
    elif free:
        columns = redactable(found.mapped, table)
        parts.append(Part(table, REDACT, "", free, columns))
    return parts


def _own(found: Found, table: Table, rows: list[Row]) -> list[Part]:
    parts, free = _apart(found, table, rows)
    action, ground = ending_of(found.mapped, table)
    if free:
        columns = treated(found.mapped, table) if action == DEIDENTIFY else []
        parts.append(Part(table, action, ground, free, columns))
    return parts


def _apart(found: Found, table: Table, rows: list[Row]) -> tuple[list[Part], list[Row]]:
    """The rows that a hold keeps, as a part of their own, and the others."""
    held = _held_keys(found.mapped, table, rows)
    kept = [row for row in rows if row.key in held]
    free = [row for row in rows if row.key not in held]
    return [Part(table, KEEP, HELD, kept, [])] if kept else [], free


def ending_of(mapped: Map, table: Table) -> tuple[str, str]:
    """What the map says, unless rows that stay would still refer to a deleted one."""
    if table.erasure == Table.Ending.KEEP:
        return KEEP, table.ground or NOTHING_OWN
    if table.erasure == Table.Ending.DEIDENTIFY:
        return DEIDENTIFY, table.ground
    for link in mapped.links_to(table):
        stays = ending_of(mapped, link.table)[0] != DELETE if link.table != table else 0
        if link.is_constraint and (stays or link.role != Link.Role.SUBJECT):
            return DEIDENTIFY, f"Rows of {link.table.full_name} refer to it and stay"
    return DELETE, table.ground


def treated(mapped: Map, table: Table) -> list[Column]:
    """Columns that a de-identification changes, as an erasure changes them.

    Free text in the person's own row is about the person: it goes whole.
    """
    columns = [copy.copy(c) for c in mapped.columns(table) if c.is_personal]
    for column in columns:
        if column.strategy["strategy"] == "redact":
            column.treatment = {"strategy": "nullify"}
    return [c for c in columns if c.strategy["strategy"] != "keep"]


def redactable(mapped: Map, table: Table) -> list[Column]:
    """Every column that text can be taken out of, classified or not."""
    kinds = ("CharField", "TextField", "JSONField")
    return [c for c in mapped.columns(table) if c.kind in kinds and not c.path]


def access_parts(found: Found, sources: Sequence[str] = ()) -> list[Part]:
    parts = [
        Part(table, DISCLOSE, "", own, given(found.mapped, table, sources))
        for table in found.mapped.tables.values()
        if (own := found.of(table))
    ]
    return [p for p in parts if not sources or any(c.is_personal for c in p.columns)]


def given(mapped: Map, table: Table, sources: Sequence[str]) -> list[Column]:
    """The columns that are copied: of personal ones, those from these sources."""
    return [
        column
        for column in mapped.columns(table)
        if not sources or not column.is_personal or column.source_id in sources
    ]


def in_order(mapped: Map) -> list[Table]:
    """Tables so that each comes before the ones that it refers to."""
    order: list[Table] = []
    seen: set[int] = set()

    def visit(table: Table) -> None:
        if table.pk in seen:
            return
        seen.add(table.pk)
        for link in mapped.links_to(table):
            visit(link.table)
        order.append(table)

    for table in mapped.tables.values():
        visit(table)
    return order


def _held_keys(mapped: Map, table: Table, rows: Sequence[Row]) -> set[Key]:
    erasing = Plan(kind=Plan.Kind.ERASURE)
    held = holds.condition(mapped=mapped, table=table, plan=erasing)
    if held is None:
        return set()
    keys = subjects.by_key(table, [row.key for row in rows])
    return set(mapped.rows(table).filter(keys).filter(held).values_list(*table.key))
