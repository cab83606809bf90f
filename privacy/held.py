"""Which rows a hold on a person keeps, as a condition: by what the rows say, and by the
links of the map."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.db.models.lookups import In

from privacy import spellings, subjects
from privacy.datamap import Map, ends
from privacy.identifiers import Mark
from privacy.models import Column, Hold, Link, Table
from privacy.strategies.base import matches
from privacy.subjects import by_key, equals, is_several, listed, telling
from privacy.subjects.rows import chunks, matching

THEIRS = (Link.Role.SUBJECT, Link.Role.PARTY)  # an erasure would do something to it


def known_as(mapped: Map, marks: Sequence[Mark], holds: QuerySet[Hold]) -> list[Mark]:
    """What else the people on hold are known by in the store, such as a second address.
    An erasure would find those rows, so no sweep may end them. Read once for each map,
    and again when another hold is opened."""
    asked = frozenset(marks)
    if asked not in mapped.known:
        mapped.known[asked] = _learnt(mapped, marks, holds)
    return mapped.known[asked]


def _learnt(mapped: Map, marks: Sequence[Mark], holds: QuerySet[Hold]) -> list[Mark]:
    latest = holds.order_by("placed_at").values_list("placed_at", flat=True).last()
    at = latest or dt.datetime.min.replace(tzinfo=dt.UTC)
    known = subjects.known_as(mapped=mapped, people=[([mark], at) for mark in marks])
    return list(dict.fromkeys([*marks, *known]))


def rows_of(
    mapped: Map,
    table: Table,
    marks: Sequence[Mark],
    seen: Sequence[int] = (),
    *,
    times: int = 1,
) -> Q | None:
    """The person's rows as one condition: by what a row says, or by its links.

    A path goes through no table of `seen` more often than allowed: twice where a word
    said which table is meant, since the preview of a picture is again a picture.
    """
    parts = [
        _holds_one_of(column, wanted)
        for column in telling(mapped, table)
        if (wanted := [m for m in marks if m.kind == column.identifier])
    ]
    for link in mapped.links_of(table):
        is_chain = link.target_id == table.pk
        often = 2 if link.when else times
        is_new = seen.count(link.target_id) < often and not is_chain
        if link.role in THEIRS and is_new:
            owned = _listed_by if link.is_list else _owned_by
            above = owned(mapped, link, marks, [*seen, table.pk], often)
            parts += [above & Q(**link.when)] if above is not None else []
    if not parts:
        return None
    condition = parts[0]
    for part in parts[1:]:
        condition |= part
    return condition | _chained(mapped, table, condition)


def _holds_one_of(column: Column, marks: Sequence[Mark]) -> Q:
    """By an index; arrays are read."""
    if not is_several(column):
        return equals(column, [text for m in marks for text in spellings.written(m)])
    said = Cast(column.name, TextField())
    return matches(said, spellings.any_of(marks))


def _chained(mapped: Map, table: Table, above: Q) -> Q:
    """Rows that refer to rows of their own table (an answer to an answer) are the
    person's all the way down: they are followed level by level, right before the
    statement."""
    links = [
        link
        for link in mapped.links_to(table)
        if link.table_id == table.pk and link.role == Link.Role.SUBJECT
    ]
    if not links:
        return Q()
    rows = mapped.rows(table)
    held = level = set(rows.filter(above).values_list(*table.key))
    while level:
        below = {key for link in links for key in _answers(rows, table, link, level)}
        level = below - held
        held = held | level
    return by_key(table, list(held))


def _answers(
    rows: QuerySet[Any], table: Table, link: Link, keys: set[Any]
) -> Iterator[Any]:
    for some in chunks(keys):
        said = rows.filter(by_key(table, some)).values_list(*link.target_columns)
        own = rows.filter(matching(link.lookups, list(said)), **link.when)
        yield from own.values_list(*table.key)


def _listed_by(
    mapped: Map, link: Link, marks: Sequence[Mark], seen: Sequence[int], times: int
) -> Q | None:
    """Rows whose list contains the person's key."""
    target = mapped.by_id(link.target_id)
    above = rows_of(mapped, target, marks, seen, times=times)
    if above is None:
        return None
    keys = list(mapped.rows(target).filter(above).values_list(*link.target_columns))
    return listed.holds(mapped, link, keys) if keys else Q(pk__in=[])


def _owned_by(
    mapped: Map, link: Link, marks: Sequence[Mark], seen: Sequence[int], times: int
) -> Q | None:
    """What a link makes the person's. The two ends may be of different types; rows of
    another store are identified by their values."""
    there = mapped if link in mapped.links else Map(link.target.store)
    target = there.by_id(link.target_id)
    above = rows_of(there, target, marks, seen, times=times)
    if above is None:
        return None
    owners = there.rows(target).filter(above)
    if len(link.columns) > 1 and there is mapped:
        pairs = zip(link.target_columns, link.lookups, strict=True)
        return Q(Exists(owners.filter(**{own: OuterRef(up) for own, up in pairs})))
    own, up = (ends.text(name) for name in (link.lookups[0], link.target_columns[0]))
    said: Any = owners.annotate(said=up).values("said")
    if there is not mapped:
        said = list(said.values_list("said", flat=True))
    mine = mapped.by_id(link.table_id)
    if ends.are_alike(
        (mapped, mine, link.lookups[0]), (there, target, link.target_columns[0])
    ):
        values = owners.values(link.target_columns[0])
        return Q(**{f"{link.lookups[0]}__in": values if there is mapped else said})
    return Q(In(own, said))
