"""What was done for a request is undone: its answer is no longer so.

The request opens again, and a task tells Legal. No letter is written by itself: why it
was undone decides what the person, and the recipients of the data, must be told.
"""

import datetime as dt

from dsr import tickets
from dsr.desk import chores
from dsr.models import Ticket
from privacy.models import Plan

TEAM = "Legal"
TO_DO = (
    "What was erased for this request was put back. Say in a note why; tell the person "
    "and the recipients what holds now; plan it again, or refuse it with its ground."
)


def hear(plan: Plan, by: str, now: dt.datetime) -> None:
    """Safe to repeat: an open request has heard of it."""
    mine = Ticket.objects.filter(plans=plan, status=tickets.Status.ANSWERED)
    for ticket in tickets.lock(mine):
        tickets.reopen(ticket=ticket, plan=None, by=by, now=now)
        chores.give(
            ticket=ticket,
            title=TO_DO,
            team=TEAM,
            owner="",
            due_date=now.date(),
            by=by,
            now=now,
        )
