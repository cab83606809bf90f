"""Times as callers, carriers and logs write them."""

import datetime as dt
from typing import Any

from privacy.refusals import Refusal

# No consent is older than the law that asks for it: the TCPA, 47 U.S.C. 227.
FIRST_DAY = dt.datetime(1991, 12, 20, tzinfo=dt.UTC)
LEEWAY = dt.timedelta(minutes=5)  # by which two clocks differ
LONGEST_RETRY = dt.timedelta(days=1)  # no carrier brings a message for longer


class FromTheFuture(Refusal):
    """That time is in the future; say when the person told us."""


class BeforeAnybodyAsked(Refusal):
    """That time is before 20 December 1991, when the law first required consent; say
    when the person told us."""


class NotAnInstant(Refusal):
    """Write a time as ISO 8601 with its offset: 2026-05-03T14:02Z."""


def happened(at: dt.datetime, *, now: dt.datetime) -> dt.datetime:
    """When it happened, if that is possible; a time slightly ahead of our clock counts
    as now."""
    if at > now + LEEWAY:
        raise FromTheFuture
    if at < FIRST_DAY:
        raise BeforeAnybodyAsked
    return min(at, now)


def written(at: dt.datetime | None, *, is_stop: bool, now: dt.datetime) -> dt.datetime:
    """When the person wrote the message that a carrier delivers, so that a late one
    counts in its own order; now, where the carrier gives no plausible time. A STOP is
    never believed to be older than carriers retry: counted as now, it wins."""
    first = now - LONGEST_RETRY if is_stop else FIRST_DAY
    return at if at and first <= at < now else now


def instant(text: str) -> dt.datetime:
    try:
        found = dt.datetime.fromisoformat(text.strip())
        if found.tzinfo is not None:
            return found.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        pass
    raise NotAnInstant


def is_after(sent: dt.datetime, told: dt.datetime) -> bool:
    """Where one of the two is kept only to the second, their order within it is
    unknown; a message of that second was under way."""
    if not sent.microsecond or not told.microsecond:
        return sent.replace(microsecond=0) > told.replace(microsecond=0)
    return sent > told


def instant_of(value: Any) -> dt.datetime | None:
    """A log without time zones is read as UTC; a date as its beginning."""
    if isinstance(value, dt.datetime):
        return value if value.tzinfo else value.replace(tzinfo=dt.UTC)
    if isinstance(value, dt.date):
        return dt.datetime.combine(value, dt.time(), dt.UTC)
    return None
