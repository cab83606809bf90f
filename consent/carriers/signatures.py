"""What signatures share: every secret is tried, in constant time."""

import base64
import binascii
import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Iterable, Sequence
from typing import Any

from consent.carriers.base import Call, Stale

LONGEST_DELAY = dt.timedelta(minutes=5)
CLOCKS_DIFFER = dt.timedelta(minutes=5)
# A token names its own algorithm; these and no others are believed.
ALGORITHMS = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}


def is_one_of(given: str, expected: Iterable[bytes | str]) -> bool:
    """Compares all of them, so that the time does not reveal which one matched."""
    told = given.encode(errors="replace")
    fits = [
        hmac.compare_digest(told, each.encode() if isinstance(each, str) else each)
        for each in expected
    ]
    return any(fits)


def hmac_base64(key: bytes, signed: bytes, algorithm: str = "sha256") -> bytes:
    return base64.b64encode(hmac.new(key, signed, algorithm).digest())


def decoded(text: str) -> bytes:
    """Base64 of a key or a signature; empty if it is invalid."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def refuse_stale(
    call: Call, signed_at: dt.datetime, *, within: dt.timedelta = LONGEST_DELAY
) -> None:
    age = call.received_at - signed_at
    if age > within or age < -CLOCKS_DIFFER:
        raise Stale


def unix(text: str) -> dt.datetime:
    """Seconds since 1970, covered by a signature; an invalid time is not fresh."""
    try:
        return dt.datetime.fromtimestamp(int(text[:16]), dt.UTC)
    except (ValueError, OverflowError, OSError):
        raise Stale from None


def claims(token: str, secrets: Sequence[str]) -> dict[str, Any] | None:
    """The claims of a JSON Web Token (RFC 7519), if one of the secrets signed it."""
    head, body, signature = (*token.split("."), "", "", "")[:3]
    said, told = _part(head), _part(body)
    algorithm = ALGORITHMS.get(str(said.get("alg")), "")
    if token.count(".") != 2 or not algorithm:
        return None
    signed = f"{head}.{body}".encode()
    expected = [
        base64.urlsafe_b64encode(hmac.digest(secret.encode(), signed, algorithm))
        for secret in secrets
    ]
    fits = is_one_of(signature, [each.rstrip(b"=") for each in expected])
    return told if fits else None


def _part(text: str) -> dict[str, Any]:
    try:
        found = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def is_hash(told: Any, content: bytes) -> bool:
    """Whether this claim is the SHA-256 of the content, in hexadecimal."""
    return is_one_of(str(told), [hashlib.sha256(content).hexdigest()])
