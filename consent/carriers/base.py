"""What every carrier's file does: verify, parse, reply. No rows are touched here."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from privacy.refusals import Refusal


class UnknownCarrier(Refusal):
    """The portal takes no messages from a carrier of that name."""


class NoSecret(Refusal):
    """The portal has no secret of this carrier, so it can't trust its messages."""


class Forged(Refusal):
    """The signature does not fit the message."""


class WrongContentType(Refusal):
    """This carrier's messages come in another content type."""


class Malformed(Refusal):
    """The body is not a message of this carrier."""


class SenderNotANumber(Malformed):
    """The sender is not a phone number, so nobody opted in or out."""


@dataclass(frozen=True)
class Call:
    """A webhook request as it came in.

    `url` is the address that signatures cover; header names are in lower case.
    """

    url: str
    headers: Mapping[str, str]
    body: bytes
    received_at: dt.datetime

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def __repr__(self) -> str:
        return f"<call of {len(self.body)} bytes>"  # never the body


@dataclass(frozen=True)
class Message:
    """A person's message, in our words.

    `understood` is what the carrier itself took it for (opt_out, opt_in, help); it has
    then answered the person already.
    """

    carrier: str
    carrier_message_id: str
    sender: str
    recipient: str
    text: str
    channel: str = "sms"
    understood: str = ""

    def __repr__(self) -> str:
        return f"<{self.carrier} {self.carrier_message_id}>"  # never text or sender


class Carrier(Protocol):
    """Each carrier is a module with these names."""

    SECRETS: str  # the setting that holds its secrets

    def verify(self, call: Call, secrets: Sequence[str]) -> bool:
        """Did somebody sign it who knows one of the secrets?

        Raises `WrongContentType` or `Malformed` when there is nothing to verify.
        """

    def parse(self, call: Call) -> Message:
        """Raises `WrongContentType`, `Malformed` or `SenderNotANumber`."""

    def reply(self, text: str) -> tuple[str, str]:
        """Body and content type of our answer; an empty text sends nothing."""
