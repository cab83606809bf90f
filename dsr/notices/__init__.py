"""What we write to the person, in their language: stored sealed, sent by mail when we
know an address, or by hand."""

from dsr.notices.sending import (
    LONGEST_SENDING,
    MOST,
    NotInDoubt,
    NotThatDay,
    SentAlready,
    address_of,
    by_hand,
    correspondents,
    doubtful,
    envelope_of,
    message_id,
    send_waiting,
    sent_as,
    settle,
    to_post,
    unsent,
)
from dsr.notices.writing import (
    answer,
    extension,
    lifting,
    receipt,
    refusal,
    withdrawal,
)

__all__ = [
    "LONGEST_SENDING",
    "MOST",
    "NotInDoubt",
    "NotThatDay",
    "SentAlready",
    "address_of",
    "answer",
    "by_hand",
    "correspondents",
    "doubtful",
    "envelope_of",
    "extension",
    "lifting",
    "message_id",
    "receipt",
    "refusal",
    "send_waiting",
    "sent_as",
    "settle",
    "to_post",
    "unsent",
    "withdrawal",
]
