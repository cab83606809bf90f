"""Rectification (GDPR Art. 16; CCPA 1798.106): a reviewed before and after."""

import datetime as dt
from collections.abc import Sequence

from dsr.fulfilment.base import Conclusion, Way
from dsr.fulfilment.erasure import has_ended, held_since
from dsr.models import Ticket
from dsr.tickets import Outcome
from privacy import correction
from privacy.correction import Change
from privacy.models import Plan


class Rectification:
    way = Way.PLANNED
    letter = "rectification"

    def plan(
        self,
        ticket: Ticket,
        *,
        by: str,
        now: dt.datetime,
        changes: Sequence[Change] = (),
    ) -> Plan:
        return correction.plan(
            identifiers=list(ticket.identifiers.all()),
            changes=changes,
            title=f"Correction for {ticket.reference}",
            received_at=ticket.received_at,
            by=by,
            now=now,
        )

    def conclude(self, ticket: Ticket, *, now: dt.datetime) -> Conclusion:
        """What a legal hold keeps as it is is not corrected."""
        plan = ticket.plan
        parts = held_since(plan) if plan else []
        if plan is None or not parts:
            return Conclusion(Outcome.WHOLE, "Corrected")
        if has_ended(plan):
            return Conclusion(Outcome.PART, "Corrected in part", parts)
        decision = "Nothing was corrected: a legal hold prevents any change"
        return Conclusion(Outcome.DENIED, decision, parts)
