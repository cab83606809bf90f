"""Who asks for somebody else: an agent, a parent, an executor.

However the request comes in, who asks for whom is recorded with it; then their
permission is asked for like any other proof (`identity.standing`).
"""

from dataclasses import dataclass

from dsr.models import Representative, Ticket
from privacy import audit
from privacy.refusals import Refusal

CAPACITIES = dict(Representative.Capacity.choices)


class UnknownCapacity(Refusal):
    """Somebody asks for another person as agent, parent or executor."""


@dataclass(frozen=True)
class Acting:
    """Who asks for somebody else, and in which capacity. `may_act`: whoever enters it
    has seen what lets them."""

    capacity: str
    name: str = ""
    organization: str = ""
    email: str = ""
    has_power_of_attorney: bool = False
    may_act: bool = False


def of_kind(agent: dict[str, str] | None) -> str:
    """The likely capacity of whom a mail seems to come from; empty for the person."""
    if not agent:
        return ""
    kind = agent["kind"]
    return kind if kind in CAPACITIES else str(Representative.Capacity.AGENT)


def record(*, ticket: Ticket, acting: Acting) -> Representative:
    """Of the whole request that the ticket belongs to."""
    if acting.capacity not in CAPACITIES:
        raise UnknownCapacity
    details = {
        "name": acting.name,
        "organization": acting.organization,
        "email": acting.email,
    }
    return Representative.objects.create(
        ticket=ticket,
        capacity=acting.capacity,
        details=audit.canonical(details),
        has_power_of_attorney=acting.has_power_of_attorney,
    )
