"""The key of a plan's sealed copies, without which they are unreadable.

One half is in the plan's row. The other is a file of its own in `UNDO_KEYS`, outside of
every database: a backup of the portal opens no copy, and none will once the file is
destroyed.

The folder may be a disk of its own, and where it is not connected, an empty place
stands there. So a file (`MARKER`) tells that it is the folder. It is made with the
first key, and not while there should be keys already.
"""

import base64
import contextlib
import datetime as dt
import hmac
import json
import os
import secrets
import uuid
from collections.abc import Collection
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder

from privacy.models import Undo, UndoCopy, UndoFile
from privacy.models.sealing import NONCE_BYTES
from privacy.refusals import Refusal

HALF = 32  # bytes
MARKER = "UNDO_KEYS"  # the name of a file in the folder
FORGOTTEN = dt.timedelta(days=1)  # no plan is that long in the making


class NothingToPutBack(Refusal):
    """Nothing is kept of that plan: its right has no undo period, or it is over."""


class KeysDown(Refusal):
    """A key of an undo can't be read or written in the folder UNDO_KEYS. Look whether
    the folder is there and may be written to; without it nothing could be undone. If
    keys are lost for good, give the undo of each plan up, and the plan goes on."""


class FolderAway(KeysDown):
    """The folder UNDO_KEYS is not reachable: what is there now is not the folder of the
    keys. Have it connected again, and what waits goes on by itself. If it is lost for
    good, put an empty file named UNDO_KEYS into the new folder; then the undo of each
    plan can be given up."""


def make(plan: uuid.UUID) -> str:
    """Writes one half of a new key to its file. Returns the other."""
    path = _path(plan)
    try:
        _have_folder(path.parent)
        path.touch(mode=0o600, exist_ok=False)
        with path.open("wb") as file:
            file.write(secrets.token_bytes(HALF))
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        raise KeysDown from None
    return base64.b64encode(secrets.token_bytes(HALF)).decode()


def _have_folder(folder: Path) -> None:
    """An empty place is made the folder of the keys only while there should be none."""
    if is_away():
        if Undo.objects.filter(ended_at=None, is_apart=True).exists():
            raise FolderAway
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / MARKER).touch(mode=0o600)


def is_away() -> bool:
    """Whether the folder is not there, or another one is. One from before the marker
    is known by its keys. One that may not be read is another fault."""
    folder = Path(settings.UNDO_KEYS)
    try:
        return not (folder / MARKER).exists() and not any(folder.glob("*.key"))
    except OSError:
        return False


def close(kept: Undo, now: dt.datetime) -> None:
    """Destroys the copies, and the half of the key that is in the row."""
    kept.copies.all().delete()
    kept.files.all().delete()
    kept.key, kept.ended_at = None, now
    kept.save(update_fields=["key", "ended_at"])


def destroy(plan: uuid.UUID) -> None:
    try:
        _path(plan).unlink(missing_ok=True)
    except OSError:
        raise KeysDown from None


def destroy_others(kept: Collection[uuid.UUID], now: dt.datetime) -> None:
    """Those that a crash left behind: of plans that are not kept, nor being made."""
    before = (now - FORGOTTEN).timestamp()
    names = {_path(plan).name for plan in kept}
    for path in Path(settings.UNDO_KEYS).glob("*.key"):
        with contextlib.suppress(FileNotFoundError):  # another worker was faster
            if path.name not in names and path.stat().st_mtime < before:
                path.unlink()


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
    half = base64.b64decode(kept.key.open())
    if not kept.is_apart:
        return AESGCM(half)
    return AESGCM(hmac.digest(_other_half(kept.plan_id), half, "sha256"))


def is_lost(kept: Undo) -> bool:
    """Whether the file of the key is gone or cut off. Where nobody can tell, as in a
    folder that may not be read or is not connected, it is not called lost."""
    if not kept.is_apart or is_away():
        return False
    try:
        return _path(kept.plan_id).stat().st_size != HALF
    except OSError as error:
        return isinstance(error, FileNotFoundError)


def _other_half(plan: uuid.UUID) -> bytes:
    try:
        half = _path(plan).read_bytes()
    except OSError:
        raise (FolderAway if is_away() else KeysDown) from None
    if len(half) != HALF:
        raise KeysDown
    return half


def _path(plan: uuid.UUID) -> Path:
    return Path(settings.UNDO_KEYS) / f"{plan}.key"
