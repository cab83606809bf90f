"""Scrubs a list: whoever is left may be contacted.

The rows go out as they came in, with their header, in UTF-8. Nothing of the list is
stored. How far it came stands beside the target until it is done: whoever was stopped
starts the same again and goes on there.
"""

import contextlib
import csv
import datetime as dt
import hashlib
import json
import os
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any, NamedTuple

from django.db import transaction

from consent import check, marks
from consent.models import Channel, Program
from consent.transfer import files, importing
from consent.transfer.columns import Columns, Kind
from consent.transfer.results import CannotWrite
from privacy import audit
from privacy.identifiers import Mark

CHUNK = 20_000  # people in one statement
LONGEST = dt.timedelta(hours=1)  # between the first row and the last
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
    purpose: str = Program.Purpose.MARKETING,
    removed: Path | None = None,
    declared: str = "",
    progress: Callable[[int], None] = lambda _: None,
) -> Counts:
    """How many rows came out for each reason; the kept ones are opted_in and
    no_consent_needed. `removed` receives the others, each with its row number and
    reason.

    For marketing, people who never consented, are on a do-not-call list or wait for
    review are removed too; for service messages only those who said stop.
    """
    terms = {"channel": channel, "organization": organization, "purpose": purpose}
    columns = importing.columns_of(source, declared)
    place = Place.of(source, target, removed, terms | {"columns": declared}, now)
    counts, todo = place.counts, importing.data(source, columns)
    written = files.delimiter_of(source)
    with place.opened(written) as (kept, others):
        if not counts:
            above = islice(files.rows(source), columns.start)
            kept.writer.writerows(row for _, row in above)
            others.writer.writerow(("row", "reason"))
        deque(islice(todo, counts.total()), maxlen=0)  # done before
        while chunk := list(islice(todo, CHUNK)):
            reasons = _reasons(chunk, columns, terms, now)
            counts.update(reason for reason, _ in reasons)
            _write(chunk, reasons, kept.writer, others.writer)
            place.keep(kept, others)
            progress(counts.total())
    _record(counts, terms, by=by, now=now)
    place.path.unlink(missing_ok=True)
    return counts


# --- how far it came ----------------------------------------------------------------
class Output(NamedTuple):
    file: IO[str]
    writer: Any

    def length(self) -> int:
        self.file.flush()
        return self.file.tell()


@dataclass
class Place:
    """Which question it is an answer to, how many rows of the list are done, and how
    long the files were then. What was written after that is cut off and done again."""

    path: Path
    target: Path
    removed: Path
    question: str
    began_at: dt.datetime
    counts: Counts
    lengths: tuple[int, int] = (0, 0)

    @classmethod
    def of(
        cls,
        source: Path,
        target: Path,
        removed: Path | None,
        terms: dict[str, str],
        now: dt.datetime,
    ) -> "Place":
        """Where the same question about the same list was stopped; else the beginning,
        as after an hour: people may have said stop since."""
        path = target.with_name(f"{target.name}.progress")
        removed = removed or Path(os.devnull)
        with source.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        asked = terms | {"list": digest, "removed": str(removed)}
        question = hashlib.sha256(json.dumps(asked).encode()).hexdigest()
        place = cls(path, target, removed, question, now, Counter())
        with contextlib.suppress(OSError, ValueError, KeyError):
            place._go_on(json.loads(path.read_text()), now)
        return place

    def _go_on(self, said: dict[str, Any], now: dt.datetime) -> None:
        began = dt.datetime.fromisoformat(said["began_at"])
        files = zip((self.target, self.removed), said["lengths"], strict=True)
        whole = all(path.stat().st_size >= length for path, length in files)
        if said["question"] == self.question and whole and now - began < LONGEST:
            self.began_at, self.counts = began, Counter(said["counts"])
            self.lengths = said["lengths"]

    @contextlib.contextmanager
    def opened(self, delimiter: str) -> Iterator[tuple[Output, Output]]:
        try:
            with (
                _writing(self.target, self.lengths[0], delimiter) as kept,
                _writing(self.removed, self.lengths[1]) as others,
            ):
                yield kept, others
        except OSError:
            raise CannotWrite from None

    def keep(self, kept: Output, others: Output) -> None:
        said = {
            "question": self.question,
            "began_at": self.began_at.isoformat(),
            "counts": self.counts,
            "lengths": (kept.length(), others.length()),
        }
        new = self.path.with_name(f"{self.path.name}.new")
        new.write_text(json.dumps(said))
        new.replace(self.path)


@contextlib.contextmanager
def _writing(path: Path, length: int, delimiter: str = ",") -> Iterator[Output]:
    """A CSV writer behind what is there already."""
    mode = "r+" if length else "w"
    with path.open(mode, newline="", encoding="utf-8") as file:
        if length:
            file.truncate(length)
            file.seek(length)
        yield Output(file, csv.writer(file, delimiter=delimiter, lineterminator="\n"))


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
