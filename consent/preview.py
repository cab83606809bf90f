"""How an uploaded list is understood, before anything of it is recorded."""

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from consent import transfer, uploads
from consent.models import Channel, Event, ListUpload, Standing
from consent.transfer import columns, files, importing
from consent.transfer.reading import STOPPED, UNPROVEN, Ours, Ready, read
from privacy import identifiers
from privacy.identifiers import Mark

LOOKED_AT, SHOWN = 1000, 10  # rows


@dataclass(frozen=True)
class Line:
    """A row as it would be recorded, without the number itself; or why it would not
    be."""

    row: int
    person: str = ""
    kind: str = ""
    channel: str = ""
    organization: str = ""
    occurred_at: dt.datetime | None = None
    problem: str = ""


class Stop(NamedTuple):
    channels: tuple[str, ...]
    organization: str
    at: dt.datetime
    row: int = 0  # on record: above every row of the file

    def is_above(self, said: Ready) -> bool:
        return (
            self.row < said.row
            and said.occurred_at is not None
            and self.at <= said.occurred_at
            and bool(set(self.channels) & set(said.covers))
            and self.organization in ("", said.organization)
        )


@dataclass(frozen=True)
class Understanding:
    """`columns`: what each column is, and its name in the file; `counts`: how many of
    the first rows would become what."""

    columns: list[tuple[str, str]]
    lines: list[Line]
    counts: list[tuple[str, int]]
    looked_at: int


def understand(*, row: ListUpload, now: dt.datetime) -> Understanding:
    """What an import would do with the first rows; nothing is recorded."""
    options, ours = uploads.options_of(row), Ours()
    with uploads.opened(row) as path:
        known = importing.columns_of(path, options.columns)
        head = [each for _, each in islice(files.rows(path), known.start)]
        rows = list(islice(importing.data(path, known), LOOKED_AT))
    said = [(n, read(n, each, known, options, now, ours)) for n, each in rows]
    stopped = _stopped([each for _, each in said if isinstance(each, Ready)])
    lines = [_line(n, each, options, stopped) for n, each in said]
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


def _stopped(said: list[Ready]) -> set[int]:
    """Rows that lift no STOP, whether it is on record or stands above them in the file:
    those that `imports.CLAIMS` makes claims of."""
    doubtful = [
        each for each in said if each.event == Event.Kind.OPT_IN and not each.is_proven
    ]
    marks = {Mark(each.kind, each.value) for each in doubtful}
    stops = _on_record(marks)
    for each in said:
        mark = Mark(each.kind, each.value)
        if each.event == Event.Kind.OPT_OUT and mark in marks and each.occurred_at:
            stop = Stop(each.covers, each.organization, each.occurred_at, each.row)
            stops[mark].append(stop)
    return {
        each.row
        for each in doubtful
        if any(stop.is_above(each) for stop in stops[Mark(each.kind, each.value)])
    }


def _on_record(marks: set[Mark]) -> dict[Mark, list[Stop]]:
    whose = {key: mark for mark in marks for key in identifiers.digests(mark)}
    found: dict[Mark, list[Stop]] = defaultdict(list)
    rows = Standing.objects.filter(
        state=Standing.State.OPTED_OUT, identifier__digest__in=list(whose)
    )
    for row in rows.select_related("identifier"):
        stop = Stop((row.channel,), row.organization, row.renewed_at)
        found[whose[row.identifier.digest]].append(stop)
    return found


def _line(
    number: int, said: Ready | str, options: transfer.Options, stopped: set[int]
) -> Line:
    if isinstance(said, str):
        return Line(number, problem=said)
    problem = UNPROVEN if said.event == Event.Kind.CLAIM else ""
    return Line(
        row=number,
        person=identifiers.hint(Mark(said.kind, said.value)),
        kind=options.in_words(Event.Kind.CLAIM if number in stopped else said.event),
        channel=str(Channel(said.channel).label),
        organization=said.organization,
        occurred_at=said.occurred_at,
        problem=STOPPED if number in stopped else problem,
    )
