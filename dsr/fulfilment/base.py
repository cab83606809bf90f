"""What a fulfilment is: a plan to be approved, and what follows when it is done."""

import datetime as dt
from typing import Protocol

from dsr.models import Ticket
from privacy.models import Plan


class Fulfilment(Protocol):
    def plan(self, ticket: Ticket, *, by: str, now: dt.datetime) -> Plan:
        """What will happen, shown and frozen; changes nothing."""

    def conclude(self, ticket: Ticket, *, now: dt.datetime) -> str:
        """After the plan was carried out: what the person gets; returns the decision.

        Called again after a crash, it finds what it made before.
        """
