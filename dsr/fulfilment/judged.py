"""A person reviews and gives reasons: automated decisions, appeals, complaints."""

import datetime as dt

from dsr.fulfilment.base import Conclusion, Way
from dsr.models import Ticket
from dsr.tickets import Outcome


class Judged:
    way = Way.JUDGED
    letter = "judged"

    def conclude(self, ticket: Ticket, *, now: dt.datetime) -> Conclusion:
        return Conclusion(Outcome(ticket.outcome), ticket.decision)
