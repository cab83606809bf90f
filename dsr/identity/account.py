"""Sign-in to the person's own account: the platform says who it is, and signs it.

We send the person there with a nonce. They come back with a statement in a form, never
in an address: base64url of {"nonce", "audience", "issued_at", "phone"?, "email"?}, a
dot, and the base64url of its Ed25519 signature by the platform (ACCOUNT_KEY).

Only the browser that went there may come back: who sends somebody else the address of
a sign-in that they began would otherwise have proved to be that person.
"""

import base64
import binascii
import datetime as dt
import hmac
import json
import secrets
from typing import Any, NamedTuple
from urllib.parse import urlencode

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings
from django.db import transaction

from dsr.identity import rules
from dsr.identity.asking import confirmed, digest, refuse_too_many
from dsr.models import Proof, Ticket
from privacy import identifiers
from privacy.identifiers import Mark, NotAnIdentifier
from privacy.refusals import Refusal

FRESH = dt.timedelta(minutes=10)
LONGEST = 4000


class NotSigned(Refusal):
    """The platform's statement is missing, old, or not signed with its key."""


class OtherBrowser(Refusal):
    """The sign-in began in another browser, or by somebody else."""


class SomebodyElse(Refusal):
    """The account belongs to none of the numbers and addresses of this request."""


def is_possible() -> bool:
    return bool(settings.ACCOUNT_SIGN_IN_URL and settings.ACCOUNT_KEY)


class Begun(NamedTuple):
    """Where to send the person, and what their browser must bring back."""

    address: str
    nonce: str


def begin(*, ticket: Ticket, now: dt.datetime) -> Begun:
    """The nonce is valid for one return."""
    refuse_too_many(ticket, now)
    nonce = secrets.token_urlsafe(24)
    Proof.objects.create(
        ticket=ticket,
        identifier=ticket.identifiers.order_by("pk")[0],
        method=Proof.Method.ACCOUNT,
        digest=digest(nonce),
        asked_at=now,
        sent_at=now,
        expires_at=now + dt.timedelta(minutes=rules.limit("code_minutes")),
    )
    back = f"{settings.PUBLIC_URL}/privacy/account"
    query = urlencode({"nonce": nonce, "return": back})
    return Begun(f"{settings.ACCOUNT_SIGN_IN_URL}?{query}", nonce)


def finish(*, statement: str, nonce: str, now: dt.datetime) -> Ticket:
    """The request that was proved, and those of its identifiers that the platform
    named. `nonce` is what the browser kept since it went there."""
    said = _read(statement, now)
    if not hmac.compare_digest(said["nonce"].encode(), nonce.encode()):
        raise OtherBrowser
    with transaction.atomic():
        waiting = Proof.objects.select_for_update().filter(
            digest=digest(said["nonce"]), state=Proof.State.ASKED, expires_at__gt=now
        )
        proof = waiting.first()
        if proof is None:
            raise NotSigned
        named = _named(proof.ticket, said)
        if not named:
            raise SomebodyElse
        for place, row in enumerate(named):
            each = proof if place == 0 else _beside(proof)
            each.identifier = row
            each.save()
            confirmed(each, now, "account")
    return proof.ticket


def _beside(proof: Proof) -> Proof:
    return Proof(
        ticket=proof.ticket,
        method=proof.method,
        asked_at=proof.asked_at,
        sent_at=proof.sent_at,
        expires_at=proof.expires_at,
    )


def _named(ticket: Ticket, said: dict[str, Any]) -> list[Any]:
    marks = _marks(said)
    rows = ticket.identifiers.filter(erased_at=None)
    return [row for row in rows if identifiers.value(row) in marks]


def _marks(said: dict[str, Any]) -> set[Mark]:
    marks = set()
    for kind, read in (("phone", identifiers.phone), ("email", identifiers.email)):
        try:
            marks |= {read(said[kind])} if said.get(kind) else set()
        except NotAnIdentifier:
            continue
    return marks


def _read(statement: str, now: dt.datetime) -> dict[str, Any]:
    body, _, signature = statement[:LONGEST].partition(".")
    try:
        key = Ed25519PublicKey.from_public_bytes(
            base64.b64decode(settings.ACCOUNT_KEY, validate=True)
        )
        key.verify(_unpacked(signature), body.encode())
        said = json.loads(_unpacked(body))
        issued = dt.datetime.fromisoformat(said["issued_at"])
        is_ours = said["audience"] == settings.PUBLIC_URL and bool(said["nonce"])
        age = now - issued
    except (InvalidSignature, binascii.Error, ValueError, KeyError, TypeError):
        raise NotSigned from None
    if not is_ours or not -FRESH < age < FRESH:
        raise NotSigned
    return {key: value for key, value in said.items() if isinstance(value, str)}


def _unpacked(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
