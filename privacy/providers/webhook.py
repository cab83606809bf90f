"""Tells a recipient by a signed webhook (standardwebhooks.com); its answer is signed
the same way.

`webhook-id` is the instruction's number and does not change, so that a recipient can
drop a repeated one. It may answer at once, or later at `answer_url`, with `{"state":
"done|nothing|later|unable", "until": "2027-01-31", "answer": "…"}`.
"""

import base64
import binascii
import contextlib
import datetime as dt
import hashlib
import hmac
import json
import re
import time
from typing import Any

from django.conf import settings

from privacy import outgoing
from privacy.models import Instruction
from privacy.providers.answers import WrongAnswer, answered
from privacy.refusals import Refusal

STAMP = re.compile(r"[0-9]{1,12}")
TOLERANCE = 300  # seconds, as the specification recommends


class NotSigned(Refusal):
    """The answer is not signed with the secret of this recipient, or is too old."""


def tell(instruction: Instruction, said: dict[str, Any], now: dt.datetime) -> bool:
    document = {
        "type": f"privacy.{said['duty']}",
        "timestamp": said["asked_at"],
        "data": {
            "number": str(instruction.pk),
            **said,
            "answer_url": f"{settings.PUBLIC_URL}/api/v1/instructions/{instruction.pk}",
        },
    }
    body = json.dumps(document).encode()
    headers = {"content-type": "application/json", **signed(instruction, body)}
    status, answer = outgoing.post(instruction.provider.address, body, headers)
    if not outgoing.is_taken(status):
        return False
    with contextlib.suppress(WrongAnswer):  # that is none yet
        # it came over the connection that we opened, so it needs no signature
        take(instruction, outgoing.document(answer), now=now)
    return True


def take(instruction: Instruction, said: dict[str, Any], *, now: dt.datetime) -> None:
    until = said.get("until")
    try:
        day = dt.date.fromisoformat(str(until)) if until else None
    except ValueError:
        raise WrongAnswer from None
    answered(
        instruction=instruction,
        state=str(said.get("state", "")),
        until=day,
        answer=_storable(str(said.get("answer") or "")),
        by=f"provider:{instruction.provider_id}",
        now=now,
    )


def _storable(text: str) -> str:
    """PostgreSQL stores neither a null character nor half a surrogate pair."""
    return text.replace("\0", "").encode(errors="replace").decode()


def receive(
    *, instruction: Instruction, body: bytes, headers: Any, now: dt.datetime
) -> None:
    """A later answer from the recipient's own system."""
    _check(instruction, body, headers, now)
    take(instruction, outgoing.document(body), now=now)


# --- signatures -----------------------------------------------------------------


def signed(instruction: Instruction, body: bytes) -> dict[str, str]:
    stamp = str(int(time.time()))  # as it leaves: others may have kept us waiting
    return {
        "webhook-id": str(instruction.pk),
        "webhook-timestamp": stamp,
        "webhook-signature": _signature(instruction, stamp, body),
    }


def _signature(instruction: Instruction, stamp: str, body: bytes) -> str:
    secret = instruction.provider.secret
    key = _key(secret.open() if secret is not None else "")
    text = f"{instruction.pk}.{stamp}.".encode() + body
    digest = hmac.new(key, text, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        return secret.encode()


def _check(
    instruction: Instruction, body: bytes, headers: Any, now: dt.datetime
) -> None:
    if instruction.provider.secret is None:
        raise NotSigned
    stamp = headers.get("webhook-timestamp", "")
    if not STAMP.fullmatch(stamp) or abs(now.timestamp() - int(stamp)) > TOLERANCE:
        raise NotSigned
    wanted = _signature(instruction, stamp, body).encode()
    given = headers.get("webhook-signature", "").split()
    if headers.get("webhook-id", "") != str(instruction.pk) or not any(
        hmac.compare_digest(wanted, each.encode()) for each in given
    ):
        raise NotSigned
