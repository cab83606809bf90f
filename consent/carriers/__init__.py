"""The carriers whose messages we accept: one file and one line for each."""

import dataclasses
import datetime as dt
from collections.abc import Sequence

from django.conf import settings

from consent.carriers import (
    aws,
    bandwidth,
    kept,
    messagebird,
    plivo,
    sinch,
    standard,
    telnyx,
    twilio,
    vonage,
)
from consent.carriers.base import (
    AsksToConfirm,
    Call,
    Carrier,
    Forged,
    Message,
    NoSecret,
)
from privacy import audit

CARRIERS: dict[str, Carrier] = {
    "twilio": twilio,
    "telnyx": telnyx,
    "bandwidth": bandwidth,
    "vonage": vonage,
    "plivo": plivo,
    "sinch": sinch,
    "messagebird": messagebird,
    "aws": aws,
    "standard": standard,
}
# Their documents let an account choose GET: the message is then in the address.
BY_GET = {"twilio", "vonage", "plivo", "messagebird"}


def methods(name: str) -> list[str]:
    return ["GET", "POST"] if name in BY_GET else ["POST"]


def read(carrier: Carrier, call: Call, secrets: Sequence[str]) -> Message:
    """The message, if the carrier signed it; otherwise a `Refusal` that says why
    not."""
    known = [secret for each in secrets if (secret := each.strip())]
    if not known:
        raise NoSecret
    if not carrier.verify(call, known):
        raise Forged
    found = carrier.parse(call)
    return dataclasses.replace(found, call=kept.text_of(carrier, call))


def verified_again(name: str, text: str, received_at: dt.datetime) -> str:
    """Whether the signature of a kept call still fits, in words."""
    carrier = CARRIERS[name]
    secrets = [each.strip() for each in settings.CARRIER_SECRETS[carrier.SECRETS]]
    return kept.verified(carrier, kept.call_of(text, received_at), secrets)


def leave_to_staff(asked: AsksToConfirm, *, carrier: str, now: dt.datetime) -> None:
    """The portal follows no link; whoever runs it opens this one to confirm."""
    audit.record(
        action="carrier.asked_to_confirm",
        subject=f"carrier:{carrier}",
        by=f"carrier:{carrier}",
        now=now,
        topic=asked.topic,
        address=asked.address,
    )
