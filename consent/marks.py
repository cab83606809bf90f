"""Normalises and fingerprints many numbers and addresses at once, fast.

The results are those of `identifiers.phone`, `identifiers.email` and
`identifiers.digests`; a test compares them.
"""

import hmac
from collections.abc import Sequence

from django.conf import settings

from privacy import identifiers
from privacy.identifiers import Mark, NotAnIdentifier
from privacy.models import Identifier
from privacy.models.sealing import ring

Kind = Identifier.Kind


def phone(text: str) -> str | None:
    """E.164, or None for what is not a phone number."""
    if found := identifiers.PLAIN.fullmatch(text):
        return f"+1{found[1]}"
    try:
        return identifiers.phone(text).value
    except NotAnIdentifier:
        return None


def email(text: str) -> str | None:
    try:
        return identifiers.email(text).value
    except NotAnIdentifier:
        return None


def read(kind: str, text: str) -> str | None:
    return phone(text) if kind == Kind.PHONE else email(text)


def fingerprints(kind: str, values: Sequence[str], key: bytes) -> list[str]:
    """For values in their normal form, under one key."""
    head = f"{kind}:"
    return [hmac.digest(key, f"{head}{v}".encode(), "sha256").hex() for v in values]


def digests_of(marks: Sequence[Mark]) -> list[str]:
    """For all the marks under the current key, then for all under each key that is
    still kept."""
    texts = [f"{mark.kind}:{mark.value}".encode() for mark in marks]
    return [
        hmac.digest(key, text, "sha256").hex()
        for key in keys().values()
        for text in texts
    ]


def keys() -> dict[str, bytes]:
    """Maps key ids to keys, the current one first."""
    return ring(tuple(settings.IDENTIFIER_KEYS))
