"""The moment it is known who asks: where the law says so, the clock starts then.

Only where we had to ask: if it was known from the start, no time is added (UK GDPR Art.
12A; California's clock runs from receipt whatever verification takes).
"""

import datetime as dt
from typing import Any

from dsr import clocks, deadlines, tickets
from dsr.identity.standing import standing
from dsr.models import Proof, Ticket, Upload


def settle(*, ticket: Ticket, by: str, now: dt.datetime) -> None:
    """For every open right of the request that is now known well enough. Call it inside
    a transaction, before its first audit row or after `tickets.lock`."""
    together = {"ticket__request": ticket.request_id}
    asked = Proof.objects.filter(purpose=Proof.Purpose.IDENTITY, **together).exists()
    asked |= Upload.objects.filter(purpose=Upload.Purpose.IDENTITY, **together).exists()
    if not asked:
        return
    shown = _shown_on(together, now)
    waiting = ticket.request.tickets.filter(closed_at=None, identified_on=None)
    for each in tickets.lock(waiting):
        if standing(each).is_enough:
            on = max(shown, deadlines.day_of(each.received_at))
            clocks.identified(ticket=each, on=on, by=by, now=now)


def _shown_on(together: dict[str, Any], now: dt.datetime) -> dt.date:
    """The day on which the last of it came: the law gives no time to look at it. Of
    what came in no such way, only the decision has a day."""
    purposes = (Upload.Purpose.IDENTITY, Upload.Purpose.AUTHORITY)
    papers = Upload.objects.filter(purpose__in=purposes, **together)
    proofs = Proof.objects.filter(
        purpose=Proof.Purpose.IDENTITY, state=Proof.State.CONFIRMED, **together
    )
    came = {
        *papers.values_list("uploaded_at", flat=True),
        *proofs.values_list("confirmed_at", flat=True),
    }
    return deadlines.day_of(max(filter(None, came), default=now))
