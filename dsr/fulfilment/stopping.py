"""Stop using my data for this: objections, opt-outs and withdrawn consent.

Messages are stopped in the consent ledger; a use of the data (sale, advertising,
profiling, sensitive data) is forbidden on the ground floor, where everything that
discloses data must ask. An opt-out needs no identity check (11 CCR 7026(d)).
"""

import datetime as dt
from dataclasses import dataclass

from consent import ledger
from consent.models import Channel, Event
from dsr.fulfilment.base import Conclusion, Way
from dsr.fulfilment.restriction import restrict
from dsr.models import Ticket
from dsr.tickets import Outcome
from privacy import objections
from privacy.models import Identifier
from privacy.models import Objection as Forbidden

ROUTE = "request"
Use = Forbidden.Use


@dataclass(frozen=True)
class Stopping:
    """`use` is what is forbidden from now on; `messages` is whether those stop too,
    `scope` limits which: whoever objects to marketing still gets their codes."""

    use: str
    messages: bool = False
    scope: str = Event.Scope.BARE
    way: Way = Way.AT_ONCE
    letter: str = "stopping"

    def conclude(self, ticket: Ticket, *, now: dt.datetime) -> Conclusion:
        for row in ticket.identifiers.all():
            _record(ticket, row, Channel.WEB, Event.Scope.BARE, now)
            if self.messages:
                _record(ticket, row, _channel(row), self.scope, now)
        objections.record(
            identifiers=list(ticket.identifiers.all()),
            use=self.use,
            because=f"ticket:{ticket.reference}",
            since=ticket.received_at,
            by=ticket.decided_by,
            now=now,
        )
        return Conclusion(Outcome.WHOLE, ticket.decision or "Stopped")


@dataclass(frozen=True)
class Objection(Stopping):
    """Art. 21(1): a person weighs it. If it is granted, the data is only kept, until
    the person asks for its erasure."""

    def conclude(self, ticket: Ticket, *, now: dt.datetime) -> Conclusion:
        super().conclude(ticket, now=now)
        restrict(ticket, now=now)
        return Conclusion(Outcome(ticket.outcome), ticket.decision)


def _channel(row: Identifier) -> str:
    return Channel.EMAIL if row.kind == Identifier.Kind.EMAIL else Channel.SMS


def _record(
    ticket: Ticket, row: Identifier, channel: str, scope: str, now: dt.datetime
) -> None:
    """In the ledger, once: the key is the ticket, the address and the channel. By its
    row, because an erasure that was asked for with it may have ended the value."""
    covers = (Channel.WEB,) if channel == Channel.WEB else ()
    ledger.record_for(
        person=row,
        kind=Event.Kind.OPT_OUT,
        channel=channel,
        covers=covers,
        scope=scope,
        route=ROUTE,
        source=Event.Source.DIRECT,
        occurred_at=ticket.received_at,
        idempotency_key=f"{ticket.reference}:{row.pk}:{channel}",
        evidence={"ticket": ticket.reference, "right": ticket.right},
        by=ticket.decided_by,
        now=now,
    )
