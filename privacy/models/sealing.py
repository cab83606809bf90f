"""Encrypted values: AES-256-GCM, bound to their own table and column.

A sealed value is opened deliberately or not at all; printing one shows nothing.
"""

import base64
import secrets
from functools import cache
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models

VERSION = b"\x01"
NONCE_BYTES = 12


@cache
def ring(keys: tuple[str, ...]) -> dict[str, bytes]:
    """Maps key ids to 32-byte keys, the current one first."""
    pairs = (key.strip().split(":", 1) for key in keys)
    return {name: base64.urlsafe_b64decode(value) for name, value in pairs}


def sealing_keys() -> dict[str, bytes]:
    return ring(tuple(settings.SEALING_KEYS))


def seal(text: str, *, context: str) -> bytes:
    return seal_bytes(text.encode(), context=context)


def seal_bytes(content: bytes, *, context: str) -> bytes:
    """Version, key id, nonce and ciphertext, so that keys can rotate."""
    name, key = next(iter(sealing_keys().items()))
    head = VERSION + bytes([len(name)]) + name.encode()
    nonce = secrets.token_bytes(NONCE_BYTES)
    return head + nonce + AESGCM(key).encrypt(nonce, content, context.encode())


def key_id(blob: bytes) -> str:
    return bytes(blob[2 : 2 + blob[1]]).decode()


def unseal(blob: bytes, *, context: str) -> str:
    return unseal_bytes(blob, context=context).decode()


def unseal_bytes(blob: bytes, *, context: str) -> bytes:
    """Raises KeyError if its key is gone, InvalidTag if the value was moved or
    changed."""
    key = sealing_keys()[key_id(blob)]
    body = bytes(blob[2 + blob[1] :])
    nonce, text = body[:NONCE_BYTES], body[NONCE_BYTES:]
    return AESGCM(key).decrypt(nonce, text, context.encode())


class Sealed:
    """A sealed value as it was read from its row."""

    def __init__(self, blob: bytes, context: str) -> None:
        self.blob = blob
        self.context = context

    def open(self) -> str:
        return unseal(self.blob, context=self.context)

    @property
    def key_id(self) -> str:
        return key_id(self.blob)

    def __repr__(self) -> str:
        return "<sealed>"


if TYPE_CHECKING:
    _SealedField = models.BinaryField[str | Sealed | None, Any]
else:
    _SealedField = models.BinaryField


class SealedField(_SealedField):
    """Takes text, stores it sealed, returns a `Sealed`."""

    @property
    def context(self) -> str:
        return f"{self.model._meta.db_table}.{self.column}"

    def get_db_prep_value(
        self, value: Any, connection: Any, prepared: bool = False
    ) -> Any:
        if isinstance(value, str):
            value = seal(value, context=self.context)
        elif isinstance(value, Sealed):
            value = value.blob
        return super().get_db_prep_value(value, connection, prepared)

    def from_db_value(
        self, value: Any, expression: Any, connection: Any
    ) -> Sealed | None:
        return None if value is None else Sealed(bytes(value), self.context)

    def value_to_string(self, obj: models.Model) -> str:
        return "<sealed>"
