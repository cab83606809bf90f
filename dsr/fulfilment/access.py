"""Access: a copy of the person's data (GDPR Art. 15; CCPA 1798.110)."""

import datetime as dt

from dsr import packages
from dsr.models import Ticket
from privacy import erasure
from privacy.models import Plan


class Access:
    def plan(self, ticket: Ticket, *, by: str, now: dt.datetime) -> Plan:
        return erasure.plan_access(
            identifiers=list(ticket.identifiers.all()),
            title=f"Access for {ticket.reference}",
            received_at=ticket.received_at,
            by=by,
            now=now,
        )

    def conclude(self, ticket: Ticket, *, now: dt.datetime) -> str:
        package = packages.make(ticket=ticket, now=now)
        return f"Answered with a copy of {package.size} bytes"
