"""Instants as callers write them."""

import datetime as dt

from privacy.refusals import Refusal


class NotAnInstant(Refusal):
    """Write a time as ISO 8601 with its offset: 2026-05-03T14:02Z."""


def instant(text: str) -> dt.datetime:
    try:
        found = dt.datetime.fromisoformat(text.strip())
        if found.tzinfo is not None:
            return found.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        pass
    raise NotAnInstant
