"""Statutory counts of a year (11 CCR 7102): what was asked, how it ended, how long it
took.

Computed from the tickets, for each law and right; nothing in them names anybody.
"""

import csv
import datetime as dt
import io
import statistics
import zoneinfo
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from django.conf import settings
from django.db.models import QuerySet

from dsr.deadlines import day_of
from dsr.models import Right, Ticket
from privacy.anonymity import cells
from privacy.refusals import Refusal

Outcome = Ticket.Outcome
# As 11 CCR 7102(a) groups them; what it does not name is counted under its own name.
KINDS: dict[str, str] = {
    Right.ACCESS: "know",
    Right.PORTABILITY: "know",
    Right.ERASURE: "delete",
    Right.RECTIFICATION: "correct",
    Right.OPT_OUT_SALE: "opt out",
    Right.OPT_OUT_TARGETED_ADS: "opt out",
    Right.OPT_OUT_PROFILING: "opt out",
    Right.LIMIT_SENSITIVE: "limit",
}
ASKED = {
    "know": "To know",
    "delete": "To delete",
    "correct": "To correct",
    "opt out": "To opt out of sale, sharing, targeted advertising or profiling",
    "limit": "To limit the use of sensitive data",
}
FIRST_YEAR = 2018


class NoSuchYear(Refusal):
    """Choose a year from 2018 to this one."""


@dataclass
class Line:
    """One law and one kind of request in one year."""

    regime: str
    kind: str
    received: int = 0
    whole: int = 0
    part: int = 0
    nothing: int = 0
    denied: int = 0
    withdrawn: int = 0
    open: int = 0
    late: int = 0
    days: list[int] = field(default_factory=list, repr=False)
    grounds: Counter[str] = field(default_factory=Counter, repr=False)

    @property
    def complied(self) -> int:
        """In whole or in part; having nothing to give counts as complying."""
        return self.whole + self.part + self.nothing

    @property
    def median(self) -> float | None:
        return statistics.median(self.days) if self.days else None

    @property
    def mean(self) -> float | None:
        return round(statistics.mean(self.days), 1) if self.days else None

    @property
    def why_denied(self) -> str:
        return "; ".join(f"{title} ({n})" for title, n in sorted(self.grounds.items()))

    @property
    def asked(self) -> str:
        """The kind in words: “To know”, “Objection to direct marketing”."""
        return ASKED.get(self.kind) or Right(self.kind.replace(" ", "_")).label


def counts(*, year: int, now: dt.datetime) -> list[Line]:
    """Requests received in the year, by the calendar of the controller's time zone."""
    lines: dict[tuple[str, str], Line] = {}
    today = day_of(now)
    for ticket in of_year(year, now).iterator(chunk_size=2000):
        key = (ticket.regime, KINDS.get(ticket.right, ticket.right.replace("_", " ")))
        _count(lines.setdefault(key, Line(*key)), ticket, today)
    return [lines[key] for key in sorted(lines)]


def _count(line: Line, ticket: Ticket, today: dt.date) -> None:
    line.received += 1
    names = {
        Outcome.WHOLE: "whole",
        Outcome.PART: "part",
        Outcome.NOTHING: "nothing",
        Outcome.DENIED: "denied",
        Outcome.NONE: "withdrawn",
    }
    if ticket.closed_at is None:
        line.open += 1
        line.late += ticket.due_date < today
        return
    name = names[Outcome(ticket.outcome)]
    setattr(line, name, getattr(line, name) + 1)
    closed = day_of(ticket.closed_at)
    line.late += closed > ticket.due_date
    if name != "withdrawn":
        line.days.append((closed - day_of(ticket.received_at)).days)
    if name == "denied" and ticket.ground:
        line.grounds[ticket.ground.title] += 1


def of_year(year: int, now: dt.datetime) -> QuerySet[Ticket]:
    if not FIRST_YEAR <= year <= day_of(now).year:
        raise NoSuchYear
    zone = zoneinfo.ZoneInfo(settings.LEGAL_TIME_ZONE)
    start = dt.datetime(year, 1, 1, tzinfo=zone)
    end = dt.datetime(year + 1, 1, 1, tzinfo=zone)
    found = Ticket.objects.filter(received_at__gte=start, received_at__lt=end)
    return found.select_related("ground", "request").order_by("received_at", "pk")


def totals(lines: list[Line]) -> dict[str, list[Line]]:
    """By law, for a page."""
    found: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        found[line.regime].append(line)
    return dict(found)


# --- as files -------------------------------------------------------------------------
COLUMNS = (
    "regime", "kind", "received", "complied", "whole", "part", "nothing", "denied",
    "withdrawn", "open", "late", "median", "mean", "why_denied",
)  # fmt: skip


def as_csv(lines: list[Line]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows([getattr(line, name) for name in COLUMNS] for line in lines)
    return out.getvalue()


OWN_TABLE = "US-CA"  # 11 CCR 7102 wants its counts whole; they are not hidden here


def overview(lines: list[Line]) -> str:
    """CSV of what was received, by law and kind, for publication: small numbers are
    hidden, and enough others that no total gives them away."""
    counted = {
        (line.regime, line.kind): line.received
        for line in lines
        if line.regime != OWN_TABLE
    }
    shown = cells.published(counted)
    kinds = [*sorted({kind for _, kind in counted}), cells.TOTAL]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["law", *kinds])
    for law in [*sorted({law for law, _ in counted}), cells.TOTAL] if counted else []:
        row = [shown[law, kind] for kind in kinds]
        writer.writerow([law, *(HIDDEN if n is None else n for n in row)])
    return out.getvalue()


HIDDEN = "not shown"
