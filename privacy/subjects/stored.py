"""Values as columns store them, and back as text: a telephone number may be stored as a
number, with or without a fraction."""

import math
import uuid
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from privacy.datamap.maps import NUMBERS
from privacy.models import Column

DIGITS = 18  # more are in no identifier, and not in every integer


def fitting(column: Column, texts: Sequence[str]) -> Iterator[Any]:
    """What the column cannot hold is left out."""
    for text in texts:
        if column.kind in NUMBERS:
            if text.isascii() and text.isdecimal() and len(text) <= _digits(column):
                yield int(text)
        elif column.kind == "UUIDField":
            if _uuid(text):
                yield _uuid(text)
        else:
            yield text


def _digits(column: Column) -> int:
    """Before the point. A larger number is not in the column."""
    said = column.options
    places = said.get("max_digits", DIGITS) - said.get("decimal_places", 0)
    return int(min(places, DIGITS))


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def text_of(cell: Any) -> str:
    """A whole number without the fraction of its type (12025550143.0)."""
    return str(int(cell) if _is_whole(cell) else cell)


def _is_whole(cell: Any) -> bool:
    if not isinstance(cell, float | Decimal) or not math.isfinite(cell):
        return False
    return abs(cell) < 10**DIGITS and cell == int(cell)
