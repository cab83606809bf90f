"""Passkeys: a key in a device or a security token signs a challenge of ours (WebAuthn).

The library does the cryptography; this module says who we are to a browser, and what is
stored. The state of a challenge is text that the caller keeps until the answer comes.
"""

import base64
import ipaddress
import json
import struct
from collections.abc import Iterable
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import User
from django.utils.crypto import salted_hmac
from fido2.cose import UnsupportedKey
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    UserVerificationRequirement,
)

from privacy.models import Factor
from privacy.refusals import Refusal

NAME = "Privacy portal"
# What the library raises for an answer that is wrong, or is none.
MALFORMED = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NotImplementedError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
)


class NotProved(Refusal):
    """The passkey did not prove who you are. Try again, or sign in another way."""


class Question(NamedTuple):
    """The challenge for the browser, and the state to keep until it answers."""

    options: dict[str, Any]
    state: str


class Made(NamedTuple):
    text: str
    signed: int


def are_possible() -> bool:
    """Browsers bind passkeys to a name under TLS; to their own machine also without
    TLS."""
    parts = urlsplit(settings.PUBLIC_URL)
    host = parts.hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return parts.scheme == "https" or host == "localhost"
    return False


def ask_to_make(holder: User) -> Question:
    """A key that this person already has is not made a second time."""
    handle = salted_hmac("privacy.passkeys", str(holder.pk)).digest()
    person = PublicKeyCredentialUserEntity(
        name=holder.username, display_name=holder.username, id=handle
    )
    options, state = _server().register_begin(
        person,
        credentials=_keys(holder.factors.all()),
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    return Question(dict(options.public_key), json.dumps(state))


def made(state: str, answer: str) -> Made:
    """Raises `NotProved`."""
    try:
        data = _server().register_complete(json.loads(state), json.loads(answer))
        if data.credential_data is None:
            raise NotProved
    except MALFORMED:
        raise NotProved from None
    if isinstance(data.credential_data.public_key, UnsupportedKey):
        raise NotProved("This kind of passkey is not supported. Use another one.")
    text = base64.b64encode(bytes(data.credential_data)).decode()
    return Made(text, data.counter)


def ask_to_prove(holder: User) -> Question:
    options, state = _server().authenticate_begin(
        credentials=_keys(holder.factors.all()),
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    return Question(dict(options.public_key), json.dumps(state))


def proved(factors: Iterable[Factor], state: str, answer: str) -> tuple[Factor, int]:
    """The factor whose key signed, and its counter. Raises `NotProved`."""
    held = [each for each in factors if each.kind == Factor.Kind.PASSKEY]
    by_id = {_key(each).credential_id: each for each in held}
    try:
        said = AuthenticationResponse.from_dict(json.loads(answer))
        key = _server().authenticate_complete(json.loads(state), _keys(held), said)
    except MALFORMED:
        raise NotProved from None
    return by_id[key.credential_id], said.response.authenticator_data.counter


def _keys(factors: Iterable[Factor]) -> list[AttestedCredentialData]:
    return [_key(each) for each in factors if each.kind == Factor.Kind.PASSKEY]


def _key(factor: Factor) -> AttestedCredentialData:
    return AttestedCredentialData(base64.b64decode(factor.secret.open()))


def _server() -> Fido2Server:
    """Answers count only if they were given on our own address."""
    name = urlsplit(settings.PUBLIC_URL).hostname
    return Fido2Server(
        PublicKeyCredentialRpEntity(name=NAME, id=name), verify_origin=ours
    )


def ours(said: str) -> bool:
    return said == origin()


def origin() -> str:
    """Our address as a browser writes it: lower case, no path, no default port (HTML,
    7.1.1)."""
    parts = urlsplit(settings.PUBLIC_URL)
    usual = {"https": 443, "http": 80}.get(parts.scheme)
    port = "" if parts.port in (None, usual) else f":{parts.port}"
    return f"{parts.scheme}://{parts.hostname}{port}"
