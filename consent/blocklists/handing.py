"""Exports whom a carrier should block, as a file, through the disclosure gate."""

import csv
import datetime as dt
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from django.db import transaction

from consent import telling, transfer
from consent.blocklists.comparing import Difference, missing, values_of
from consent.models import BlockList
from consent.sql import blocklists
from consent.transfer.results import CannotWrite
from privacy import audit, identifiers, spreadsheets
from privacy.identifiers import AlreadyErased
from privacy.models import Identifier
from privacy.providers import gate

BATCH = 5000
HEAD = ("phone", "organization", "opted_out_at")
Rows = list[tuple[str, str, str]]


def push(
    *,
    found: BlockList,
    target: Path,
    ground: transfer.Ground,
    reason: str,
    by: str,
    now: dt.datetime,
) -> int:
    """Writes whom the carrier should block; returns how many. The gate's record comes
    first."""
    _let_go(found, ground, reason, by, now)
    written = 0
    try:
        with target.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(HEAD)
            for rows in _rows(found):
                writer.writerows(rows)
                written += len(rows)
    except OSError:
        raise CannotWrite from None
    return written


def pieces(
    *, found: BlockList, ground: transfer.Ground, reason: str, by: str, now: dt.datetime
) -> Iterator[str]:
    """The same file, piece by piece."""
    _let_go(found, ground, reason, by, now)
    return _pieces(found)


def _pieces(found: BlockList) -> Iterator[str]:
    yield _text([HEAD])
    yield from map(_text, _rows(found))


def _text(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _let_go(
    found: BlockList, ground: transfer.Ground, reason: str, by: str, now: dt.datetime
) -> None:
    with transaction.atomic():
        people = blocklists.counts(values_of(found.taken, found.carrier))[1]
        entry = gate.disclose(
            gate.Transfer(fields=telling.CATEGORIES, **ground._asdict()),
            what=f"Opt-outs that {found.carrier} is to block",
            reason=reason,
            people=people,
            by=by,
            now=now,
        )
        audit.record(
            action="blocklist.pushed",
            subject=f"blocklist:{found.pk}",
            by=by,
            now=now,
            disclosure=entry.pk,
            rows=people,
        )


def _rows(found: BlockList) -> Iterator[Rows]:
    """Some thousand at once: a list of millions is never in memory."""
    after = 0
    while batch := missing(found, most=BATCH, after=after):
        yield list(_lines(batch))
        after = batch[-1].identifier


def _lines(batch: Sequence[Difference]) -> Iterator[tuple[str, str, str]]:
    known = Identifier.objects.in_bulk([each.identifier for each in batch])
    for each in batch:
        try:
            value = identifiers.value(known[each.identifier]).value
        except AlreadyErased:
            continue
        organization = spreadsheets.cell(each.organization)
        yield spreadsheets.cell(value), organization, each.since.isoformat()
