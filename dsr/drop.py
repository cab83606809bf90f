"""California's deletion platform (Cal. Civ. Code 1798.99.86), which only data brokers
use.

Its lists are fetched every so many days. A number of one person is a request for its
erasure, which the state verified; one that several share opts all of them out of sale,
and erases nobody; one that nobody has here is kept, so that it is not sold later. How
the platform hashes is not known here: whoever runs the portal matches its lists with
the numbers of the stores, and uploads those that match.
"""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.db import transaction

from dsr import intake
from dsr.deadlines import day_of
from dsr.models import DropFetch, Request, Right, Ticket
from privacy import audit, identifiers, objections, people
from privacy.identifiers import Mark
from privacy.models import Objection
from privacy.refusals import Refusal

FILE = Path(__file__).resolve().parent / "rules" / "drop.yaml"
REGIME = "US-CA"
SOURCE = Request.Source.DROP
VERIFIED = "California verified them before it put them on its lists."


class NotABroker(Refusal):
    """Only data brokers use the lists of the deletion platform; set DATA_BROKER if you
    sell data about people with whom you have no direct relationship."""


class FromTheFuture(Refusal):
    """The day they were fetched can't be in the future."""


# --- when ---------------------------------------------------------------------------
@cache
def _rules() -> list[dict[str, Any]]:
    return list(yaml.safe_load(FILE.read_text()))


def rule(on: dt.date) -> dict[str, Any]:
    """The one in force on a day, or the first one there will be."""
    valid = [each for each in _rules() if each["valid_from"] <= on]
    return (valid or _rules())[-1]


def due(*, now: dt.datetime) -> dt.date | None:
    """The last day of the next fetch; None for anyone but a data broker."""
    if not settings.DATA_BROKER:
        return None
    last, said = DropFetch.objects.first(), rule(day_of(now))
    start: dt.date = day_of(last.fetched_at) if last else said["valid_from"]
    return start + dt.timedelta(days=said["days"])


# --- what becomes of a list -----------------------------------------------------------
def take(
    *, marks: Sequence[Mark], fetched_at: dt.datetime, by: str, now: dt.datetime
) -> DropFetch:
    """All of a list or nothing. While its request is open, a number opens no second
    one."""
    if not settings.DATA_BROKER:
        raise NotABroker
    if fetched_at > now:
        raise FromTheFuture
    wanted = list(dict.fromkeys(marks))
    with transaction.atomic():
        became = Counter(_take(mark, fetched_at, by, now) for mark in wanted)
        fetch = DropFetch.objects.create(
            fetched_at=fetched_at,
            numbers=len(wanted),
            alone=became["alone"],
            shared=became["shared"],
            taken_by=by,
            taken_at=now,
        )
        audit.record(
            action="drop.taken",
            subject=f"drop:{fetch.pk}",
            by=by,
            now=now,
            numbers=fetch.numbers,
            alone=fetch.alone,
            shared=fetch.shared,
        )
    return fetch


def _take(mark: Mark, fetched_at: dt.datetime, by: str, now: dt.datetime) -> str:
    row = identifiers.keep(mark, now=now)
    objections.record(
        identifiers=[row],
        use=Objection.Use.SALE,
        because="drop",
        since=fetched_at,
        by=by,
        now=now,
    )
    found = people.of(mark, now=now)
    is_shared = len(found) > 1
    known = Ticket.objects.filter(identifiers=row, request__source=SOURCE)
    if found and not known.filter(closed_at=None).exists():
        told = sorted(set().union(*found) - {mark}, key=lambda each: each.value)
        intake.receive(
            rights=[Right.OPT_OUT_SALE if is_shared else Right.ERASURE],
            regime=REGIME,
            marks=[mark, *told] if is_shared else [mark],
            received_at=fetched_at,
            source=SOURCE,
            by=by,
            now=now,
            known_by="" if is_shared else VERIFIED,
        )
    return ("shared" if is_shared else "alone") if found else "nobody"
