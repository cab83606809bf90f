"""What staff see of the requests floor. Django finds screens by importing this list."""

from dsr.admin import (
    agents,
    deadlines,
    desk,
    frequency,
    grounds,
    identity,
    mailbox,
    records,
    tickets,
    translations,
)

__all__ = [
    "agents",
    "deadlines",
    "desk",
    "frequency",
    "grounds",
    "identity",
    "mailbox",
    "records",
    "tickets",
    "translations",
]
