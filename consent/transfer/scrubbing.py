"""Scrubs a list: whoever is left may be contacted.

The rows go out as they came in, with their header, in UTF-8. Nothing of the list is
stored.
"""

import contextlib
import csv
import datetime as dt
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import transaction

from consent import check, marks
from consent.models import Channel, Program
from consent.transfer import files, importing
from consent.transfer.columns import Columns, Kind
from consent.transfer.results import CannotWrite
from privacy import audit
from privacy.identifiers import Mark

CHUNK = 20_000  # people in one statement
NOT_AN_ADDRESS = "not_an_address"  # or none of that channel
Counts = Counter[str]
Rows = list[tuple[int, list[str]]]


def scrub(
    *,
    source: Path,
    target: Path,
    channel: str,
    by: str,
    now: dt.datetime,
    organization: str = "",
    purpose: str = Program.Purpose.SERVICE,
    removed: Path | None = None,
    declared: str = "",
    progress: Callable[[int], None] = lambda _: None,
) -> Counts:
    """How many rows came out for each reason; the kept ones are opted_in and
    no_consent_needed. `removed` receives the others, each with its row number and
    reason.

    For marketing, people who never consented are removed too; otherwise only those who
    said stop.
    """
    terms = {"channel": channel, "organization": organization, "purpose": purpose}
    columns = importing.columns_of(source, declared)
    above = [row for _, row in islice(files.rows(source), columns.start)]
    written = files.delimiter_of(source)
    counts: Counts = Counter()
    with _writing(target, written) as kept, _writing(removed) as others:
        kept.writerows(above)
        others.writerow(("row", "reason"))
        todo = importing.data(source, columns)
        while chunk := list(islice(todo, CHUNK)):
            reasons = _reasons(chunk, columns, terms, now)
            counts.update(reason for reason, _ in reasons)
            _write(chunk, reasons, kept, others)
            progress(counts.total())
    _record(counts, terms, by=by, now=now)
    return counts


def _reasons(
    chunk: Rows, columns: Columns, terms: dict[str, str], now: dt.datetime
) -> list[tuple[str, bool]]:
    """Each row's reason, and whether the row is kept."""
    found = [(NOT_AN_ADDRESS, False)] * len(chunk)
    wanted = Kind.EMAIL if terms["channel"] == Channel.EMAIL else Kind.PHONE
    places: list[int] = []
    people: list[Mark] = []
    for place, (_, row) in enumerate(chunk):
        kind, text = columns.address(row, wanted)
        value = marks.read(kind, text) if kind == wanted else None
        if value:
            places.append(place)
            people.append(Mark(kind, value))
    verdicts = check.may_contact_each(people, now=now, **terms)
    for place, verdict in zip(places, verdicts, strict=True):
        found[place] = verdict.reason, verdict.allowed
    return found


def _write(
    chunk: Rows, reasons: Sequence[tuple[str, bool]], kept: Any, others: Any
) -> None:
    pairs = list(zip(chunk, reasons, strict=True))
    kept.writerows(row for (_, row), (_, is_kept) in pairs if is_kept)
    others.writerows(
        (number, reason) for (number, _), (reason, is_kept) in pairs if not is_kept
    )


@contextlib.contextmanager
def _writing(path: Path | None, delimiter: str = ",") -> Iterator[Any]:
    """A CSV writer; writes nowhere without a path."""
    try:
        with (path or Path(os.devnull)).open("w", newline="", encoding="utf-8") as file:
            yield csv.writer(file, delimiter=delimiter, lineterminator="\n")
    except OSError:
        raise CannotWrite from None


def _record(
    counts: Counts, terms: dict[str, str], *, by: str, now: dt.datetime
) -> None:
    with transaction.atomic():
        audit.record(
            action="consent.scrubbed",
            subject="list",
            by=by,
            now=now,
            counts=dict(counts),
            **terms,
        )
