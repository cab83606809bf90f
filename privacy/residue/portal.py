"""What the portal itself still holds: its tables, sessions, broker and cache.

Sealed columns are counted and not opened: an erasure destroys those values by name
(`identifiers.forget`).
"""

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
    wanted = [(name, streams.TEXT) for name in texts]
    before = 0
    for chunk in streams.chunks(connection, "", table, wanted, seconds=SECONDS):
        lines = chunk.split("\n")[:-1]
        counts["bytes"] += len(chunk)
        if matcher.may_hold(chunk) or matcher.may_hint(chunk):
            for number, line in enumerate(lines, before + 1):
                _read_line(f"{PORTAL}.{table}", number, line, texts, matcher, seen)
        before += len(lines)
    counts["rows"] += before
    counts.update(tables=1, columns=len(texts))


def _read_line(
    table: str, number: int, line: str, texts: list[str], matcher: Matcher, seen: Pass
) -> None:
    for column, cell in zip(texts, line.split("\t"), strict=True):
        seen.look(matcher, cell, Hit(table, column, (f"row {number}",)))


def _holds_text(field: Any) -> bool:
    if isinstance(field, TEXTS):
        return not field.choices
    return isinstance(getattr(field, "base_field", None), TEXTS)


def _read_sessions(matcher: Matcher, seen: Pass) -> int:
    """Sessions are stored compressed, so each is unpacked."""
    count = 0
    for session in Session.objects.iterator(chunk_size=500):
        count += 1
        where = Hit(f"{PORTAL}.sessions", "", (str(count),))
        seen.look(matcher, str(session.get_decoded()), where)
    return count
