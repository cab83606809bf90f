"""Erasure (GDPR Art. 17; CCPA 1798.105)."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from dsr.fulfilment.base import Conclusion, Together, Way
from dsr.models import Ticket
from dsr.tickets import Outcome, Part
from privacy import erasure
from privacy.models import Plan


class Erasure(Together):
    way = Way.PLANNED
    letter = "erasure"

    def plan_together(
        self, some: Sequence[Ticket], *, by: str, now: dt.datetime
    ) -> list[Plan]:
        asks = [
            erasure.Ask(
                identifiers=list(ticket.identifiers.all()),
                title=f"Erasure for {ticket.reference}",
                received_at=ticket.received_at,
            )
            for ticket in some
        ]
        return erasure.plan_many(asks=asks, by=by, now=now)

    def conclude(self, ticket: Ticket, *, now: dt.datetime) -> Conclusion:
        """What the map or a hold keeps is denied in part, each on its own ground; where
        they keep everything, the request is denied."""
        plan = ticket.plan
        if plan is None or not plan.summary["tables"]:
            return Conclusion(Outcome.NOTHING, "No data found")
        parts = [_kept(said) for said in plan.summary["tables"] if _is_kept(said)]
        parts += held_since(plan)
        if not parts:
            return Conclusion(Outcome.WHOLE, "Erased")
        if has_ended(plan):
            decision = "Erased in part; the law requires us to keep the rest"
            return Conclusion(Outcome.PART, decision, parts)
        decision = "Nothing was erased: the law requires us to keep all of it"
        return Conclusion(Outcome.DENIED, decision, parts)


def _is_kept(said: dict[str, Any]) -> bool:
    """Leaves out a row that says nothing about the person once the others are gone."""
    nothing = (erasure.NOTHING_OWN, erasure.ONLY_NAMES)
    return said["action"] == "keep" and said["ground"] not in nothing


def _kept(said: dict[str, Any]) -> Part:
    code = "LEGAL_CLAIM" if said["ground"] == erasure.HELD else "LEGAL_OBLIG"
    title = said["title"] or said["table"]
    return Part(f"{title}: {said['ground']}", code, said["rows"])


def has_ended(plan: Plan) -> bool:
    """At least one row was changed."""
    return plan.ranges.filter(rows__gt=0).exists()


def held_since(plan: Plan) -> list[Part]:
    """Rows kept by a hold that was placed after the plan was made."""
    ranges = plan.ranges.filter(held__gt=0).select_related("table")
    held: dict[str, int] = {}
    for piece in ranges:
        title = piece.table.title or piece.table.name
        held[title] = held.get(title, 0) + piece.held
    return [
        Part(f"{title}: {erasure.HELD}", "LEGAL_CLAIM", rows)
        for title, rows in held.items()
    ]
