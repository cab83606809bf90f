"""What the second floor stores. Django finds models by importing this list."""

from dsr.models.deadlines import DeadlineRule
from dsr.models.desk import (
    Assignment,
    CalendarFeed,
    Letter,
    Note,
    Reminder,
    ReminderRule,
    Task,
)
from dsr.models.drop import DropFetch
from dsr.models.frequency import FrequencyRule
from dsr.models.grounds import Ground
from dsr.models.identity import IdentityDecision, IdentityRule, Proof
from dsr.models.links import Link
from dsr.models.mailbox import Mail, Poll
from dsr.models.messages import Message
from dsr.models.notices import Notice
from dsr.models.packages import Package, PackagePart
from dsr.models.protocols import Agent, Exchange, Seen
from dsr.models.records import RecordRule
from dsr.models.representatives import Representative
from dsr.models.requests import Request
from dsr.models.rights import Right
from dsr.models.terms import Terms
from dsr.models.tickets import Clarification, Reference, Ticket, Withheld
from dsr.models.translations import Translation
from dsr.models.uploads import Upload
from dsr.models.withdrawals import Withdrawal

__all__ = [
    "Agent",
    "Assignment",
    "CalendarFeed",
    "Clarification",
    "DeadlineRule",
    "DropFetch",
    "Exchange",
    "FrequencyRule",
    "Ground",
    "IdentityDecision",
    "IdentityRule",
    "Letter",
    "Link",
    "Mail",
    "Message",
    "Note",
    "Notice",
    "Package",
    "PackagePart",
    "Poll",
    "Proof",
    "RecordRule",
    "Reference",
    "Reminder",
    "ReminderRule",
    "Representative",
    "Request",
    "Right",
    "Seen",
    "Task",
    "Terms",
    "Ticket",
    "Translation",
    "Upload",
    "Withdrawal",
    "Withheld",
]
