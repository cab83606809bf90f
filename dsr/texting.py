"""A text to a person, handed to the platform's own sender as a signed webhook.

Standard Webhooks (standardwebhooks.com): POST {"type": "message.send", "data": {"to",
"text"}}, signed with STANDARD_WEBHOOKS_SECRET. Without TEXTS_URL nothing is offered.
"""

import json
import logging
import time
import uuid
from http import HTTPStatus
from urllib.error import URLError
from urllib.request import Request, urlopen

from django.conf import settings

from consent.carriers.signatures import decoded, hmac_base64
from privacy.identifiers import Mark

log = logging.getLogger(__name__)
SECONDS = 10


def is_possible() -> bool:
    return bool(settings.TEXTS_URL and settings.CARRIER_SECRETS[SECRETS])


SECRETS = "STANDARD_WEBHOOKS_SECRET"


def send(mark: Mark, text: str) -> bool:
    """Whether the sender took it; why not stands in the log, without the number."""
    if not is_possible():
        return False
    document = {"type": "message.send", "data": {"to": mark.value, "text": text}}
    body = json.dumps(document).encode()
    asked = Request(settings.TEXTS_URL, data=body, headers=_signed(body))  # noqa: S310
    try:
        with urlopen(asked, timeout=SECONDS) as answer:  # noqa: S310
            return bool(answer.status < HTTPStatus.BAD_REQUEST)
    except (URLError, OSError) as problem:
        log.warning("A text was not taken: %s", type(problem).__name__)
        return False


def _signed(body: bytes) -> dict[str, str]:
    name, stamp = f"msg_{uuid.uuid4().hex}", str(int(time.time()))
    secret = settings.CARRIER_SECRETS[SECRETS][0].removeprefix("whsec_")
    signed = f"{name}.{stamp}.".encode() + body
    signature = hmac_base64(decoded(secret), signed).decode()
    return {
        "content-type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{signature}",
    }
