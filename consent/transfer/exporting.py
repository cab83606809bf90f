"""Where everybody stands, as a file for a recipient whose contract covers it.

It holds numbers in clear, so the disclosure gate is asked, and its entry is written
before the first row is read.
"""

import csv
import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from django.db import transaction
from django.db.models import QuerySet

from consent import scopes
from consent.models import Standing
from consent.telling import CATEGORIES
from consent.transfer.results import CannotWrite
from privacy import audit, identifiers
from privacy.identifiers import AlreadyErased
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
FORMULAS = ("=", "-", "@", "\t")  # what a spreadsheet would compute


class OnlyToComply(Refusal):
    """Who said stop is told to others so that they stop too, and for nothing else: give
    the list for the purpose compliance."""


class Ground(NamedTuple):
    """A recipient of the list with a contract, or a legal process in its place."""

    recipient: str = ""
    purpose: str = "compliance"
    process: str = ""


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
    """How many rows were written. Of erased people nothing is left to write; those who
    forbade the purpose are left out. Raises `OnlyToComply` for opt-outs."""
    if state == Standing.State.OPTED_OUT and ground.purpose not in TO_COMPLY:
        raise OnlyToComply
    rows = _rows(ground.purpose, channel, organization, state)
    with transaction.atomic():
        count = rows.count()
        entry = gate.disclose(
            gate.Transfer(fields=CATEGORIES, **ground._asdict()),
            what="List of consent",
            reason=reason,
            people=count,
            by=by,
            now=now,
        )
        audit.record(
            action="consent.exported",
            subject="list",
            by=by,
            now=now,
            disclosure=entry.pk,
            channel=channel,
            organization=organization,
            state=state,
            rows=count,
        )
    return _written(target, rows, progress)


def _written(
    target: Path, rows: QuerySet[Standing], progress: Callable[[int], None]
) -> int:
    try:
        with target.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(HEAD)
            return _write(writer.writerow, rows.order_by("pk"), progress)
    except OSError:
        raise CannotWrite from None


def _rows(
    purpose: str, channel: str, organization: str | None, state: str
) -> QuerySet[Standing]:
    rows = Standing.objects.filter(state=state, identifier__erased_at=None)
    rows = rows.exclude(part=scopes.EXEMPTED)  # says nothing that the whole does not
    if state != Standing.State.OPTED_OUT:  # consent to a part is none to the whole
        rows = rows.filter(part=scopes.WHOLE)
    rows = rows.exclude(identifier__in=gate.barred(purpose))
    rows = rows.filter(channel=channel) if channel else rows
    return rows if organization is None else rows.filter(organization=organization)


def _write(
    write: Callable[[tuple[str, ...]], object],
    rows: QuerySet[Standing],
    progress: Callable[[int], None],
) -> int:
    written = 0
    for row in rows.select_related("identifier").iterator(chunk_size=CHUNK):
        try:
            address = identifiers.value(row.identifier).value
        except AlreadyErased:
            continue  # erased while we read
        write((_safe(address), *_facts(row)))
        written += 1
        if written % CHUNK == 0:
            progress(written)
    return written


def _facts(row: Standing) -> tuple[str, ...]:
    times = (row.since.isoformat(), row.renewed_at.isoformat())
    return (row.channel, row.organization, row.state, *times, row.part)


def _safe(address: str) -> str:
    return f"'{address}" if address.startswith(FORMULAS) else address
