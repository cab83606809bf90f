"""Secrets that the embedded mode makes for itself. Nothing else may."""

import base64
import contextlib
import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa


def kept(file: Path) -> str:
    """The secret in this file; a new one if there is none yet.

    Two processes may come first at the same time: both read what one of them wrote.
    """
    if not file.exists():
        ours = file.with_suffix(f".{os.getpid()}")
        ours.touch(0o600)
        ours.write_text(new(file.name))
        with contextlib.suppress(FileExistsError):
            os.link(ours, file)
        ours.unlink()
    return file.read_text()


def new(name: str) -> str:
    """32 random bytes; all but Django's own key have an id, so that they can be
    rotated.

    For OpenDSR it is an RSA key, in PEM.
    """
    if name == "OPENDSR_KEY":
        return rsa_key()
    key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    return key if name == "SECRET_KEY" else f"k1:{key}"


def rsa_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
