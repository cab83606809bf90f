"""Dates as stores hold them: columns of dates, or Unix time in whole seconds or
milliseconds since 1970 (in tables of PHP and JavaScript mostly).

Zero, NULL, and numbers that are no time between 1990 and 2100 are no date: what has no
date is never past it.
"""

import datetime as dt
from typing import Any

from django.db.models import Q

from privacy.datamap import Map
from privacy.datamap.maps import DATES
from privacy.models import Column, Table

UNIX = {"IntegerField", "BigIntegerField"}
FIRST = int(dt.datetime(1990, 1, 1, tzinfo=dt.UTC).timestamp())
LAST = int(dt.datetime(2100, 1, 1, tzinfo=dt.UTC).timestamp())
UNITS = (1, 1000)  # in a second
LOOKED_AT = 1000  # rows


def is_date(mapped: Map, table: Table, column: Column) -> bool:
    """Whether a rule can count from it. Numbers are looked at: all that are not zero
    must be times."""
    if column.kind not in UNIX or column.path:
        return column.kind in DATES and not column.path
    name = column.name
    some = mapped.rows(table).exclude(**{name: None}).exclude(**{name: 0})
    found = list(some.values_list(name, flat=True)[:LOOKED_AT])
    return bool(found) and all(read(value) is not None for value in found)


def before(column: Column, instant: Any) -> Q:
    return _compared(column, "lt", instant)


def since(column: Column, instant: Any) -> Q:
    return _compared(column, "gte", instant)


def missing(column: Column) -> Q | None:
    """The rows without a date; None where every row must have one."""
    none = Q(**{f"{column.name}__isnull": True})
    if column.kind not in UNIX:
        return none if column.nullable else None
    return none | ~Q(*(_within(column, unit) for unit in UNITS), _connector=Q.OR)


def _compared(column: Column, how: str, instant: Any) -> Q:
    name = column.name
    if column.kind not in UNIX:
        return Q(**{f"{name}__{how}": instant})
    found = Q()
    for unit in UNITS:
        edge = int(instant.timestamp() * unit)
        found |= _within(column, unit) & Q(**{f"{name}__{how}": edge})
    return found


def _within(column: Column, unit: int) -> Q:
    """Numbers that are a time, counted in this unit."""
    name = column.name
    return Q(**{f"{name}__gte": FIRST * unit, f"{name}__lt": LAST * unit})


def read(value: Any) -> dt.date | None:
    """What a cell says; None for a number that is no time."""
    if not isinstance(value, int):
        return value
    for unit in UNITS:
        if FIRST * unit <= value < LAST * unit:
            return dt.datetime.fromtimestamp(value / unit, dt.UTC)
    return None
