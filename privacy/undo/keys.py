"""The key of a plan's sealed copies, without which they are unreadable."""

import base64
import json
import secrets
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.serializers.json import DjangoJSONEncoder

from privacy.models import Undo, UndoCopy, UndoFile
from privacy.models.sealing import NONCE_BYTES
from privacy.refusals import Refusal


class NothingToPutBack(Refusal):
    """Nothing is kept of that plan: its right has no undo period, or it is over."""


def encrypt(kept: Undo, content: Any) -> bytes:
    return seal(kept, json.dumps(content, cls=DjangoJSONEncoder).encode())


def decrypt(copy: UndoCopy) -> Any:
    return json.loads(unseal(copy))


def seal(kept: Undo, content: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + _cipher(kept).encrypt(nonce, content, str(kept.plan_id).encode())


def unseal(copy: UndoCopy | UndoFile) -> bytes:
    blob = bytes(copy.content)
    nonce, text = blob[:NONCE_BYTES], blob[NONCE_BYTES:]
    return _cipher(copy.undo).decrypt(nonce, text, str(copy.undo.plan_id).encode())


def _cipher(kept: Undo) -> AESGCM:
    kept.refresh_from_db(fields=["key"])
    if kept.key is None:
        raise NothingToPutBack
    return AESGCM(base64.b64decode(kept.key.open()))
