"""A call as it is kept, so that its signature can be verified again."""

import datetime as dt
import json
from collections.abc import Sequence

from consent.carriers.base import Call, Carrier, NoCertificate
from privacy.refusals import Refusal

MOST = 65_536  # bytes; of a longer call only the text is kept
# What staff read about the signature of a kept call.
NOT_KEPT = "Unknown: the carrier's call is not kept."
UNSIGNED = "None: this carrier signs nothing; its password was right."
FITS = "Verified again just now."
FITS_NO_MORE = "Verified when it came; no secret that the portal has now fits it."
LATER = "Verified when it came; the certificate can't be fetched now."


def text_of(carrier: Carrier, call: Call) -> str:
    """Address, body, and of the headers those that the signature needs; empty if it is
    too long."""
    names = ("content-type", *carrier.SIGNATURE)
    headers = {name: call.headers[name] for name in names if name in call.headers}
    body = call.body.decode(errors="surrogateescape")
    text = json.dumps({"url": call.url, "headers": headers, "body": body})
    return text if len(text) <= MOST else ""


def call_of(text: str, received_at: dt.datetime) -> Call:
    said = json.loads(text)
    body = said["body"].encode(errors="surrogateescape")
    return Call(said["url"], said["headers"], body, received_at)


def verified(carrier: Carrier, call: Call, secrets: Sequence[str]) -> str:
    """In words; by the clock of the day on which it came."""
    if not carrier.IS_SIGNED:
        return UNSIGNED
    try:
        return FITS if carrier.verify(call, secrets) else FITS_NO_MORE
    except NoCertificate:
        return LATER
    except Refusal:
        return FITS_NO_MORE
