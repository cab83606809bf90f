"""MessageBird, now Bird, as in developers.messagebird.com/api/#verifying-http-requests.

A JSON Web Token, valid for a minute, carries the hashes of address and body.
"""

import datetime as dt
from collections.abc import Sequence

from consent.carriers.base import (
    FORM,
    Call,
    Message,
    Stale,
    asked,
    document,
    form,
    instant,
    is_in_address,
    message,
    nothing_said,
    strings,
)
from consent.carriers.signatures import claims, is_hash, unix

SECRETS = "MESSAGEBIRD_SIGNING_KEY"
SIGNATURE: tuple[str, ...] = ("messagebird-signature-jwt",)
IS_SIGNED = True
CLOCKS_DIFFER = dt.timedelta(minutes=1)
reply = nothing_said


def verify(call: Call, secrets: Sequence[str]) -> bool:
    told = claims(call.headers.get("messagebird-signature-jwt", ""), secrets)
    if told is None or told.get("iss") != "MessageBird":
        return False
    if not is_hash(told.get("url_hash"), call.url.encode()) or not _covers(told, call):
        return False
    begins, ends = unix(str(told.get("nbf"))), unix(str(told.get("exp")))
    if not begins - CLOCKS_DIFFER <= call.received_at <= ends:
        raise Stale
    return True


def _covers(told: dict[str, str], call: Call) -> bool:
    """An empty body has no hash; a body that was added or removed does not match."""
    if not call.body:
        return "payload_hash" not in told
    return is_hash(told.get("payload_hash"), call.body)


def _fields(call: Call) -> dict[str, str]:
    if is_in_address(call):
        return dict(asked(call))
    if call.content_type == FORM:
        return dict(form(call))
    return strings(document(call))


def parse(call: Call) -> Message:
    said = _fields(call)
    return message(
        "messagebird",
        message_id=said.get("id", ""),
        sender=said.get("originator", ""),
        recipient=said.get("recipient", ""),
        text=said.get("body", ""),
        answerable=False,
        written_at=instant(said.get("createdDatetime", "")),
    )
