"""Entries given out: whose they are leaves by the disclosure gate alone.

Who suppresses, releases or checks somebody names them; the list and an entry asked for
by its number tell who it is. They go under the contract of the system that asks, like
any list of consent.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from consent.models import Event
from consent.suppressions import pages
from consent.suppressions.entries import NoSuchEntry, entry_of, shown
from consent.telling import CATEGORIES, PURPOSE
from privacy.models import Provider
from privacy.providers import gate
from privacy.refusals import Refusal


class NoRecipient(Refusal):
    """This key is of no recipient of data. Create one with the recipient under whose
    contract the list leaves."""


def get(
    text: str, *, recipient: Provider | None, by: str, now: dt.datetime
) -> dict[str, Any]:
    """One entry by its number, in the contract's words; a disclosure."""
    event = entry_of(text)
    if gate.barred(PURPOSE).filter(pk=event.identifier_id).exists():
        raise NoSuchEntry
    return _given([event], recipient, by, now)[0]


def listed(
    *, recipient: Provider | None, by: str, now: dt.datetime, **options: Any
) -> tuple[pages.Page, list[dict[str, Any]]]:
    """A page (see `pages.page` for its options) and its entries; a disclosure."""
    page = pages.page(**options)
    return page, _given(page.events, recipient, by, now)


def _given(
    events: Sequence[Event], recipient: Provider | None, by: str, now: dt.datetime
) -> list[dict[str, Any]]:
    """The gate's entry is written before anything is opened."""
    if recipient is None:
        raise NoRecipient
    gate.disclose(
        gate.Transfer(recipient.name, PURPOSE, CATEGORIES),
        what="Suppression list",
        reason="The platform asks for its suppressions",
        people=len({event.identifier_id for event in events}),
        by=by,
        now=now,
    )
    return [shown(event) for event in events]
