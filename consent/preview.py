"""How a list that was handed over is understood, before anything of it is recorded."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from itertools import islice

from consent import programs, transfer, uploads
from consent.models import Channel, Event, ListUpload
from consent.transfer import columns, files, importing
from consent.transfer.reading import UNPROVEN, Ready, read
from privacy import identifiers
from privacy.identifiers import Mark

LOOKED_AT, SHOWN = 1000, 10  # rows


@dataclass(frozen=True)
class Line:
    """A row as it would be recorded, without the number itself; or why it is not."""

    row: int
    person: str = ""
    kind: str = ""
    channel: str = ""
    organization: str = ""
    occurred_at: dt.datetime | None = None
    problem: str = ""


@dataclass(frozen=True)
class Understanding:
    """`columns`: what each is, and its name in the file; `counts`: of the first rows,
    how many by what would become of them."""

    columns: list[tuple[str, str]]
    lines: list[Line]
    counts: list[tuple[str, int]]
    looked_at: int


def understand(*, row: ListUpload, now: dt.datetime) -> Understanding:
    """What a run would do with its first rows; nothing is recorded."""
    options, senders = uploads.options_of(row), programs.by_number()
    with uploads.opened(row) as path:
        known = importing.columns_of(path, options.columns)
        head = [each for _, each in islice(files.rows(path), known.start)]
        rows = list(islice(importing.data(path, known), LOOKED_AT))
    said = ((n, read(n, each, known, options, now, senders)) for n, each in rows)
    lines = [_line(n, each, options) for n, each in said]
    counts = Counter(each.problem or each.kind for each in lines)
    return Understanding(
        columns=_named(known, head[-1] if head else []),
        lines=lines[:SHOWN],
        counts=counts.most_common(),
        looked_at=len(lines),
    )


def _named(known: columns.Columns, head: list[str]) -> list[tuple[str, str]]:
    return [
        (thing.replace("_", " "), head[at] if at < len(head) else f"column {at + 1}")
        for thing, at in sorted(known.places.items(), key=lambda each: each[1])
    ]


def _line(number: int, said: Ready | str, options: transfer.Options) -> Line:
    if isinstance(said, str):
        return Line(number, problem=said)
    return Line(
        row=number,
        person=identifiers.hint(Mark(said.kind, said.value)),
        kind=options.in_words(said.event),
        channel=str(Channel(said.channel).label),
        organization=said.organization,
        occurred_at=said.occurred_at,
        problem=UNPROVEN if said.event == Event.Kind.CLAIM else "",
    )
