"""May we contact this person? Yes or no, why, since when, until when, decided by what.

`may_contact` asks what the person consented to; `may_ever` also asks lists, unclear
messages and restrictions; `may_send` also asks whether this is the right moment:
frequency caps, quiet hours.
"""

from consent.check.answers import (
    ALL,
    CHANNELS,
    CODES,
    SCOPE,
    Answer,
    KeyRefused,
    NotYet,
    UnknownChannel,
    UnknownPurpose,
)
from consent.check.consents import is_stopped, may_contact, stops, texts_of
from consent.check.sending import (
    forbidden,
    may_contact_each,
    may_ever,
    may_send,
    may_send_by_each,
    may_send_by_key,
    may_send_each,
)
from consent.check.uses import PURPOSES
from consent.programs import NoSuchProgram

__all__ = [
    "ALL",
    "CHANNELS",
    "CODES",
    "PURPOSES",
    "SCOPE",
    "Answer",
    "KeyRefused",
    "NoSuchProgram",
    "NotYet",
    "UnknownChannel",
    "UnknownPurpose",
    "forbidden",
    "is_stopped",
    "may_contact",
    "may_contact_each",
    "may_ever",
    "may_send",
    "may_send_by_each",
    "may_send_by_key",
    "may_send_each",
    "stops",
    "texts_of",
]
