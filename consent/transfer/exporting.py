"""Where everyone stands, as a file for a recipient whose contract covers it.

It contains numbers in clear, so the disclosure gate is asked, and the disclosure is
recorded before the first row is read.
"""

import csv
import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from django.db import transaction
from django.db.models import QuerySet

from consent import scopes
from consent.models import Standing
from consent.telling import CATEGORIES
from consent.transfer.results import CannotWrite
from privacy import audit, identifiers, spreadsheets
from privacy.identifiers import AlreadyErased
from privacy.models import Disclosure
from privacy.providers import gate
from privacy.refusals import Refusal

HEAD = (
    "address",
    "channel",
    "organization",
    "kind",
    "occurred_at",
    "renewed_at",
    "part",
)
# What opt-outs may be used for (47 CFR 64.1200(c)(2); 4 CCR 904-3 R. 6.11(F)).
TO_COMPLY = ("compliance", "legal", "protect")
CHUNK = 5000


class OnlyToComply(Refusal):
    """Opt-outs are shared with others only so that they stop too: export the list for
    the purpose compliance."""


class Ground(NamedTuple):
    """A recipient of the list with a contract, or a legal process in its place."""

    recipient: str = ""
    purpose: str = "compliance"
    process: str = ""


class Which(NamedTuple):
    """Which people: every channel and every sender unless given."""

    state: str = Standing.State.OPTED_OUT
    channel: str = ""
    organization: str | None = None


class Page(NamedTuple):
    """`after` is what to ask the next page with; None after the last."""

    rows: list[dict[str, str]]
    after: int | None


def export(
    *,
    target: Path,
    ground: Ground,
    reason: str,
    by: str,
    now: dt.datetime,
    channel: str = "",
    organization: str | None = None,
    state: str = Standing.State.OPTED_OUT,
    progress: Callable[[int], None] = lambda _: None,
) -> int:
    """Returns how many rows were written. Erased people have nothing left to write;
    those who forbade the purpose are left out. Raises `OnlyToComply` for opt-outs,
    before anything leaves."""
    which = Which(state, channel, organization)
    let_go(ground, which, reason=reason, by=by, now=now)
    return _written(target, _rows(ground.purpose, which), progress)


def page(
    *,
    ground: Ground,
    which: Which,
    reason: str,
    by: str,
    now: dt.datetime,
    after: int = 0,
) -> Page:
    """The next rows, with the names of the file's columns; each page is a
    disclosure."""
    with transaction.atomic():
        found = rows_after(ground.purpose, which, after)
        _let_go(ground, which, reason=reason, people=len(found), by=by, now=now)
    told = [dict(zip(HEAD, line, strict=True)) for line in lines(found)]
    return Page(told, found[-1].pk if len(found) == CHUNK else None)


def rows_after(purpose: str, which: Which, after: int) -> list[Standing]:
    """The next rows of the list, in the order of their keys."""
    rows = _rows(purpose, which).filter(pk__gt=after).order_by("pk")
    return list(rows.select_related("identifier")[:CHUNK])


# --- past the gate, whose entry comes before the first row; or not at all -----------
def refuse(ground: Ground, which: Which, *, reason: str, now: dt.datetime) -> None:
    """Raises what the gate would raise."""
    if which.state == Standing.State.OPTED_OUT and ground.purpose not in TO_COMPLY:
        raise OnlyToComply
    gate.refuse(_transfer(ground), reason=reason, now=now)


def let_go(
    ground: Ground, which: Which, *, reason: str, by: str, now: dt.datetime
) -> Disclosure:
    """Records the disclosure of the whole list."""
    with transaction.atomic():
        count = _rows(ground.purpose, which).count()
        return _let_go(ground, which, reason=reason, people=count, by=by, now=now)


def _transfer(ground: Ground) -> gate.Transfer:
    return gate.Transfer(fields=CATEGORIES, **ground._asdict())


def _let_go(
    ground: Ground, which: Which, *, reason: str, people: int, by: str, now: dt.datetime
) -> Disclosure:
    refuse(ground, which, reason=reason, now=now)
    entry = gate.disclose(
        _transfer(ground),
        what="List of consent",
        reason=reason,
        people=people,
        by=by,
        now=now,
    )
    audit.record(
        action="consent.exported",
        subject="list",
        by=by,
        now=now,
        disclosure=entry.pk,
        rows=people,
        **which._asdict(),
    )
    return entry


def _written(
    target: Path, rows: QuerySet[Standing], progress: Callable[[int], None]
) -> int:
    found = rows.order_by("pk").select_related("identifier")
    written = 0
    try:
        with target.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(HEAD)
            for line in lines(found.iterator(chunk_size=CHUNK)):
                writer.writerow(line)
                written += 1
                if written % CHUNK == 0:
                    progress(written)
    except OSError:
        raise CannotWrite from None
    return written


def lines(rows: Iterable[Standing]) -> Iterator[tuple[str, ...]]:
    for row in rows:
        try:
            address = identifiers.value(row.identifier).value
        except AlreadyErased:
            continue  # erased while we read
        yield spreadsheets.cell(address), *map(spreadsheets.cell, _facts(row))


def _rows(purpose: str, which: Which) -> QuerySet[Standing]:
    rows = Standing.objects.filter(state=which.state, identifier__erased_at=None)
    rows = rows.exclude(part=scopes.EXEMPTED)  # says nothing that the whole does not
    if which.state != Standing.State.OPTED_OUT:  # consent to a part is not to all
        rows = rows.filter(part=scopes.WHOLE)
    rows = rows.exclude(identifier__in=gate.barred(purpose))
    rows = rows.filter(channel=which.channel) if which.channel else rows
    if which.organization is None:
        return rows
    return rows.filter(organization=which.organization)


def _facts(row: Standing) -> tuple[str, ...]:
    times = (row.since.isoformat(), row.renewed_at.isoformat())
    return (row.channel, row.organization, row.state, *times, row.part)
