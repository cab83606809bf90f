"""Twilio, as in twilio.com/docs/usage/security and …/messaging/guides/webhook-request.

Its signature has no timestamp; a replay is known by its MessageSid.
"""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Iterator, Sequence
from urllib.parse import SplitResult, parse_qs, parse_qsl, urlsplit
from xml.sax.saxutils import escape

from consent.carriers.base import (
    Call,
    Malformed,
    Message,
    SenderNotANumber,
    WrongContentType,
)

SECRETS = "TWILIO_AUTH_TOKENS"
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
PORTS = {"https": 443, "http": 80}
MOST_FIELDS = 500  # Twilio sends about 25, and 2 for each of at most 10 pictures
MESSAGE_SID = re.compile(r"(SM|MM)[0-9a-fA-F]{32}")
SENDER = re.compile(r"\+[1-9]\d{6,14}")
OUR_NUMBER = re.compile(r"\+[1-9]\d{6,14}|\d{3,8}")
# Advanced Opt-Out: Twilio says what it took the message for, and has answered it.
UNDERSTOOD = {"STOP": "opt_out", "START": "opt_in", "HELP": "help"}
Pairs = list[tuple[str, str]]


def verify(call: Call, secrets: Sequence[str]) -> bool:
    given = call.headers.get("x-twilio-signature", "")
    signed = "" if call.content_type == JSON else _signed(_form(call))
    if call.content_type == JSON and not _is_hash_of(call):
        return False
    # every one is computed and compared, so that time does not tell which fitted
    fits = [
        hmac.compare_digest(_signature(url + signed, secret), given.encode())
        for secret in secrets
        for url in _with_and_without_port(call.url)
    ]
    return any(fits)


def _signature(text: str, secret: str) -> bytes:
    digest = hmac.new(secret.encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest)


def _signed(pairs: Pairs) -> str:
    """Names in order, values of one name in order, equal ones once."""
    return "".join(name + value for name, value in sorted(set(pairs)))


def _is_hash_of(call: Call) -> bool:
    """Of a JSON body only the address is signed, and the address carries its hash."""
    told = parse_qs(urlsplit(call.url).query).get("bodySHA256", [""])[0]
    return hmac.compare_digest(
        hashlib.sha256(call.body).hexdigest().encode(), told.encode()
    )


def _with_and_without_port(url: str) -> Iterator[str]:
    parts = urlsplit(url)
    yield _at_port(parts, None)
    yield _at_port(parts, parts.port or PORTS.get(parts.scheme))


def _at_port(parts: SplitResult, port: int | None) -> str:
    user, at, _ = parts.netloc.rpartition("@")
    host = parts.hostname or ""
    place = f"{user}{at}{host}" + (f":{port}" if port else "")
    return parts._replace(netloc=place).geturl()


def _form(call: Call) -> Pairs:
    if call.content_type != FORM:
        raise WrongContentType
    try:
        return parse_qsl(
            call.body.decode(),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:
        raise Malformed from None


def _fields(call: Call) -> dict[str, str]:
    if call.content_type != JSON:
        return dict(reversed(_form(call)))  # of a repeated field, the first
    try:
        fields = json.loads(call.body)
    except (ValueError, RecursionError):
        raise Malformed from None
    if not isinstance(fields, dict):
        raise Malformed
    return {name: value for name, value in fields.items() if isinstance(value, str)}


def parse(call: Call) -> Message:
    fields = _fields(call)
    sid, ours = fields.get("MessageSid", ""), fields.get("To", "")
    received = fields.get("SmsStatus", "received") == "received"
    if not (MESSAGE_SID.fullmatch(sid) and OUR_NUMBER.fullmatch(ours) and received):
        raise Malformed
    if not SENDER.fullmatch(fields.get("From", "")):
        raise SenderNotANumber
    return Message(
        carrier="twilio",
        carrier_message_id=sid,
        sender=fields["From"],
        recipient=ours,
        text=fields.get("Body", ""),
        channel="sms" if fields.get("NumMedia", "0") in ("", "0") else "mms",
        understood=UNDERSTOOD.get(fields.get("OptOutType", ""), ""),
    )


def reply(text: str) -> tuple[str, str]:
    """TwiML."""
    message = f"<Message>{escape(text)}</Message>" if text else ""
    body = f'<?xml version="1.0" encoding="UTF-8"?><Response>{message}</Response>'
    return body, "text/xml; charset=utf-8"
