"""Erasure (GDPR Art. 17; CCPA 1798.105)."""

import datetime as dt

from dsr.models import Ticket
from privacy import erasure, undo
from privacy.models import Plan


class Erasure:
    def plan(self, ticket: Ticket, *, by: str, now: dt.datetime) -> Plan:
        return erasure.plan(
            identifiers=list(ticket.identifiers.all()),
            title=f"Erasure for {ticket.reference}",
            received_at=ticket.received_at,
            by=by,
            now=now,
            undo_days=undo.days(ticket.right),
        )

    def conclude(self, ticket: Ticket, *, now: dt.datetime) -> str:
        kept = [
            said
            for said in (ticket.plan.summary["tables"] if ticket.plan else [])
            if said["action"] == "keep"
        ]
        return "Erased in part; the rest is kept by law" if kept else "Erased"
