"""Recovery codes for the day a second factor is lost: shown once, each works once.

A code is 80 random bits, so a plain digest is enough to store it, as for API keys.
"""

import base64
import datetime as dt
import hashlib
import secrets

from django.contrib.auth.models import User

from privacy.models import RecoveryCode

HOW_MANY, FEW = 10, 3  # fewer than three: time for new ones
BYTES, LETTERS = 10, 16


def renew(holder: User, count: int = HOW_MANY) -> list[str]:
    """New codes, to be shown now; the old ones stop working."""
    codes = [_new() for _ in range(count)]
    RecoveryCode.objects.filter(holder=holder).delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(holder=holder, digest=digest(code)) for code in codes
    )
    return codes


def use(holder: User, said: str, now: dt.datetime) -> bool:
    """If two use one at once, only one is let in."""
    unused = RecoveryCode.objects.filter(holder=holder, used_at=None)
    return bool(unused.filter(digest=digest(said)).update(used_at=now))


def left(holder: User) -> int:
    return RecoveryCode.objects.filter(holder=holder, used_at=None).count()


def digest(code: str) -> str:
    """Of its letters alone, whatever the case and dashes."""
    letters = "".join(each for each in code if each.isalnum()).upper()
    return hashlib.sha256(letters.encode()).hexdigest()


def _new() -> str:
    text = base64.b32encode(secrets.token_bytes(BYTES)).decode()
    return "-".join(text[at : at + 4] for at in range(0, LETTERS, 4))
