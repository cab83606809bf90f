"""Values as columns store them, and back as text: a telephone number may be stored as a
number, with or without a fraction, and a UUID as sixteen bytes."""

import math
import uuid
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from privacy.datamap.maps import NUMBERS
from privacy.models import Column

UUID_BYTES = 16
DIGITS = 18  # more are in no identifier, and not in every integer


def fitting(column: Column, texts: Sequence[str]) -> Iterator[Any]:
    """What the column cannot hold is left out."""
    for text in texts:
        if column.kind in NUMBERS:
            if text.isascii() and text.isdecimal() and len(text) <= _digits(column):
                yield int(text)
        elif column.kind == "UUIDField":
            if found := _uuid(text):
                yield found
        elif column.kind == "BinaryField":
            yield from [found.bytes] if (found := _uuid(text)) else [text.encode()]
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


def is_same_uuid(text: str, cell: Any) -> bool:
    found = _uuid(text)
    if found and isinstance(cell, bytes | memoryview):
        return found.bytes == bytes(cell)
    return found is not None and found == _uuid(text_of(cell))


def text_of(cell: Any) -> str:
    """A whole number without the fraction of its type (12025550143.0); bytes as the
    UUID, or the text, that they are."""
    if isinstance(cell, bytes | memoryview):
        return _of_bytes(bytes(cell))
    return str(int(cell) if _is_whole(cell) else cell)


def _is_whole(cell: Any) -> bool:
    if not isinstance(cell, float | Decimal) or not math.isfinite(cell):
        return False
    return abs(cell) < 10**DIGITS and cell == int(cell)


def _of_bytes(cell: bytes) -> str:
    try:
        return cell.decode()
    except UnicodeDecodeError:
        is_uuid = len(cell) == UUID_BYTES
        return str(uuid.UUID(bytes=cell)) if is_uuid else cell.hex()
