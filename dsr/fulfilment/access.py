"""Access: a copy of the person's data (GDPR Art. 15; CCPA 1798.110)."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from dsr import packages
from dsr.fulfilment.base import Conclusion, Together, Way
from dsr.models import Ticket
from dsr.tickets import Outcome, Part
from privacy import erasure
from privacy.models import Plan

LEFT_OUT = "Left out"


class Access(Together):
    way = Way.PLANNED
    letter = "access"

    def plan_together(
        self, some: Sequence[Ticket], *, by: str, now: dt.datetime
    ) -> list[Plan]:
        asks = [
            erasure.Ask(
                identifiers=list(ticket.identifiers.all()),
                title=f"{ticket.get_right_display()} for {ticket.reference}"[:200],
                received_at=ticket.received_at,
                sources=self.sources(ticket),
            )
            for ticket in some
        ]
        return erasure.plan_access_many(asks=asks, by=by, now=now)

    def sources(self, ticket: Ticket) -> list[str]:
        """The sources whose data the person gets a copy of; none means all."""
        return []

    def conclude(self, ticket: Ticket, *, now: dt.datetime) -> Conclusion:
        package = packages.make(ticket=ticket, now=now)
        decision = f"Answered with a copy of {package.size} bytes"
        tables = ticket.plan.summary["tables"] if ticket.plan else []
        parts = [_left_out(said) for said in tables if _secrets(said)]
        outcome = Outcome.PART if parts else Outcome.WHOLE
        has_any = tables or package.own
        return Conclusion(outcome if has_any else Outcome.NOTHING, decision, parts)


def _secrets(said: dict[str, Any]) -> list[str]:
    return [f["name"] for f in said["fields"] if f["what"] == LEFT_OUT]


def _left_out(said: dict[str, Any]) -> Part:
    what = f"{said['title'] or said['table']}: {', '.join(_secrets(said))}"
    return Part(what, "NEVER_DISCLOSED", said["rows"])
