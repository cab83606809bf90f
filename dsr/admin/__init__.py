"""The admin screens of the requests floor. Django finds them by importing this list."""

from dsr.admin import (
    agents,
    deadlines,
    desk,
    frequency,
    grounds,
    identity,
    mailbox,
    records,
    reminders,
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
    "reminders",
    "tickets",
    "translations",
]
