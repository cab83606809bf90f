"""Sends a text to a person through the platform's own sender, or one with Twilio's API.

The platform takes a signed webhook (standardwebhooks.com): POST {"type":
"message.send", "data": {"to", "text"}}, with STANDARD_WEBHOOKS_SECRET. An address like
Twilio's (…/Accounts/AC…/Messages.json; twilio.com/docs/messaging/api/message-resource)
takes a form with TWILIO_AUTH_TOKEN and TEXTS_FROM. Without either, codes by text are
not offered.
"""

import base64
import json
import re
import time
import uuid
from urllib.parse import urlencode

from django.conf import settings

from consent.carriers.signatures import decoded, hmac_base64
from privacy import outgoing
from privacy.identifiers import Mark

SECRETS, TOKENS = "STANDARD_WEBHOOKS_SECRET", "TWILIO_AUTH_TOKEN"
TWILIO = re.compile(r"/Accounts/(AC[0-9a-fA-F]{32})/Messages(\.json)?$")
SERVICE = re.compile(r"MG[0-9a-fA-F]{32}")


def is_possible() -> bool:
    if TWILIO.search(settings.TEXTS_URL):
        return bool(settings.TEXTS_FROM and settings.CARRIER_SECRETS[TOKENS])
    return bool(settings.TEXTS_URL and settings.CARRIER_SECRETS[SECRETS])


def send(mark: Mark, text: str) -> bool:
    """Whether the sender accepted it."""
    if not is_possible():
        return False
    account = TWILIO.search(settings.TEXTS_URL)
    body, headers = _form(account[1], mark, text) if account else _signed(mark, text)
    status, _ = outgoing.post(settings.TEXTS_URL, body, headers, is_ours=True)
    return outgoing.is_taken(status)


def _form(account: str, mark: Mark, text: str) -> tuple[bytes, dict[str, str]]:
    """As Twilio takes it: from a number of ours, or from a messaging service."""
    ours = settings.TEXTS_FROM
    name = "MessagingServiceSid" if SERVICE.fullmatch(ours) else "From"
    body = urlencode({"To": mark.value, name: ours, "Body": text}).encode()
    user = f"{account}:{settings.CARRIER_SECRETS[TOKENS][0]}".encode()
    return body, {
        "content-type": "application/x-www-form-urlencoded",
        "authorization": f"Basic {base64.b64encode(user).decode()}",
    }


def _signed(mark: Mark, text: str) -> tuple[bytes, dict[str, str]]:
    document = {"type": "message.send", "data": {"to": mark.value, "text": text}}
    body = json.dumps(document).encode()
    name, stamp = f"msg_{uuid.uuid4().hex}", str(int(time.time()))
    secret = settings.CARRIER_SECRETS[SECRETS][0].removeprefix("whsec_")
    signed = f"{name}.{stamp}.".encode() + body
    signature = hmac_base64(decoded(secret), signed).decode()
    return body, {
        "content-type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{signature}",
    }
