"""The lines of the ledger: each number and each key ever given, and from them the
events, each in its own month.

A key is known by its SHA-256. Lines stay when a month is removed, so nothing is
imported twice.
"""

import hashlib
from collections.abc import Iterable
from typing import Any

from consent.models import Event, LedgerLine
from consent.months import RecordEnded
from consent.sql import statements


def event_of(key: str) -> Event | None:
    """The event recorded with that key. Raises `RecordEnded` if its month was
    removed."""
    line = statements.line(_digest(key))
    return numbered(line[0]) if line else None


def numbered(sequence: int) -> Event:
    found = events([sequence]).get(sequence)
    if found is None:
        raise RecordEnded
    return found


def events(sequences: Iterable[int]) -> dict[int, Event]:
    """By number; an event whose month was removed is not among them."""
    wanted = sorted(set(sequences))
    return {event.sequence: event for event in statements.events(wanted)}


def place_of(key: str) -> dict[str, Any]:
    """Number and instant of the event with that key, to filter events by."""
    sequence, recorded_at = statements.line(_digest(key)) or (0, None)
    return {"sequence": sequence, "recorded_at": recorded_at}


def taken(keys: Iterable[str]) -> set[str]:
    """Which of these keys were used."""
    by_digest = {_digest(key): key for key in keys}
    lines = LedgerLine.objects.filter(key__in=list(by_digest))
    found = lines.values_list("key", flat=True)
    return {by_digest[bytes(digest)] for digest in found if digest}


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
