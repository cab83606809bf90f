"""The carriers whose messages we take: one file each, one line each."""

from collections.abc import Sequence

from consent.carriers import twilio
from consent.carriers.base import Call, Carrier, Forged, Message, NoSecret

CARRIERS: dict[str, Carrier] = {
    "twilio": twilio,
}


def read(carrier: Carrier, call: Call, secrets: Sequence[str]) -> Message:
    """The message, if the carrier signed it; else a `Refusal` that says why not."""
    if not any(secrets):
        raise NoSecret
    if not carrier.verify(call, [secret for secret in secrets if secret]):
        raise Forged
    return carrier.parse(call)
