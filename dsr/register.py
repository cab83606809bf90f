"""The register: the list of requests that 11 CCR 7101(b) and 4 CCR 904-3 R.6.11
require.

It names nobody, and still tells what people asked of us, so it leaves through the
disclosure gate: to a recipient whose contract covers it, or by legal process. Nobody is
left out of it, whatever they forbade: a register with gaps would prove nothing.
"""

import csv
import datetime as dt
import io
from collections.abc import Iterator

from django.db import transaction
from django.db.models import QuerySet

from dsr import deadlines
from dsr.metrics import of_year
from dsr.models import Ticket
from privacy import audit
from privacy.providers import gate
from privacy.providers.grounds import Ground

FIELDS = ("communications",)  # what they asked of us, and what we answered
COLUMNS = (
    "reference", "received", "manner", "nature", "law", "due", "response",
    "outcome", "ground", "appeal_of",
)  # fmt: skip


def export(
    *, year: int, ground: Ground, reason: str, by: str, now: dt.datetime
) -> Iterator[str]:
    """CSV, a line at a time; its entry in the list of disclosures comes before the
    first. Raises `gate.Refused`, `ReasonNeeded`, `NoSuchYear`."""
    found = of_year(year, now).select_related("ground", "request", "about")
    with transaction.atomic():
        entry = gate.disclose(
            gate.Transfer(fields=FIELDS, **ground._asdict()),
            what=f"Register of the requests of {year}",
            reason=reason,
            people=found.values("request").distinct().count(),
            by=by,
            now=now,
        )
        audit.record(
            action="register.exported",
            subject=f"register:{year}",
            by=by,
            now=now,
            disclosure=entry.pk,
        )
    return _lines(found)


def _lines(found: QuerySet[Ticket]) -> Iterator[str]:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for ticket in found.iterator(chunk_size=2000):
        writer.writerow(_registered(ticket))
        yield out.getvalue()
        out.seek(0)
        out.truncate()
    yield out.getvalue()


def _registered(ticket: Ticket) -> list[str]:
    return [
        ticket.reference,
        deadlines.day_of(ticket.received_at).isoformat(),
        ticket.request.source,
        ticket.right,
        ticket.regime,
        ticket.due_date.isoformat(),
        deadlines.day_of(ticket.closed_at).isoformat() if ticket.closed_at else "",
        ticket.outcome,
        ticket.ground.code if ticket.ground else "",
        ticket.about.reference if ticket.about else "",
    ]
