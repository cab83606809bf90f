"""Dates as stores hold them: columns of dates, Unix time in seconds or milliseconds
since 1970 (in tables of PHP and JavaScript mostly), and texts: ISO 8601, also with
slashes, days like 28.11.2026, and Unix time written in digits.

Zero, NULL, and what is no time between 1990 and 2100 is no date: what has no date is
never past it. 11/28/2026 is none, because in 05/03/2026 nobody knows which is the
month. Of a day in a text only the day counts, which may be a day off without a time
zone or with one: in doubt the row is newer.
"""

import contextlib
import datetime as dt
import re
from decimal import Decimal
from typing import Any

from django.db.models import Case, CharField, F, Q, Value, When
from django.db.models.functions import Concat, Left, Replace, Substr
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
YEAR, MONTH = "(199[0-9]|20[0-9]{2})", "(0[1-9]|1[0-2])"
DATE, END = "(0[1-9]|[12][0-9]|3[01])", "([t ,]|$)"
ISO = f"^{YEAR}-{MONTH}-{DATE}{END}"
SLASHED = f"^{YEAR}/{MONTH}/{DATE}{END}"
DOTTED = f"^{DATE}[.]{MONTH}[.]{YEAR}{END}"
DIGITS = {1: 10, 1000: 13}  # of a time since September 2001, by unit
DAY, LENGTH = dt.timedelta(days=1), 10  # characters of a day
LOOKED_AT = 1000  # rows


def is_date(mapped: Map, table: Table, column: Column) -> bool:
    """Whether a rule can count from it. Numbers and texts are looked at: all numbers
    but zero must be times; a day in a text is unmistakable, and one is enough. Texts of
    digits are numbers."""
    if column.kind not in UNIX | TEXTS or column.path:
        return column.kind in DATES and not column.path
    name, nothing = column.name, "" if column.kind in TEXTS else 0
    some = mapped.rows(table).exclude(**{name: None}).exclude(**{name: nothing})
    found = list(some.values_list(name, flat=True)[:LOOKED_AT])
    times = [value for value in found if read(value) is not None]
    is_clear = column.kind in TEXTS and not all(map(str.isdecimal, times))
    return is_clear or (bool(times) and len(times) == len(found))


def before(column: Column, instant: Any) -> Q:
    return _compared(column, "lt", instant)


def since(column: Column, instant: Any) -> Q:
    return _compared(column, "gte", instant)


def missing(column: Column) -> Q | None:
    """The rows without a date; None where every row must have one."""
    none = Q(**{f"{column.name}__isnull": True})
    if column.kind in TEXTS:
        return none | ~(_is_day(column) | _is_written_unix(column))
    if column.kind not in UNIX:
        return none if column.nullable else None
    return none | ~Q(*(_within(column, unit) for unit in UNITS), _connector=Q.OR)


def _compared(column: Column, how: str, instant: Any) -> Q:
    name = column.name
    if column.kind in TEXTS:
        return _text_compared(column, how, instant)
    if column.kind not in UNIX:
        return Q(**{f"{name}__{how}": instant})
    found = Q()
    for unit in UNITS:
        edge = int(instant.timestamp() * unit)
        found |= _within(column, unit) & Q(**{f"{name}__{how}": edge})
    return found


def _text_compared(column: Column, how: str, instant: Any) -> Q:
    past = Value((instant - DAY).date().isoformat())
    compare = LessThan if how == "lt" else GreaterThanOrEqual
    found = _is_day(column) & Q(compare(_day(column), past))
    for unit, length in DIGITS.items():
        edge = str(int(instant.timestamp() * unit)).zfill(length)
        digits = _is_written_unix(column, unit)
        found |= digits & Q(**{f"{column.name}__{how}": edge})
    return found


def ordered(column: Column) -> Any:
    """The column, so that earlier dates come first."""
    return _day(column) if column.kind in TEXTS else F(column.name)


def _day(column: Column) -> Case:
    """The day in a text as ISO 8601 has it; any other text as it is."""
    day = Left(F(column.name), LENGTH)
    slashed = Replace(day, Value("/"), Value("-"))
    date, month, year = (
        Substr(F(column.name), first, many) for first, many in ((1, 2), (4, 2), (7, 4))
    )
    dotted = Concat(year, Value("-"), month, Value("-"), date)
    return Case(
        When(_says(column, ISO), then=day),
        When(_says(column, SLASHED), then=slashed),
        When(_says(column, DOTTED), then=dotted),
        default=F(column.name),
        output_field=CharField(),
    )


def _is_day(column: Column) -> Q:
    return _says(column, ISO) | _says(column, SLASHED) | _says(column, DOTTED)


def _is_written_unix(column: Column, *units: int) -> Q:
    """Digits compare as text where all have the same length."""
    found = Q()
    for unit in units or UNITS:
        is_number = _says(column, f"^[0-9]{{{DIGITS[unit]}}}$")
        found |= is_number & Q(**{f"{column.name}__lt": str(LAST * unit)})
    return found


def _says(column: Column, pattern: str) -> Q:
    return Q(Matches(F(column.name), Value(pattern)))


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
    if text.isdecimal():
        return read(int(text)) if len(text) in DIGITS.values() else None
    if re.match(DOTTED, text, re.IGNORECASE):
        text = f"{text[6:10]}-{text[3:5]}-{text[:2]}{text[LENGTH:]}"
    elif re.match(SLASHED, text, re.IGNORECASE):
        text = text[:LENGTH].replace("/", "-") + text[LENGTH:]
    if not re.match(ISO, text, re.IGNORECASE):
        return None
    return _read_iso(text)


def _read_iso(text: str) -> dt.date | None:
    """A time that is written in another way than ISO 8601 leaves the day."""
    for part in (text, text[:LENGTH]):
        with contextlib.suppress(ValueError):
            said = dt.datetime.fromisoformat(part)
            if len(part) == LENGTH:
                return said.date()
            return said if said.tzinfo else said.replace(tzinfo=dt.UTC)
    return None
