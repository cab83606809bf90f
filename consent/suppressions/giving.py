"""Discloses entries: to the platform itself, or through the disclosure gate.

Whoever suppresses, releases or checks a recipient names them; the list, and an entry
asked for by its number, reveal who it is. The platform's own system, whose key belongs
to no recipient, is given all of them: a recipient left out would be written to (47 CFR
64.1200(a)(10)); the audit trail records that it asked. Others get them under their
contract, like any list of consent.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from consent.suppressions import pages
from consent.suppressions.entries import NoSuchEntry
from consent.telling import CATEGORIES, PURPOSE
from privacy import audit
from privacy.models import Identifier, Provider
from privacy.providers import gate

READ = "suppressions.read"


def get(
    text: str, *, recipient: Provider | None, by: str, now: dt.datetime
) -> dict[str, Any]:
    """One entry by its number, in the contract's format."""
    entry = pages.entry(text, now)
    if _barred(recipient).filter(pk=entry.row.identifier_id).exists():
        raise NoSuchEntry
    return _given([entry], recipient, by, now)[0]


def listed(
    *, recipient: Provider | None, by: str, now: dt.datetime, **options: Any
) -> tuple[pages.Page, list[dict[str, Any]]]:
    """A page (see `pages.page` for its options) and its entries."""
    page = pages.page(without=_barred(recipient), now=now, **options)
    return page, _given(page.entries, recipient, by, now)


def _barred(recipient: Provider | None) -> QuerySet[Identifier]:
    """People about whom this recipient is told nothing."""
    return gate.barred(PURPOSE) if recipient else Identifier.objects.none()


def _given(
    entries: Sequence[pages.Entry],
    recipient: Provider | None,
    by: str,
    now: dt.datetime,
) -> list[dict[str, Any]]:
    """The disclosure is recorded before anything is opened."""
    people = len({entry.row.identifier_id for entry in entries})
    if recipient is None:
        audit.record(action=READ, subject="suppressions", by=by, now=now, people=people)
    else:
        gate.disclose(
            gate.Transfer(recipient.name, PURPOSE, CATEGORIES),
            what="Suppression list",
            reason="The recipient asks for its suppressions",
            people=people,
            by=by,
            now=now,
        )
    return [entry.source.shown(entry.row) for entry in entries]
