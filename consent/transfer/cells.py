"""What one cell of a list says: what a person wanted, by which channel, and when."""

import datetime as dt
import re
from email.utils import parsedate_to_datetime
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from consent.transfer.columns import Columns, plain, words

UNIX = re.compile(r"\d{10}(\.\d+)?|\d{13}", re.ASCII)
CLOCK = r"(?:[ ,T]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*([AaPp]\.?[Mm]\.?)?)?"
SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})" + CLOCK, re.ASCII)
DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})" + CLOCK, re.ASCII)
YEAR_FIRST = re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})" + CLOCK, re.ASCII)
# Spreadsheets round long numbers to this; the digits are lost.
ROUNDED = re.compile(r"\d[.,]\d+E\+?\d+", re.ASCII | re.IGNORECASE)
# "Sun, 01 Mar 2026 10:00:00 +0000", and without the day's name (RFC 5322, 3.3).
LETTERS = re.compile(r"(?:[A-Za-z]{3},\s*)?\d{1,2} [A-Za-z]{3} \d{4} \d{1,2}:\d{2}.*")


@lru_cache(1024)
def meaning(text: str) -> str | None:
    """opt_out or opt_in; None for anything else."""
    return _meanings().get(plain(text))


@lru_cache(1024)
def says_yes(text: str) -> bool | None:
    """None for what is neither a yes nor a no."""
    said = plain(text)
    return (
        True
        if said in words()["says_yes"]
        else False
        if said in words()["says_no"]
        else None
    )


@lru_cache(1024)
def dealing(text: str) -> str:
    """purchase or inquiry; empty for anything else."""
    return _dealings().get(plain(text), "")


@lru_cache(1024)
def channel(text: str) -> str:
    """Empty for what is not a channel."""
    return _channels().get(plain(text), "")


def is_blocked(code: str, columns: Columns) -> bool:
    """Whether the carrier refuses this person's messages since they opted out."""
    return any(
        rule.get("column", columns.error) == columns.error
        and ("beside" not in rule or rule["beside"] in columns.names)
        for rule in _codes().get(code, ())
    )


@cache
def _meanings() -> dict[str, str]:
    return {w: kind for kind, each in words()["meanings"].items() for w in each}


@cache
def _dealings() -> dict[str, str]:
    return {w: kind for kind, each in words()["dealings"].items() for w in each}


@cache
def _channels() -> dict[str, str]:
    return {w: name for name, each in words()["channels"].items() for w in each}


@cache
def _codes() -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = {}
    for rule in words()["blocked"]:
        found.setdefault(str(rule["code"]), []).append(rule)
    return found


def moment(
    text: str, zone: str = "UTC", *, day_first: bool = False
) -> dt.datetime | None:
    """ISO 8601, seconds or milliseconds since 1970, RFC 5322, year first, a day first
    with dots, or with slashes the month first (unless told otherwise). A time without a
    zone is in the given one. None for anything else, such as years of two digits."""
    try:
        return _moment(text, zone, day_first)
    except (ValueError, OverflowError, OSError):
        return None


def _moment(text: str, zone: str, day_first: bool) -> dt.datetime | None:
    if UNIX.fullmatch(text):
        seconds = float(text) / (1000 if len(text) == 13 and "." not in text else 1)
        return dt.datetime.fromtimestamp(seconds, dt.UTC)
    said = None if text[4:5] == "-" else _numbers(text, zone, day_first)
    if said is None and LETTERS.fullmatch(text):
        said = parsedate_to_datetime(text)
    if said is None:
        said = dt.datetime.fromisoformat(text.removesuffix(" UTC"))
        if text.endswith(" UTC"):
            said = said.replace(tzinfo=dt.UTC)
    if said.tzinfo is None:
        said = said.replace(tzinfo=ZoneInfo(zone))
    return said.astimezone(dt.UTC)


def _numbers(text: str, zone: str, day_first: bool) -> dt.datetime | None:
    """By the order of year, month and day; a time of day may follow."""
    for shape, order in (
        (SLASHED, (2, 1, 0) if day_first else (2, 0, 1)),
        (DOTTED, (2, 1, 0)),
        (YEAR_FIRST, (0, 1, 2)),
    ):
        if found := shape.fullmatch(text):
            parts = found.groups()
            year, month, day = (int(parts[place]) for place in order)
            hour, minute, second = (int(each or 0) for each in parts[3:6])
            if parts[6]:
                hour = hour % 12 + (12 if parts[6][0] in "pP" else 0)
            clock = dt.time(hour, minute, second, tzinfo=ZoneInfo(zone))
            return dt.datetime.combine(dt.date(year, month, day), clock)
    return None
