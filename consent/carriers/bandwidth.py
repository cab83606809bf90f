"""Bandwidth, as in dev.bandwidth.com/docs/messaging/webhooks.

There is no signature: the application's user name and password come as HTTP Basic
credentials. Nothing protects body or time, so let only Bandwidth's addresses through to
this path. It delivers at least once; a replay is recognised by the message's id.
"""

from collections.abc import Sequence

from consent.carriers.base import (
    Call,
    Malformed,
    Message,
    NobodyWrote,
    document,
    fields,
    instant,
    message,
    nothing_said,
    strings,
)
from consent.carriers.signatures import decoded, is_one_of

SECRETS = "BANDWIDTH_WEBHOOK_CREDENTIALS"  # user:password
SIGNATURE: tuple[str, ...] = ()  # its only header is the password itself
IS_SIGNED = False
reply = nothing_said


def verify(call: Call, secrets: Sequence[str]) -> bool:
    scheme, _, given = call.headers.get("authorization", "").partition(" ")
    known = [secret for secret in secrets if ":" in secret]
    told = decoded(given.strip()).decode(errors="replace")
    return is_one_of(told, known) and scheme.lower() == "basic"


def parse(call: Call) -> Message:
    events = document(call)
    if not isinstance(events, list) or len(events) != 1:
        raise Malformed
    event = fields(events[0])
    if event.get("type") != "message-received":
        raise NobodyWrote
    inside = fields(event.get("message"))
    told = strings(inside)
    return message(
        "bandwidth",
        message_id=told.get("id", ""),
        sender=told.get("from", ""),
        # of a group message every receiver is in message.to; the owner is our number
        recipient=told.get("owner") or strings(event).get("to", ""),
        text=told.get("text", ""),
        channel="mms" if inside.get("media") else "sms",
        answerable=False,
        written_at=instant(told.get("time", "")),
    )
