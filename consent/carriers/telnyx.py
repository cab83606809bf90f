"""Telnyx, as in developers.telnyx.com/docs/messaging/messages/receiving-webhooks.

Its “secret” is public: the account's Ed25519 key. Telnyx answers STOP, START and HELP
itself and says so (`autoresponse_type`); it does not forward our answer to the call.
"""

from collections.abc import Sequence
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from consent.carriers.base import (
    UNDERSTOOD,
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
from consent.carriers.signatures import decoded, refuse_stale, unix

SECRETS = "TELNYX_PUBLIC_KEY"
SIGNATURE: tuple[str, ...] = ("telnyx-signature-ed25519", "telnyx-timestamp")
IS_SIGNED = True
# Older events write OPT_OUT and OPT_IN.
AUTO = UNDERSTOOD | {"OPT_OUT": "opt_out", "OPT_IN": "opt_in"}
reply = nothing_said


def verify(call: Call, secrets: Sequence[str]) -> bool:
    stamp = call.headers.get("telnyx-timestamp", "")
    signature = decoded(call.headers.get("telnyx-signature-ed25519", ""))
    signed = stamp.encode() + b"|" + call.body
    fits = [_signed_with(secret, signature, signed) for secret in secrets]
    if any(fits):
        refuse_stale(call, unix(stamp))
    return any(fits)


def _signed_with(key: str, signature: bytes, signed: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(decoded(key)).verify(signature, signed)
    except (InvalidSignature, ValueError):
        return False
    return True


def parse(call: Call) -> Message:
    event = fields(fields(document(call)).get("data"))
    if event.get("event_type") != "message.received":
        raise NobodyWrote
    payload = fields(event.get("payload"))
    receivers = payload.get("to")
    if not isinstance(receivers, list) or not receivers:
        raise Malformed
    told, ours = strings(payload), strings(receivers[0])
    channel = told.get("type", "").lower()
    return message(
        "telnyx",
        message_id=told.get("id", ""),
        sender=strings(payload.get("from")).get("phone_number", ""),
        recipient=ours.get("agent_id") or ours.get("phone_number", ""),
        text=_rich(payload) if channel == "rcs" else told.get("text", ""),
        channel=channel if channel in ("mms", "rcs") else "sms",
        understood=AUTO.get(told.get("autoresponse_type", "").upper(), ""),
        answerable=False,
        written_at=instant(told.get("received_at", "")),
    )


def _rich(payload: dict[str, Any]) -> str:
    """The text of an RCS message, or that of the suggestion which the person tapped."""
    body = fields(payload.get("body"))
    tapped = strings(body.get("suggestion_response", {}))
    return strings(body).get("text") or tapped.get("text", "")
