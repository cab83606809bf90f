"""Secrets the embedded mode makes for itself. Nothing else may."""

import base64
import contextlib
import os
import secrets
from pathlib import Path


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
    """32 random bytes; all but Django's own key carry an id, so they can be rotated."""
    key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    return key if name == "SECRET_KEY" else f"k1:{key}"
