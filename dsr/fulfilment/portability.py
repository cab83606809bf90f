"""Portability: what the person gave us, machine-readable (GDPR Art. 20).

The states' acts speak of data obtained from the consumer and mean the whole copy; the
GDPR of data that the person provided, which includes what was observed of their use (WP
242 rev.01), but not what others told us.
"""

from dsr.fulfilment.access import Access
from dsr.models import Ticket

EUROPEAN = ("EU-GDPR", "UK-GDPR", "DE-KDG")
PROVIDED = ["direct", "automatic"]


class Portability(Access):
    letter = "portability"

    def sources(self, ticket: Ticket) -> list[str]:
        return PROVIDED if ticket.regime in EUROPEAN else []
