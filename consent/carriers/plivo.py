"""Plivo, as in plivo.com/docs/messaging/concepts/signature-validation (V3).

Its signature has a nonce and no timestamp; a replay is recognised by its MessageUUID.
"""

import datetime as dt
from collections.abc import Sequence
from urllib.parse import urlsplit
from xml.sax.saxutils import escape, quoteattr

from consent.carriers.base import (
    Call,
    Message,
    Pairs,
    asked,
    form,
    is_in_address,
    message,
)
from consent.carriers.signatures import hmac_base64, is_one_of

SECRETS = "PLIVO_AUTH_TOKEN"
SIGNATURE: tuple[str, ...] = ("x-plivo-signature-v3", "x-plivo-signature-v3-nonce")
IS_SIGNED = True
# Again after 60, 120 and 240 seconds, each given up after 8, and nothing says so.
RETRIES = dt.timedelta(minutes=8)
# What it took a message for, and answered (…/messaging/concepts/dnd-service)
INTENTS = {"optout": "opt_out", "optin": "opt_in", "help": "help"}


def verify(call: Call, secrets: Sequence[str]) -> bool:
    nonce = call.headers.get("x-plivo-signature-v3-nonce", "")
    signed = f"{_signed(call)}.{nonce}".encode(errors="replace")
    expected = [hmac_base64(secret.encode(), signed) for secret in secrets]
    given = call.headers.get("x-plivo-signature-v3", "").split(",")[:10]
    fits = [is_one_of(each.strip(), expected) for each in given]
    return any(fits)


def _signed(call: Call) -> str:
    """The address, with its query in order, and the form's fields in order."""
    parts = urlsplit(call.url)
    address = parts._replace(query="", fragment="").geturl()
    query = "&".join(f"{name}={value}" for name, value in sorted(asked(call)))
    if not call.body:
        return f"{address}?{query}" if query else address
    told = "".join(name + value for name, value in sorted(form(call)))
    return f"{address}?{query}.{told}" if query else f"{address}?{told}"


def _fields(call: Call) -> Pairs:
    return asked(call) if is_in_address(call) else form(call)


def parse(call: Call) -> Message:
    said = dict(_fields(call))
    return message(
        "plivo",
        message_id=said.get("MessageUUID", ""),
        sender=said.get("From", ""),
        recipient=said.get("To", ""),
        text=said.get("Text") or said.get("Body", ""),  # the latter of a picture
        channel="mms" if said.get("Type") == "mms" else "sms",
        understood=INTENTS.get(said.get("MessageIntent", ""), ""),
        may_be_late=RETRIES,
    )


def reply(text: str, message: Message) -> tuple[str, str]:
    """Plivo XML."""
    ours, theirs = message.recipient.lstrip("+"), message.sender.lstrip("+")
    ends = f"src={quoteattr(ours)} dst={quoteattr(theirs)}"
    said = f"<Message {ends}>{escape(text)}</Message>" if text else ""
    return f"<Response>{said}</Response>", "text/xml; charset=utf-8"
