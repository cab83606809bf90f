"""Sinch SMS (XMS), as in developers.sinch.com/docs/sms, with HMAC signatures, which
Sinch enables for an account on request."""

from collections.abc import Sequence

from consent.carriers.base import (
    Call,
    Message,
    NobodyWrote,
    document,
    instant,
    message,
    nothing_said,
    strings,
)
from consent.carriers.signatures import hmac_base64, is_one_of, refuse_stale, unix

SECRETS = "SINCH_WEBHOOK_SECRET"
HEADER = "x-sinch-webhook-signature"
SIGNATURE: tuple[str, ...] = (HEADER, f"{HEADER}-nonce", f"{HEADER}-timestamp")
IS_SIGNED = True
KINDS = {"mo_text": "sms", "mo_media": "mms"}
reply = nothing_said


def verify(call: Call, secrets: Sequence[str]) -> bool:
    nonce = call.headers.get(f"{HEADER}-nonce", "")
    stamp = call.headers.get(f"{HEADER}-timestamp", "")
    tail = f".{nonce}.{stamp}".encode(errors="replace")
    expected = [hmac_base64(secret.encode(), call.body + tail) for secret in secrets]
    fits = is_one_of(call.headers.get(HEADER, ""), expected)
    if fits:
        refuse_stale(call, unix(stamp))
    return fits


def parse(call: Call) -> Message:
    found = document(call)
    said = strings(found)
    if said.get("type") not in KINDS:
        raise NobodyWrote
    inside = found.get("body")  # of a picture message, an object with its own text
    text = inside if isinstance(inside, str) else strings(inside or {}).get("message")
    return message(
        "sinch",
        message_id=said.get("id", ""),
        sender=said.get("from", ""),
        recipient=said.get("to", ""),
        text=text or "",
        channel=KINDS[said["type"]],
        answerable=False,
        written_at=instant(said.get("received_at", "")),
    )
