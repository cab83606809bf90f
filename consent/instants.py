"""Instants as callers write them."""

import datetime as dt

from privacy.refusals import Refusal


class NotAnInstant(Refusal):
    """Write a time as ISO 8601 with its offset: 2026-05-03T14:02Z."""


def instant(text: str) -> dt.datetime:
    try:
        found = dt.datetime.fromisoformat(text.strip())
    except ValueError:
        raise NotAnInstant from None
    if found.tzinfo is None:
        raise NotAnInstant
    return found
