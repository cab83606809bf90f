"""What the portal itself still holds: its tables, sessions, broker and cache.

Sealed columns are counted and not opened: an erasure destroys those values by name
(`identifiers.forget`).
"""

import hashlib
from collections import Counter
from typing import Any

from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import Error, connection, models

from privacy.models.sealing import SealedField
from privacy.residue import keys
from privacy.residue.matching import Matcher
from privacy.residue.reading import Hit, Pass
from privacy.sql import streams

TEXTS = (models.CharField, models.TextField, models.JSONField)
SECONDS = 3600
PORTAL = "portal"


def read(matcher: Matcher, seen: Pass) -> None:
    counts: Counter[str] = Counter()
    for model in _own_tables():
        try:
            _read_table(model, matcher, seen, counts)
        except Error:
            seen.miss(f"{PORTAL}.{model._meta.db_table}", "it could not be read")
    counts["sessions"] = _read_sessions(matcher, seen)
    seen.searched.append({"store": PORTAL, **counts})
    keys.read(PORTAL, matcher, seen)


def _own_tables() -> list[type[models.Model]]:
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and model is not Session
    ]


def _read_table(
    model: type[models.Model], matcher: Matcher, seen: Pass, counts: Counter[str]
) -> None:
    fields = model._meta.local_concrete_fields
    counts["sealed"] += sum(isinstance(field, SealedField) for field in fields)
    texts = [str(field.column) for field in fields if _holds_text(field)]
    if not texts:
        return
    table = model._meta.db_table
    key = [str(field.column) for field in model._meta.pk_fields]
    wanted = [(name, streams.TEXT) for name in (*key, *texts)]
    for chunk in streams.chunks(connection, "", table, wanted, seconds=SECONDS):
        lines = chunk.split("\n")[:-1]
        counts["bytes"] += len(chunk)
        counts["rows"] += len(lines)
        if matcher.may_hold(chunk) or matcher.may_hint(chunk):
            for line in lines:
                cells = line.split("\t")
                said = (
                    tuple(cells[: len(key)]),
                    dict(zip(texts, cells[len(key) :], strict=True)),
                )
                _look(f"{PORTAL}.{table}", *said, matcher, seen)
    counts.update(tables=1, columns=len(texts))


def _look(
    table: str,
    key: tuple[str, ...],
    cells: dict[str, str],
    matcher: Matcher,
    seen: Pass,
) -> None:
    """By the row's key: what somebody decides about a place must not cover another row
    later."""
    for column, cell in cells.items():
        seen.look(matcher, cell, Hit(table, column, key))


def _holds_text(field: Any) -> bool:
    if isinstance(field, TEXTS):
        return not field.choices
    return isinstance(getattr(field, "base_field", None), TEXTS)


def _read_sessions(matcher: Matcher, seen: Pass) -> int:
    """Sessions are stored compressed, so each is unpacked."""
    count = 0
    for session in Session.objects.iterator(chunk_size=500):
        count += 1
        key = hashlib.sha256(session.session_key.encode()).hexdigest()
        where = Hit(f"{PORTAL}.sessions", "", (key,))
        seen.look(matcher, str(session.get_decoded()), where)
    return count
