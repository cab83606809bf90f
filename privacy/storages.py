"""File storages: a folder (`file:///recordings`), or a bucket with an S3 API
(`s3://KEY:SECRET@bucket/folder?endpoint=https://…&region=…`).

Without KEY and SECRET the machine's own credentials are used.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from botocore.exceptions import BotoCoreError, ClientError
from django.core.exceptions import SuspiciousOperation
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage
from storages.backends.s3 import S3Storage
from storages.utils import clean_name

PIECE = 1_048_576  # bytes
SCHEMES = ("file", "s3")
TROUBLE = (OSError, BotoCoreError, ClientError)


class StorageDown(Exception):
    """The storage does not answer, or does not allow us to delete."""


def at(url: str) -> Storage:
    parts = urlsplit(url)
    if parts.scheme.lower() != "s3":
        return FileSystemStorage(location=unquote(parts.path))
    options = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return S3Storage(
        bucket_name=parts.hostname,
        location=unquote(parts.path).strip("/"),
        access_key=unquote(parts.username) if parts.username else None,
        secret_key=unquote(parts.password) if parts.password else None,
        endpoint_url=options.get("endpoint"),
        region_name=options.get("region"),
        default_acl=None,
    )


def answers(storage: Storage) -> bool:
    """Whether the folder, or the bucket, is there."""
    if isinstance(storage, FileSystemStorage):
        return Path(storage.base_location).is_dir()
    try:
        storage.listdir("")
    except TROUBLE:
        return False
    return True


def drop(storage: Storage, path: str) -> bool:
    """Deletes a file, in a bucket with all its versions; False when it was already
    gone.

    A path that leads out of the storage names none of its files.
    """
    try:
        if isinstance(storage, S3Storage):
            return _drop_versions(storage, path)
        if not storage.exists(path):
            return False
        storage.delete(path)
    except SuspiciousOperation:
        return False
    except TROUBLE as error:
        raise StorageDown(f"A file could not be deleted ({_why(error)}).") from None
    return True


def content(storage: Storage, path: str, *, most: int) -> bytes | None:
    """The content of a file, at most one byte more than `most`; None where there is
    none."""
    try:
        if not storage.exists(path):
            return None
        with storage.open(path) as file:
            return bytes(file.read(most + 1))
    except SuspiciousOperation:
        return None
    except TROUBLE as error:
        raise StorageDown(f"A file could not be read ({_why(error)}).") from None


def pieces(storage: Storage, path: str) -> Iterator[bytes]:
    """The content of a file piece by piece; no piece where there is no file."""
    try:
        if not storage.exists(path):
            return
        with storage.open(path) as file:
            yield file.read(PIECE)
            while piece := file.read(PIECE):
                yield piece
    except SuspiciousOperation:
        return
    except TROUBLE as error:
        raise StorageDown(f"A file could not be read ({_why(error)}).") from None


def paths(storage: Storage, folder: str = "") -> Iterator[str]:
    """Of every file."""
    folders, names = storage.listdir(folder)
    for name in names:
        yield f"{folder}/{name}" if folder else name
    for name in folders:
        if name:
            yield from paths(storage, f"{folder}/{name}" if folder else name)


def restore(storage: Storage, path: str, said: bytes) -> None:
    """Writes a file back; one that exists by now stays."""
    try:
        if not storage.exists(path):
            storage.save(path, ContentFile(said))
    except TROUBLE as error:
        raise StorageDown(f"A file could not be written ({_why(error)}).") from None


def _drop_versions(storage: Any, path: str) -> bool:
    name = storage._normalize_name(clean_name(path))
    versions = storage.bucket.object_versions.filter(Prefix=name)
    own = [version for version in versions if version.object_key == name]
    for version in own:
        version.delete()
    return any(version.size is not None for version in own)  # not only a mark of none


def _why(error: Exception) -> str:
    """The kind of error; its text may contain the file's name."""
    response = getattr(error, "response", {})
    return str(response.get("Error", {}).get("Code") or type(error).__name__)
