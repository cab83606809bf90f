"""Restriction of processing (GDPR Art. 18): the data is kept, and nothing else is done
with it.

It is a hold of its own kind, which sweeps, the consent check and disclosures obey.
"""

import datetime as dt

from dsr.fulfilment.base import Conclusion, Way
from dsr.models import Ticket
from dsr.tickets import Outcome
from privacy import holds
from privacy.models import Hold


class Restriction:
    way = Way.JUDGED
    letter = "restriction"

    def conclude(self, ticket: Ticket, *, now: dt.datetime) -> Conclusion:
        restrict(ticket, now=now)
        return Conclusion(Outcome(ticket.outcome), ticket.decision)


def restrict(ticket: Ticket, *, now: dt.datetime) -> Hold:
    """The open restriction of this ticket, placed if there is none."""
    placed = Hold.objects.filter(
        kind=Hold.Kind.RESTRICTION, matter=matter_of(ticket), released_at=None
    )
    return placed.first() or holds.place(
        kind=Hold.Kind.RESTRICTION,
        matter=matter_of(ticket),
        identifiers=list(ticket.identifiers.all()),
        tables=[],
        by=ticket.decided_by,
        now=now,
    )


def matter_of(ticket: Ticket) -> str:
    return f"{holds.OF_A_REQUEST}{ticket.reference}"
