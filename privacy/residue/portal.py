"""What the portal itself still holds: its tables, sessions, broker and cache.

Sealed columns are counted and not opened: an erasure destroys those values by name
(`identifiers.forget`).
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import redis
from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import Error, connection, models

from privacy.models.sealing import SealedField
from privacy.residue.matching import Matcher
from privacy.residue.reading import Hit, Pass
from privacy.sql import streams

TEXTS = (models.CharField, models.TextField, models.JSONField)
SECONDS = 3600
PORTAL = "portal"
LARGEST_VALUE = 65_536  # bytes of a key's value that are read
MOST_ITEMS = 1000  # of a list, set or hash
SCAN = 1000


def read(matcher: Matcher, seen: Pass) -> None:
    counts: Counter[str] = Counter()
    for model in _own_tables():
        try:
            _read_table(model, matcher, seen, counts)
        except Error:
            seen.miss(f"{PORTAL}.{model._meta.db_table}", "it could not be read")
    counts["sessions"] = _read_sessions(matcher, seen)
    seen.searched.append({"store": PORTAL, **counts})
    _read_keys(matcher, seen)


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
        if matcher.may_hold(chunk):
            for number, line in enumerate(lines, before + 1):
                _read_line(f"{PORTAL}.{table}", number, line, texts, matcher, seen)
        before += len(lines)
    counts["rows"] += before
    counts.update(tables=1, columns=len(texts))


def _read_line(
    table: str, number: int, line: str, texts: list[str], matcher: Matcher, seen: Pass
) -> None:
    for column, cell in zip(texts, line.split("\t"), strict=True):
        for mark in matcher.seen(cell):
            seen.hits[mark].add(Hit(table, column, (f"row {number}",)))


def _holds_text(field: Any) -> bool:
    if isinstance(field, TEXTS):
        return not field.choices
    return isinstance(getattr(field, "base_field", None), TEXTS)


def _read_sessions(matcher: Matcher, seen: Pass) -> int:
    """Sessions are stored compressed, so each is unpacked."""
    count = 0
    for session in Session.objects.iterator(chunk_size=500):
        count += 1
        for mark in matcher.seen(str(session.get_decoded())):
            seen.hits[mark].add(Hit(f"{PORTAL}.sessions", "", (str(count),)))
    return count


# --- Redis ------------------------------------------------------------------------


def _read_keys(matcher: Matcher, seen: Pass) -> None:
    """Names of keys, and small values, of the broker and the cache."""
    for name, url in _servers().items():
        counts: Counter[str] = Counter()
        try:
            with redis.Redis.from_url(url) as server:
                for key, texts in _contents(server):
                    counts["keys"] += 1
                    for text in texts:
                        counts["bytes"] += len(text)
                        for mark in matcher.seen(text):
                            seen.hits[mark].add(Hit(f"{PORTAL}.{name}", "", (key,)))
        except redis.RedisError:
            seen.miss(f"{PORTAL}.{name}", "it does not answer")
            seen.down.append(name)
        seen.searched.append({"store": f"{PORTAL}.{name}", **counts})


def _servers() -> dict[str, str]:
    servers = {
        "broker": settings.REDIS_URL,
        "cache": settings.CACHES["default"]["LOCATION"],
    }
    if servers["broker"] == servers["cache"]:
        del servers["cache"]
    return servers


def _contents(server: Any) -> Iterator[tuple[str, list[str]]]:
    for key in server.scan_iter(count=SCAN):
        name = _text(key)
        yield name, [name, *_values(server, key)]


def _values(server: Any, key: bytes) -> list[str]:
    kind = _text(server.type(key))
    if kind == "string":
        small = server.strlen(key) <= LARGEST_VALUE
        return [_text(server.get(key))] if small else []
    readers = {
        "list": lambda: server.lrange(key, 0, MOST_ITEMS),
        "set": lambda: server.srandmember(key, MOST_ITEMS),
        "zset": lambda: server.zrange(key, 0, MOST_ITEMS),
        "hash": lambda: [x for pair in server.hgetall(key).items() for x in pair],
    }
    items = readers.get(kind, list)()
    return [_text(item) for item in items if len(item) <= LARGEST_VALUE]


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return "" if value is None else str(value)
