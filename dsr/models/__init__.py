"""What the second floor stores. Django finds models by importing this list."""

from dsr.models.deadlines import DeadlineRule
from dsr.models.mailbox import Mail, Poll
from dsr.models.notices import Notice
from dsr.models.packages import Package
from dsr.models.rights import Right
from dsr.models.tickets import Reference, Ticket

__all__ = [
    "DeadlineRule",
    "Mail",
    "Notice",
    "Package",
    "Poll",
    "Reference",
    "Right",
    "Ticket",
]
