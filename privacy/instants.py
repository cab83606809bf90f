"""Dates as stores hold them: columns of dates, Unix time in seconds or milliseconds
since 1970 (in tables of PHP and JavaScript mostly), and texts in ISO 8601.

Zero, NULL, and what is no time between 1990 and 2100 is no date: what has no date is
never past it. Of a text only the day counts, which may be a day off without a time zone
or with one: in doubt the row is newer.
"""

import datetime as dt
import re
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, Value
from django.db.models.functions import Left
from django.db.models.lookups import GreaterThanOrEqual, LessThan

from privacy.datamap import Map
from privacy.datamap.maps import DATES
from privacy.models import Column, Table
from privacy.strategies.expressions import Matches

UNIX = {"IntegerField", "BigIntegerField", "FloatField", "DecimalField"}
TEXTS = {"CharField", "TextField"}
FIRST = int(dt.datetime(1990, 1, 1, tzinfo=dt.UTC).timestamp())
LAST = int(dt.datetime(2100, 1, 1, tzinfo=dt.UTC).timestamp())
UNITS = (1, 1000)  # in a second
ISO = r"^(199[0-9]|20[0-9]{2})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])([t ]|$)"
DAY, LENGTH = dt.timedelta(days=1), 10  # characters of a day
LOOKED_AT = 1000  # rows


def is_date(mapped: Map, table: Table, column: Column) -> bool:
    """Whether a rule can count from it. Numbers and texts are looked at: all numbers
    but zero must be times; a day in a text is unmistakable, and one is enough."""
    if column.kind not in UNIX | TEXTS or column.path:
        return column.kind in DATES and not column.path
    name, nothing = column.name, "" if column.kind in TEXTS else 0
    some = mapped.rows(table).exclude(**{name: None}).exclude(**{name: nothing})
    found = list(some.values_list(name, flat=True)[:LOOKED_AT])
    times = [read(value) is not None for value in found]
    return any(times) if column.kind in TEXTS else bool(times) and all(times)


def before(column: Column, instant: Any) -> Q:
    return _compared(column, "lt", instant)


def since(column: Column, instant: Any) -> Q:
    return _compared(column, "gte", instant)


def missing(column: Column) -> Q | None:
    """The rows without a date; None where every row must have one."""
    none = Q(**{f"{column.name}__isnull": True})
    if column.kind in TEXTS:
        return none | ~_is_day(column)
    if column.kind not in UNIX:
        return none if column.nullable else None
    return none | ~Q(*(_within(column, unit) for unit in UNITS), _connector=Q.OR)


def _compared(column: Column, how: str, instant: Any) -> Q:
    name = column.name
    if column.kind in TEXTS:
        past = Value((instant - DAY).date().isoformat())
        day = Left(F(name), LENGTH)
        later = Q(LessThan(day, past) if how == "lt" else GreaterThanOrEqual(day, past))
        return _is_day(column) & later
    if column.kind not in UNIX:
        return Q(**{f"{name}__{how}": instant})
    found = Q()
    for unit in UNITS:
        edge = int(instant.timestamp() * unit)
        found |= _within(column, unit) & Q(**{f"{name}__{how}": edge})
    return found


def _is_day(column: Column) -> Q:
    return Q(Matches(F(column.name), Value(ISO)))


def _within(column: Column, unit: int) -> Q:
    """Numbers that are a time, counted in this unit."""
    name = column.name
    return Q(**{f"{name}__gte": FIRST * unit, f"{name}__lt": LAST * unit})


def read(value: Any) -> dt.date | None:
    """What a cell says; None for what is no time."""
    if isinstance(value, str):
        return _read_text(value)
    if not isinstance(value, int | float | Decimal):
        return value
    for unit in UNITS:
        if FIRST * unit <= value < LAST * unit:
            return dt.datetime.fromtimestamp(float(value) / unit, dt.UTC)
    return None


def _read_text(text: str) -> dt.date | None:
    if not re.match(ISO, text, re.IGNORECASE):
        return None
    try:
        said = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    if len(text) == LENGTH:
        return said.date()
    return said if said.tzinfo else said.replace(tzinfo=dt.UTC)
