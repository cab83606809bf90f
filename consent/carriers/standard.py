"""Standard Webhooks (standardwebhooks.com), as the platform's automations send them.

    {"type": "message.received", "timestamp": "2026-04-01T12:00:00Z",
     "data": {"id": "msg_1", "from": "+12025550117", "to": "+12025550100",
              "text": "STOP", "channel": "sms"}}

The answer is JSON with the text that the platform is to send; without one, empty.
"""

import json
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
    strings,
)
from consent.carriers.signatures import (
    decoded,
    hmac_base64,
    is_one_of,
    refuse_stale,
    unix,
)

SECRETS = "STANDARD_WEBHOOKS_SECRET"  # whsec_ and base64
SIGNATURE: tuple[str, ...] = ("webhook-id", "webhook-timestamp", "webhook-signature")
IS_SIGNED = True
MOST_SIGNATURES = 10


def verify(call: Call, secrets: Sequence[str]) -> bool:
    name, stamp = (
        call.headers.get(f"webhook-{each}", "") for each in ("id", "timestamp")
    )
    signed = f"{name}.{stamp}.".encode(errors="replace") + call.body
    keys = [decoded(secret.removeprefix("whsec_")) for secret in secrets]
    expected = [b"v1," + hmac_base64(key, signed) for key in keys if key]
    given = call.headers.get("webhook-signature", "").split()[:MOST_SIGNATURES]
    if not any([is_one_of(each, expected) for each in given]):
        return False
    refuse_stale(call, unix(stamp))
    return True


def parse(call: Call) -> Message:
    event = fields(document(call))
    if event.get("type") != "message.received":
        raise NobodyWrote
    said = strings(event.get("data"))
    channel = said.get("channel", "sms").lower()
    if channel not in ("sms", "mms", "rcs"):
        raise Malformed
    return message(
        "standard",
        message_id=said.get("id") or call.headers.get("webhook-id", ""),
        sender=said.get("from", ""),
        recipient=said.get("to", ""),
        text=said.get("text", ""),
        channel=channel,
        written_at=instant(strings(event).get("timestamp", "")),
    )


def reply(text: str, message: Message) -> tuple[str, str]:
    return json.dumps({"reply": text}), "application/json"
