"""What a fulfilment is: how a right is decided, and what is done then."""

import abc
import datetime as dt
import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from dsr.models import Ticket
from dsr.tickets import Outcome, Part
from privacy.correction import Change
from privacy.models import Plan


class Way(enum.Enum):
    """Who must look at it before it is done."""

    PLANNED = "rows are planned, and a second person approves the plan"
    JUDGED = "a person decides what to do and says why"
    AT_ONCE = "the law leaves nothing to decide"


@dataclass(frozen=True)
class Conclusion:
    """What was done, in one line for the record, and what was not, with its grounds."""

    outcome: Outcome
    decision: str
    withheld: Sequence[Part] = ()


class Fulfilment(Protocol):
    @property
    def way(self) -> Way: ...

    @property
    def letter(self) -> str:
        """The template of the answer, in `templates/dsr/notices`."""

    def conclude(self, ticket: Ticket, *, now: dt.datetime) -> Conclusion:
        """Does it, or finds that it was done before a crash.

        The plan of a planned right has been carried out by then. Called in the
        transaction that answers the ticket.
        """


class Planned(Fulfilment, Protocol):
    def plan(
        self,
        ticket: Ticket,
        *,
        by: str,
        now: dt.datetime,
        changes: Sequence[Change] = (),
    ) -> Plan:
        """What will happen, shown and frozen; changes nothing.

        `changes` are for a correction; other rights have none.
        """


class Together(abc.ABC):
    """A right whose plans can be made for many people in one go."""

    def plan(
        self,
        ticket: Ticket,
        *,
        by: str,
        now: dt.datetime,
        changes: Sequence[Change] = (),
    ) -> Plan:
        return self.plan_together([ticket], by=by, now=now)[0]

    @abc.abstractmethod
    def plan_together(
        self, some: Sequence[Ticket], *, by: str, now: dt.datetime
    ) -> list[Plan]:
        """One plan for each, in order."""
