"""Keyed digests in the database's own functions.

HMAC-SHA256 in core SQL is sha256(opad || sha256(ipad || value)); both pads are values
computed once, because deriving them for each row costs a factor of ten.
"""

import hashlib
import hmac
from typing import Any

from django.conf import settings
from django.db.models import BinaryField, Func, TextField, Value

from privacy.models.sealing import ring

BLOCK = 64  # bytes of a SHA-256 block (RFC 2104)


class Bytes(Func):
    template = "convert_to(%(expressions)s, 'UTF8')"
    output_field = BinaryField()


class Sha256(Func):
    function = "sha256"
    output_field = BinaryField()


class Join(Func):
    template = "(%(expressions)s)"
    arg_joiner = " || "
    output_field = BinaryField()


class Hex(Func):
    template = "encode(%(expressions)s, 'hex')"
    output_field = TextField()


class Digits(Func):
    """Hexadecimal to digits of the same length: a to f become 0 to 5."""

    template = "translate(%(expressions)s, 'abcdef', '012345')"
    output_field = TextField()


def pads() -> tuple[bytes, bytes]:
    """The two padded keys of HMAC (RFC 2104), of a key for this use alone."""
    key = next(iter(ring(tuple(settings.IDENTIFIER_KEYS)).values()))
    own = hmac.new(key, b"pseudonym", hashlib.sha256).digest().ljust(BLOCK, b"\0")
    return bytes(b ^ 0x36 for b in own), bytes(b ^ 0x5C for b in own)


def digest(text: Any) -> Any:
    inner, outer = (Value(pad, output_field=BinaryField()) for pad in pads())
    return Hex(Sha256(Join(outer, Sha256(Join(inner, Bytes(text))))))
