"""What every carrier's file does: verify, parse, reply. No rows are touched here."""

import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol
from urllib.parse import parse_qsl, urlsplit

from consent.models.programs import OUR_NUMBER
from privacy.refusals import Refusal

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
MOST_FIELDS = 500  # a carrier sends about 25, and 2 for each of at most 10 pictures
MESSAGE_ID = re.compile(r"[!-~]{1,64}")
SENDER = re.compile(r"\+[1-9]\d{6,14}")
RCS = "rcs:"  # an agent's address: rcs: and its id, as Twilio writes it
SHORT_CODE = re.compile(r"\d{3,6}")
# What carriers call it when they took a message for an order, and answered it.
UNDERSTOOD = {"STOP": "opt_out", "START": "opt_in", "HELP": "help"}
Pairs = list[tuple[str, str]]


class UnknownCarrier(Refusal):
    """The portal takes no messages from a carrier of that name."""


class NoSecret(Refusal):
    """The portal has no secret for this carrier, so it can't trust its messages."""


class Forged(Refusal):
    """The signature does not match the message."""


class Stale(Refusal):
    """The signature is too old, or from the future."""


class NoCertificate(Refusal):
    """The signature's certificate could not be fetched; send the message again."""


class WrongContentType(Refusal):
    """This carrier's messages have a different content type."""


class Malformed(Refusal):
    """The body is not a message of this carrier."""


class SenderNotANumber(Malformed):
    """The sender is not a phone number, so nobody opted in or out."""


class NobodyWrote(Refusal):
    """This is not a message from a person; nothing was done."""


class AsksToConfirm(NobodyWrote):
    """Staff find the address that confirms this subscription in the audit trail."""

    def __init__(self, topic: str, address: str) -> None:
        super().__init__()
        self.topic, self.address = topic, address


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


class Segment(NamedTuple):
    """Which of how many pieces of one long text a message is; all of them have the same
    reference."""

    reference: str
    number: int
    total: int


@dataclass(frozen=True)
class Message:
    """A person's message in our terms.

    `understood` is how the carrier itself understood it (opt_out, opt_in, help); it has
    then already answered the person. `answerable` says whether our answer to the call
    reaches the person; most carriers send only what is requested through their API, and
    there the portal answers nothing.
    `written_at` is the carrier's own time of the message. It is None where the carrier
    gives none; then the message may have been written up to `may_be_late` ago and be
    delivered again. `call` is what is kept of the call that brought it.
    """

    carrier: str
    carrier_message_id: str
    sender: str
    recipient: str
    text: str
    channel: str = "sms"
    understood: str = ""
    answerable: bool = True
    written_at: dt.datetime | None = None
    may_be_late: dt.timedelta = dt.timedelta(0)
    segment: Segment | None = None
    call: str = ""

    def __repr__(self) -> str:
        return f"<{self.carrier} {self.carrier_message_id}>"  # never text or sender


class Carrier(Protocol):
    """Each carrier is a module with these names."""

    SECRETS: str  # the environment's name for its secrets
    # The headers that its signature needs besides the content type; and whether there
    # is one at all. Nothing that is a secret by itself: they are kept with the message.
    SIGNATURE: tuple[str, ...]
    IS_SIGNED: bool

    def verify(self, call: Call, secrets: Sequence[str]) -> bool:
        """Whether somebody who knows one of the secrets signed it.

        Raises `WrongContentType` or `Malformed` when there is nothing to verify, and
        `Stale` when it was signed too long ago.
        """

    def parse(self, call: Call) -> Message:
        """Raises `WrongContentType`, `Malformed`, `SenderNotANumber` or, for something
        that is not a message, `NobodyWrote`."""

    def reply(self, text: str, message: Message) -> tuple[str, str]:
        """Body and content type of our answer; an empty text sends nothing."""


def nothing_said(text: str, message: Message) -> tuple[str, str]:
    """The reply to a carrier that forwards none."""
    return "", "text/plain"


# --- bodies -----------------------------------------------------------------
def form(call: Call) -> Pairs:
    if call.content_type != FORM:
        raise WrongContentType
    try:
        return _pairs(call.body.decode())
    except ValueError:
        raise Malformed from None


def asked(call: Call) -> Pairs:
    """The fields in the address."""
    try:
        return _pairs(urlsplit(call.url).query)
    except ValueError:
        raise Malformed from None


def is_in_address(call: Call) -> bool:
    """Whether the whole message is: it was brought by GET."""
    return not call.body and "?" in call.url


def _pairs(text: str) -> Pairs:
    return parse_qsl(
        text, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS
    )


def document(call: Call) -> Any:
    """The JSON of the body; every string in it can be stored."""
    if call.content_type != JSON:
        raise WrongContentType
    return parsed(call.body)


def parsed(text: str | bytes) -> Any:
    try:
        found = json.loads(text)
        json.dumps(found, ensure_ascii=False).encode()  # refuses half a surrogate
    except (ValueError, RecursionError):
        raise Malformed from None
    return found


def fields(found: Any) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise Malformed
    return found


def strings(found: Any) -> dict[str, str]:
    """The text fields of a JSON object; the others are left out."""
    return {k: v for k, v in fields(found).items() if isinstance(v, str)}


# --- messages ---------------------------------------------------------------
def message(
    carrier: str,
    *,
    message_id: str,
    sender: str,
    recipient: str,
    text: str,
    channel: str = "sms",
    **more: Any,
) -> Message:
    """Checked, with numbers as +12025550117; some carriers leave out the plus. RCS is
    one with picture messages, and is written to an agent."""
    sender = with_plus(sender.removeprefix(RCS))
    is_rcs = channel == "rcs" or recipient.startswith(RCS)
    recipient = agent(recipient) if is_rcs else with_plus(recipient)
    channel = "mms" if is_rcs else channel
    if not (MESSAGE_ID.fullmatch(message_id) and OUR_NUMBER.fullmatch(recipient)):
        raise Malformed
    if not SENDER.fullmatch(sender):
        raise SenderNotANumber
    return Message(carrier, message_id, sender, recipient, text, channel, **more)


def instant(text: str) -> dt.datetime | None:
    """A carrier's time; without a zone it is UTC. None if it is not a time."""
    try:
        found = dt.datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=dt.UTC)).astimezone(
            dt.UTC
        )
    except (ValueError, OverflowError):
        return None


def agent(name: str) -> str:
    """Some write to a number of ours all the same."""
    name = name.removeprefix(RCS)
    return name if name.startswith("+") else RCS + name


def with_plus(number: str) -> str:
    plain = number.isascii() and number.isdigit() and not SHORT_CODE.fullmatch(number)
    return f"+{number}" if plain else number
