"""The platform's suppressions: opt-outs, in the terms of its own contract.

An entry is an opt-out event, or something else that forbids all contact (`sources`);
its number never changes. Releasing one lifts what the platform itself had entered, and
gives no consent; what a person said, only they can take back.
"""

from consent.suppressions.changes import (
    NothingToRelease,
    TheirOwnWord,
    release,
    suppress,
)
from consent.suppressions.checking import active
from consent.suppressions.entries import (
    NobodyNamed,
    NoSuchEntry,
    channels,
    entry_id,
    recipient,
    shown,
)
from consent.suppressions.giving import get, listed
from consent.suppressions.pages import BadCursor, UnknownField

__all__ = [
    "BadCursor",
    "NoSuchEntry",
    "NobodyNamed",
    "NothingToRelease",
    "TheirOwnWord",
    "UnknownField",
    "active",
    "channels",
    "entry_id",
    "get",
    "listed",
    "recipient",
    "release",
    "shown",
    "suppress",
]
