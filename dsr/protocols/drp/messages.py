"""A signed message: who sent it, for whom, when, and what it says.

It is the base64 of 64 signature bytes (Ed25519) followed by its JSON, and is checked in
the order of 3.07: decodes, signature, agent, business, issued before now, not expired.
After that it must be new: one that was taken is refused as long as it is valid.
"""

import base64
import binascii
import datetime as dt
import hashlib
import json
import re
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings
from django.db import IntegrityError, transaction

from dsr.models import Agent, Seen
from privacy.refusals import Refusal

VERSION = "1.0"
SIGNATURE = 64  # bytes before the JSON
SKEW = dt.timedelta(seconds=5)  # of two honest clocks
NO_TEXT = re.compile(
    "[\0\ud800-\udfff]"
)  # no database keeps a null or half a character
LONGEST_LIFE = dt.timedelta(hours=1)  # of a message; 2.01 recommends ten minutes


class Malformed(Refusal):
    """The message is not base64 of a signature and a JSON object."""

    code = 400


class Unsupported(Refusal):
    """Unsupported rights actions submitted."""

    code = 400


class NotAllowed(Refusal):
    """The message is not signed by this agent, not for us, or not valid now."""

    code = 403


class Expired(NotAllowed):
    """The message has expired, is from the future, or may be valid for too long."""

    fatal = True


class Replayed(NotAllowed):
    """This message was taken before; a message is good for one request."""


class Unknown(Refusal):
    """There is no request with that id."""

    code = 404


class TooLate(Refusal):
    """The request has been carried out or closed; it can't be taken back."""

    code = 409


def opened(body: bytes, agent: Agent) -> dict[str, Any]:
    """The JSON of a message that this agent signed."""
    raw = _decoded(body)
    signature, said = raw[:SIGNATURE], raw[SIGNATURE:]
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(agent.verify_key))
        key.verify(signature, said)
    except (InvalidSignature, ValueError):
        raise NotAllowed from None
    try:
        document = json.loads(said)
    except (ValueError, RecursionError):
        raise Malformed from None
    if not isinstance(document, dict):
        raise Malformed
    return document


def _decoded(body: bytes) -> bytes:
    try:
        return base64.b64decode(b"".join(body.split()), validate=True)
    except binascii.Error:
        raise Malformed from None


def valid(body: bytes, agent: Agent, now: dt.datetime) -> dict[str, Any]:
    """Signed, from them, for us, now, and never seen before."""
    said = opened(body, agent)
    if said.get("agent-id") != agent.code:
        raise NotAllowed
    if said.get("business-id") != settings.DRP_BUSINESS_ID:
        raise NotAllowed
    issued, expires = _time(said, "issued-at"), _time(said, "expires-at")
    if not issued - SKEW <= now < expires or expires - issued > LONGEST_LIFE:
        raise Expired
    seen = digest(_decoded(body))  # however it was encoded
    try:
        with transaction.atomic():
            Seen.objects.create(digest=seen, expires_at=expires)
    except IntegrityError:
        raise Replayed from None
    if said.get("drp.version", VERSION) != VERSION:
        raise Unsupported(f"This is version {VERSION} of the protocol.")
    return said


def _time(said: dict[str, Any], name: str) -> dt.datetime:
    """ISO 8601; without an offset it is UTC."""
    try:
        at = dt.datetime.fromisoformat(str(said.get(name, "")))
    except ValueError:
        raise Malformed(f"{name} is not a time (ISO 8601).") from None
    if not dt.MINYEAR < at.year < dt.MAXYEAR:  # no room for its offset
        raise Malformed(f"{name} is not a time of ours.")
    return at if at.tzinfo else at.replace(tzinfo=dt.UTC)


def text(said: dict[str, Any], name: str) -> str:
    value = said.get(name) or ""
    if not isinstance(value, str) or NO_TEXT.search(value):
        raise Malformed(f"{name} is not a text.")
    return value.strip()


def forget_expired(*, now: dt.datetime) -> int:
    """An expired message is refused anyway, so it need not be remembered."""
    return Seen.objects.filter(expires_at__lt=now).delete()[0]


def digest(said: bytes) -> str:
    return hashlib.sha256(said).hexdigest()
