"""Files that an erasure ended: keyed digests of where each was and of what was in it.
A new file of the same name is never taken for one that a restore brought back."""

import datetime as dt
import hashlib
import hmac
import posixpath
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import Storage

from privacy import journal, storages
from privacy.models import Identifier, Plan, Store
from privacy.models.sealing import ring


@dataclass
class EndedFiles:
    """Some files of one plan in one storage: where, and what was in them."""

    plan: str
    store: str
    approved_by: str
    digests: frozenset[str]  # of the identifiers of whose files they were
    files: dict[str, str]


def note(
    plan: Plan,
    store: Store,
    storage: Storage,
    paths: Sequence[str],
    people: Iterable[Identifier],
    now: dt.datetime,
) -> None:
    """Call before they are deleted. Raises `JournalDown` and `StorageDown`."""
    secret = next(iter(_secrets()))
    said = {path: _content(secret, storage, path) for path in paths}
    files = {_place(secret, store, path): what for path, what in said.items() if what}
    if not files:
        return
    with journal.appending() as lines:
        lines.add(
            {
                "plan": str(plan.pk),
                "at": now.isoformat(),
                "approved_by": plan.approved_by,
                "digests": sorted(person.digest for person in people),
                "store": store.name,
                "files": files,
            }
        )


def read(path: Path) -> list[EndedFiles]:
    """Those of a journal whose erasures were not withdrawn. Raises `JournalBroken`."""
    found: list[EndedFiles] = []
    for said in journal.verified(path):
        if "withdrawn_at" in said:
            found = [each for each in found if each.plan != said["plan"]]
        elif "files" in said:
            found.append(_ended(said))
    return found


def _ended(said: dict[str, Any]) -> EndedFiles:
    return EndedFiles(
        plan=said["plan"],
        store=said["store"],
        approved_by=said["approved_by"],
        digests=frozenset(said["digests"]),
        files=said["files"],
    )


def are_there(
    store: Store, storage: Storage, paths: Iterable[str], ended: Sequence[EndedFiles]
) -> Iterator[tuple[EndedFiles, str]]:
    """The paths of ended files that are there again, byte for byte what they were."""
    known = {said: each for each in ended for said in each.files.items()}
    places = {place for place, _ in known}
    for path in paths:
        for secret in _secrets():
            if (place := _place(secret, store, path)) in places:
                said = place, _content(secret, storage, path)
                if said in known:
                    yield known[said], path


def _secrets() -> Iterable[bytes]:
    return ring(tuple(settings.IDENTIFIER_KEYS)).values()


def _place(secret: bytes, store: Store, path: str) -> str:
    """However a row writes the path."""
    text = f"{store.name}\n{posixpath.normpath(path)}"
    return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()


def _content(secret: bytes, storage: Storage, path: str) -> str:
    """Empty where there is no file."""
    digest, is_there = hmac.new(secret, digestmod=hashlib.sha256), False
    for piece in storages.pieces(storage, path):
        digest.update(piece)
        is_there = True
    return digest.hexdigest() if is_there else ""
