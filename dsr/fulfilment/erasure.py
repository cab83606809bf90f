"""Erasure (GDPR Art. 17; CCPA 1798.105)."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from dsr.fulfilment.base import Conclusion, Together, Way
from dsr.models import Ticket
from dsr.tickets import Outcome, Part
from privacy import erasure, leftovers, undo
from privacy.models import Plan

TO_LOOK_AT = "Places where your name may still be; a person looks at each"
GROUNDS = {
    erasure.HELD: "LEGAL_CLAIM",
    erasure.OTHER_PARTY: "OTHERS_RIGHTS",
    **dict.fromkeys(erasure.NOT_ENDED, "NOT_REACHED"),
}
OF_LAW = ("LEGAL_CLAIM", "LEGAL_OBLIG")


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
                undo_days=undo.days(ticket.right),
            )
            for ticket in some
        ]
        return erasure.plan_many(asks=asks, by=by, now=now)

    def conclude(self, ticket: Ticket, *, now: dt.datetime) -> Conclusion:
        """As the certificate counts it. Each thing that stays is named with its ground;
        where the law keeps everything, the request is denied."""
        plan = ticket.plan
        if plan is None:
            return Conclusion(Outcome.NOTHING, "No data found")
        parts = [_kept(said) for said in plan.summary["tables"] if _stays(said)]
        parts += [*held_since(plan), *_not_reached(plan)]
        if not plan.summary["tables"]:
            return Conclusion(Outcome.NOTHING, "No data found", parts)
        if not parts:
            return Conclusion(Outcome.WHOLE, "Erased")
        if any(part.ground not in OF_LAW for part in parts):
            rest = "what stays is named with its reason"
        else:
            rest = "the law requires us to keep it"
        if has_ended(plan):
            return Conclusion(Outcome.PART, f"Erased in part; {rest}", parts)
        return Conclusion(Outcome.DENIED, f"Nothing was erased; {rest}", parts)


def _stays(said: dict[str, Any]) -> bool:
    """Leaves out a row that says nothing about the person once the others are gone, and
    one of somebody else that has nothing personal in it."""
    if said["action"] == erasure.REDACT:
        return said["ground"] == erasure.OTHER_PARTY
    nothing = (erasure.NOTHING_OWN, erasure.ONLY_NAMES)
    return said["action"] == "keep" and said["ground"] not in nothing


def _kept(said: dict[str, Any]) -> Part:
    title = said["title"] or said["table"]
    code = GROUNDS.get(said["ground"], "LEGAL_OBLIG")
    return Part(f"{title}: {said['ground']}", code, said["rows"])


def _not_reached(plan: Plan) -> Iterator[Part]:
    """What nobody wanted to keep, and what somebody must still look at."""
    exceptions = plan.summary.get("exceptions", [])
    for what, many in erasure.plainly(exceptions).items():
        yield Part(what, "NOT_REACHED", many)
    if many := leftovers.waiting(plan).count():
        yield Part(TO_LOOK_AT, "NOT_REACHED", many)


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
