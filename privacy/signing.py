"""Signed packs: ZIP archives that `tools/verify_audit.py` checks without the portal.

`manifest.json` names each file with its SHA-256; `manifest.sig` is the Ed25519
signature (RFC 8032) over its bytes, `manifest.pem` the key. docs/proof.md has the form.
"""

import base64
import datetime as dt
import hashlib
import zipfile
from collections.abc import Iterable, Mapping
from typing import IO, Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from privacy import audit
from privacy.models import AuditEvent
from privacy.models.sealing import ring


def signing_key() -> tuple[str, Ed25519PrivateKey]:
    name, seed = next(iter(ring(tuple(settings.SIGNING_KEYS)).items()))
    return name, Ed25519PrivateKey.from_private_bytes(seed)


def public_key(key_id: str) -> str:
    """PEM, for whoever verifies a signature."""
    seed = ring(tuple(settings.SIGNING_KEYS))[key_id]
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key()
    pem = public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return pem.decode()


def sign(document: bytes) -> tuple[str, str]:
    """The key id, and the signature in base64."""
    key_id, key = signing_key()
    return key_id, base64.b64encode(key.sign(document)).decode()


def pack(
    out: IO[bytes],
    *,
    kind: str,
    files: Mapping[str, Iterable[bytes]],
    now: dt.datetime,
    **facts: Any,
) -> None:
    """Writes the archive to `out`; `files` are read piece by piece, whatever their
    size."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        listed = [_written(book, name, files[name], now) for name in files]
        key_id, _ = signing_key()
        manifest = audit.canonical(
            {
                "type": kind,
                "version": 1,
                "made_at": now.astimezone(dt.UTC).isoformat(),
                "files": listed,
                "key": key_id,
                **facts,
            }
        ).encode()
        _, signature = sign(manifest)
        _written(book, "manifest.json", [manifest], now)
        _written(book, "manifest.sig", [signature.encode()], now)
        _written(book, "manifest.pem", [public_key(key_id).encode()], now)


def pack_trail(out: IO[bytes], *, now: dt.datetime) -> int:
    """The whole audit trail with its signed end, so that rows cut off later are
    missed."""
    count = audit.verify()
    rows = AuditEvent.objects.filter(sequence__lte=count).order_by("sequence")
    last = rows.last()
    lines = audit.export_lines(rows.iterator(chunk_size=5000))
    files = {"trail.jsonl": (f"{line}\n".encode() for line in lines)}
    pack(
        out,
        kind="audit-trail",
        files=files,
        now=now,
        rows=count,
        head=last.hash if last else audit.GENESIS,
    )
    return count


def _written(
    book: zipfile.ZipFile, name: str, pieces: Iterable[bytes], now: dt.datetime
) -> dict[str, Any]:
    entry = zipfile.ZipInfo(name, now.astimezone(dt.UTC).timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    digest, size = hashlib.sha256(), 0
    with book.open(entry, "w", force_zip64=True) as file:
        for piece in pieces:
            file.write(piece)
            digest.update(piece)
            size += len(piece)
    return {"name": name, "bytes": size, "sha256": digest.hexdigest()}
