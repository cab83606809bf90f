"""Codes of an authenticator app: six digits, a new one every half-minute (RFC 6238).

The library computes them; this module decides which half-minutes count.
"""

import base64
import datetime as dt
import secrets
from urllib.parse import quote, urlencode

import segno
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.utils.crypto import constant_time_compare

# What every authenticator app understands; some ignore any other choice.
DIGITS, STEP, SECRET_BYTES = 6, 30, 20
CLOCKS_DIFFER_BY = 1  # steps, to either side (RFC 6238, 5.2)


def new_secret() -> str:
    """160 random bits (RFC 4226, 4) in base32, so that people can type them."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def code(secret: str, step: int) -> str:
    generator = TOTP(base64.b32decode(secret), DIGITS, SHA1(), STEP)  # noqa: S303
    return generator.generate(step * STEP).decode()


def step_at(now: dt.datetime) -> int:
    return int(now.timestamp()) // STEP


def step_of(secret: str, said: str, now: dt.datetime) -> int | None:
    """The half-minute that this code belongs to, among those that count now."""
    middle, found = step_at(now), None
    for step in range(middle - CLOCKS_DIFFER_BY, middle + CLOCKS_DIFFER_BY + 1):
        if constant_time_compare(code(secret, step), said):
            found = step
    return found


def address(secret: str, *, holder: str, issuer: str) -> str:
    """The otpauth URI for an app; the issuer tells two portals apart."""
    label = quote(f"{issuer}:{holder}")
    return f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': issuer})}"


def picture(address: str) -> str:
    """The QR code to scan, as a data URI."""
    return segno.make(address, error="m").svg_data_uri(scale=5, light="#fff")


def in_groups(secret: str) -> str:
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
