"""Rows that hold an identifier of the person in a column of that kind."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import Q

from privacy import spellings
from privacy.datamap import Map
from privacy.identifiers import Kind, Mark
from privacy.models import Column, Link, Table
from privacy.subjects.rows import Found, Row, values_of

LOOKED_UP = (Kind.PHONE, Kind.EMAIL)


def look_up(found: Found, marks: Sequence[Mark], at: dt.datetime) -> None:
    for table in found.mapped.tables.values():
        for column in identifying(found.mapped, table):
            wanted = [m for m in marks if m.kind == column.identifier]
            if wanted:
                _take(found, table, column, wanted, at)


def identifying(mapped: Map, table: Table) -> list[Column]:
    """The columns by which a row is recognised as about a person."""
    return [
        c
        for c in mapped.columns(table)
        if c.identifier in LOOKED_UP and c.whose != Column.Whose.OTHER
    ]


def _take(
    found: Found,
    table: Table,
    column: Column,
    marks: Sequence[Mark],
    at: dt.datetime,
) -> None:
    texts = [text for mark in marks for text in spellings.written(mark)]
    rows = found.mapped.rows(table).filter(equals(column, texts))
    sort(found, table, column, rows, at)


def equals(column: Column, texts: Sequence[str]) -> Q:
    return Q(**{f"{column.lookup}__in": list(texts)})


def sort(found: Found, table: Table, column: Column, rows: Any, at: Any) -> None:
    """A number that was given up before the request is not the person's (whose history
    may its present holder see?); a row linked to somebody else's row is theirs."""
    gone = column.until
    own = _owner_columns(found.mapped, table) if table.about != "person" else []
    names = [*table.key, *([gone] if gone else []), *own]
    for values in values_of(rows, names):
        key = tuple(values[: len(table.key)])
        row = Row(table, key, f"{column.full_name} is the {column.identifier} given")
        if gone and values[len(table.key)] and values[len(table.key)] <= at:
            found.withheld[(table.pk, key)] = row
        elif not any(value is not None for value in values[len(names) - len(own) :]):
            found.add(row)
        else:
            _by_owner(found, row)


def _owner_columns(mapped: Map, table: Table) -> list[str]:
    return [
        name
        for link in mapped.links_from(table)
        if link.role == Link.Role.SUBJECT
        for name in link.columns
    ]


def _by_owner(found: Found, row: Row) -> None:
    """The row has an owner by its link; `_follow` brings it if the owner is found."""
    row.is_mention = True
    found.add(row)
