"""Twilio, as in twilio.com/docs/usage/security and …/messaging/guides/webhook-request.

Its signature has no timestamp; a replay is recognised by its MessageSid.
"""

import datetime as dt
import hashlib
import re
from collections.abc import Iterator, Sequence
from urllib.parse import SplitResult, parse_qs, urlsplit
from xml.sax.saxutils import escape

from consent.carriers.base import (
    JSON,
    UNDERSTOOD,
    Call,
    Malformed,
    Message,
    Pairs,
    asked,
    document,
    form,
    is_in_address,
    message,
    strings,
)
from consent.carriers.signatures import hmac_base64, is_one_of

SECRETS = "TWILIO_AUTH_TOKEN"
SIGNATURE: tuple[str, ...] = ("x-twilio-signature",)
IS_SIGNED = True
PORTS = {"https": 443, "http": 80}
# The first address is given up after 15 seconds, then the fallback is called, which is
# told the ErrorCode (…/docs/usage/security/availability-reliability).
RETRIES = dt.timedelta(minutes=1)
MESSAGE_SID = re.compile(r"(SM|MM)[0-9a-fA-F]{32}")


def verify(call: Call, secrets: Sequence[str]) -> bool:
    given = call.headers.get("x-twilio-signature", "")
    is_json = call.content_type == JSON
    signed = "" if is_json or is_in_address(call) else _signed(form(call))
    if is_json and not _is_hash_of(call):
        return False
    expected = [
        hmac_base64(secret.encode(), (url + signed).encode(), "sha1")
        for secret in secrets
        for url in _with_and_without_port(call.url)
    ]
    return is_one_of(given, expected)


def _signed(pairs: Pairs) -> str:
    """Names in order, values of one name in order, equal ones once."""
    return "".join(name + value for name, value in sorted(set(pairs)))


def _is_hash_of(call: Call) -> bool:
    """For a JSON body only the address is signed, and the address carries the body's
    hash."""
    told = parse_qs(urlsplit(call.url).query).get("bodySHA256", [""])[0]
    return is_one_of(told, [hashlib.sha256(call.body).hexdigest()])


def _with_and_without_port(url: str) -> Iterator[str]:
    parts = urlsplit(url)
    yield _at_port(parts, None)
    yield _at_port(parts, parts.port or PORTS.get(parts.scheme))


def _at_port(parts: SplitResult, port: int | None) -> str:
    user, at, _ = parts.netloc.rpartition("@")
    host = parts.hostname or ""
    place = f"{user}{at}{host}" + (f":{port}" if port else "")
    return parts._replace(netloc=place).geturl()


def _fields(call: Call) -> dict[str, str]:
    if call.content_type == JSON:
        return strings(document(call))
    pairs = asked(call) if is_in_address(call) else form(call)
    return dict(reversed(pairs))  # of a repeated field, the first


def parse(call: Call) -> Message:
    said = _fields(call)
    sid = said.get("MessageSid", "")
    received = said.get("SmsStatus", "received") == "received"
    if not (MESSAGE_SID.fullmatch(sid) and received):
        raise Malformed
    return message(
        "twilio",
        message_id=sid,
        sender=said.get("From", ""),
        recipient=said.get("To", ""),
        text=said.get("Body", ""),
        channel="sms" if said.get("NumMedia", "0") in ("", "0") else "mms",
        # Advanced Opt-Out: Twilio says what it took the message for, and answered it
        understood=UNDERSTOOD.get(said.get("OptOutType", ""), ""),
        may_be_late=RETRIES if said.get("ErrorCode") else dt.timedelta(0),
    )


def reply(text: str, message: Message) -> tuple[str, str]:
    """TwiML."""
    said = f"<Message>{escape(text)}</Message>" if text else ""
    body = f'<?xml version="1.0" encoding="UTF-8"?><Response>{said}</Response>'
    return body, "text/xml; charset=utf-8"
