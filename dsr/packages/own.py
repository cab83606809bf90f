"""What the portal itself has of the person, beside the stores: what they told us about
contact, and their requests (GDPR Art. 15).

Only by the numbers and addresses that are proved to be theirs, and only from the day on
which these were given to them. Codes for machines, words for people.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from consent import history
from dsr import deadlines, identity, languages
from dsr.models import Ticket
from privacy import identifiers, subjects
from privacy.disclosure import Copy
from privacy.identifiers import Mark
from privacy.models import Plan, Table
from privacy.subjects import Days

Row = dict[str, Any]
DIRECT = "direct"  # the source of what somebody asked us themself


@dataclass(frozen=True)
class Sheet:
    """Rows in a file and a table of their own, like those of a store's table."""

    name: str
    rows: Sequence[Row]

    def __str__(self) -> str:
        return self.name

    @property
    def title(self) -> str:
        return self.name


@dataclass(frozen=True)
class Theirs:
    """A number or address, and since when it is theirs."""

    mark: Mark
    days: Days
    given_on: dt.datetime | None  # as the ledger of consent knows

    def is_theirs(self, at: dt.datetime) -> bool:
        is_before = self.given_on is not None and at < self.given_on
        return subjects.is_within(self.days, at) and not is_before


class Whole:
    """The rows of the stores, then the portal's own."""

    def __init__(self, ticket: Ticket, stores: Copy) -> None:
        self.stores, self.sheets = stores, sheets(ticket, stores)

    def rows(self) -> Iterator[tuple[Table | Sheet, Iterator[Row]]]:
        yield from self.stores.rows()
        for sheet in self.sheets:
            yield sheet, iter(sheet.rows)


def sheets(ticket: Ticket, copy: Copy) -> list[Sheet]:
    """Those that have rows, without what is somebody else's."""
    return [
        Sheet(name, [_without_others(row, copy) for row in rows])
        for name, rows in rows_of(ticket, copy.plan).items()
        if rows
    ]


def _without_others(row: Row, copy: Copy) -> Row:
    if not row.get("words"):
        return row
    return row | {"words": copy.without_others(row["words"])}


def rows_of(ticket: Ticket, plan: Plan) -> dict[str, list[Row]]:
    """By the name of their sheet."""
    sources = plan.summary.get("sources", [])
    known = _known(ticket)
    told = [
        row
        for each in known.values()
        for row in history.of(each.mark, is_theirs=each.is_theirs, sources=sources)
    ]
    asked = _requests(ticket, known) if not sources or DIRECT in sources else []
    return {"consent": told, "requests": asked}


def _known(ticket: Ticket) -> dict[int, Theirs]:
    """By the key of its row."""
    rows = identity.proved(ticket)
    marks = {row.pk: identifiers.value(row) for row in rows}
    asked = ticket.received_at
    had = subjects.had(marks=list(marks.values()), at=asked)
    return {
        key: Theirs(mark, had.get(mark, (None, None)), history.given_on(mark, at=asked))
        for key, mark in marks.items()
    }


def _requests(ticket: Ticket, known: dict[int, Theirs]) -> list[Row]:
    """The earlier ones, of which it is known who asked: anybody can name a number."""
    named = Ticket.objects.filter(identifiers__in=list(known)).distinct()
    rest = named.exclude(request=ticket.request_id).order_by("received_at", "pk")
    rows = rest.select_related("request", "ground").prefetch_related("identifiers")
    return [
        _request(each)
        for each in rows
        if any(
            known[row.pk].is_theirs(each.received_at)
            for row in each.identifiers.all()
            if row.pk in known
        )
        and identity.standing(each).is_enough
    ]


def _request(ticket: Ticket) -> Row:
    closed = ticket.closed_at
    return {
        "reference": ticket.reference,
        "received": deadlines.day_of(ticket.received_at).isoformat(),
        "right": ticket.right,
        "law": ticket.regime,
        "came": ticket.request.source,
        "status": ticket.status,
        "outcome": ticket.outcome,
        "ground": ticket.ground.title if ticket.ground else "",
        "answered": deadlines.day_of(closed).isoformat() if closed else "",
    }


# --- for people ---------------------------------------------------------------------
def reader(facts: dict[str, Any]) -> Callable[[str], str]:
    """Titles and fields in the person's language; else as staff translated it."""
    said = languages.group(facts["language"], "own")
    return lambda text: said.get(text) or facts["read"](text)


def fields(sheet: Sheet, facts: dict[str, Any]) -> dict[str, dict[str, str]]:
    return {name: {"name": facts["read"](name)} for name in sheet.rows[0]}


def in_words(sheet: Sheet, facts: dict[str, Any]) -> Iterator[Row]:
    """Each code as the person would say it."""
    said = languages.group(facts["language"], "own")
    rights = languages.group(facts["language"], "right")
    said = {**said, **{f"right_{code}": text for code, text in rights.items()}}
    for row in sheet.rows:
        yield {name: _in_words(said, name, value, facts) for name, value in row.items()}


def _in_words(
    said: dict[str, str], name: str, value: str, facts: dict[str, Any]
) -> str:
    """Several codes in one cell become as many words."""
    if name == "ground":
        return str(facts["read"](value))
    kind = "channel" if name == "covers" else name
    return ", ".join(said.get(f"{kind}_{one}", one) for one in value.split(", "))
