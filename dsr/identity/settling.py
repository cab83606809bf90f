"""The moment it is known who asks: where the law says so, the clock starts then.

Only where we had to ask: if it was known from the start, no time is added (UK GDPR Art.
12A; California's clock runs from receipt whatever verification takes).
"""

import datetime as dt

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
    waiting = ticket.request.tickets.filter(closed_at=None, identified_on=None)
    for each in tickets.lock(waiting):
        if standing(each).is_enough:
            clocks.identified(ticket=each, on=deadlines.day_of(now), by=by, now=now)
