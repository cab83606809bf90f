"""Where everybody stands, as a file for a named recipient.

It holds numbers in clear: whoever asks says for whom and why, and it is recorded before
the first row is read.
"""

import csv
import datetime as dt
from collections.abc import Callable
from pathlib import Path

from django.db import transaction
from django.db.models import QuerySet

from consent.models import Standing
from consent.transfer.results import CannotWrite
from privacy import audit, identifiers
from privacy.identifiers import AlreadyErased, ReasonNeeded
from privacy.refusals import Refusal

HEAD = ("address", "channel", "organization", "kind", "occurred_at", "renewed_at")
SHORTEST_REASON = 5
CHUNK = 5000
FORMULAS = ("=", "-", "@", "\t")  # what a spreadsheet would compute


class NoRecipient(Refusal):
    """Say who gets the file; it is recorded."""


def export(
    *,
    target: Path,
    recipient: str,
    reason: str,
    by: str,
    now: dt.datetime,
    channel: str = "",
    organization: str | None = None,
    state: str = Standing.State.OPTED_OUT,
    progress: Callable[[int], None] = lambda _: None,
) -> int:
    """How many rows were written. Of erased people nothing is left to write."""
    if not recipient.strip():
        raise NoRecipient
    if len(reason.strip()) < SHORTEST_REASON:
        raise ReasonNeeded
    rows = Standing.objects.filter(state=state, identifier__erased_at=None)
    rows = rows.filter(channel=channel) if channel else rows
    rows = rows if organization is None else rows.filter(organization=organization)
    with transaction.atomic():
        audit.record(
            action="consent.exported",
            subject="list",
            by=by,
            now=now,
            recipient=recipient.strip(),
            reason=reason.strip(),
            channel=channel,
            organization=organization,
            state=state,
            rows=rows.count(),
        )
    try:
        with target.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(HEAD)
            return _write(writer.writerow, rows.order_by("pk"), progress)
    except OSError:
        raise CannotWrite from None


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
    return (row.channel, row.organization, row.state, *times)


def _safe(address: str) -> str:
    return f"'{address}" if address.startswith(FORMULAS) else address
