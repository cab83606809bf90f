"""Redis, the portal's broker and cache: the name of every key, and the whole of its
value, in steps, so that memory does not grow with it."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import redis
from django.conf import settings

from privacy.residue import contents
from privacy.residue.matching import Matcher
from privacy.residue.reading import Hit, Pass

STEP = 1000  # keys, or elements of a value, at a time
PIECE = 65_536  # bytes of a string at a time


def read(portal: str, matcher: Matcher, seen: Pass) -> None:
    for name, url in _servers().items():
        place = f"{portal}.{name}"
        counts: Counter[str] = Counter()
        try:
            with redis.Redis.from_url(url) as server:
                for key in server.scan_iter(count=STEP):
                    counts["keys"] += 1
                    _read_key(server, key, place, matcher, seen, counts)
        except redis.RedisError:
            seen.miss(place, "it does not answer")
            seen.down.append(name)
        seen.searched.append({"store": place, **counts})


def _servers() -> dict[str, str]:
    servers = {
        "broker": settings.REDIS_URL,
        "cache": settings.CACHES["default"]["LOCATION"],
    }
    if servers["broker"] == servers["cache"]:
        del servers["cache"]
    return servers


def _read_key(
    server: Any,
    key: bytes,
    place: str,
    matcher: Matcher,
    seen: Pass,
    counts: Counter[str],
) -> None:
    name = _text(key)
    where = Hit(place, "", (name,))
    seen.look(matcher, name, where)
    kind = _text(server.type(key))
    if kind == "none":  # it has gone since
        return
    if kind not in READERS:
        seen.miss(place, f"a value of the kind {kind} can't be read")
        return
    for said in READERS[kind](server, key):
        for text in contents.decoded([said] if isinstance(said, bytes) else said):
            counts["bytes"] += len(text)
            seen.look(matcher, text, where)


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


# --- each kind of value: its elements, as bytes ---------------------------------


def _string(server: Any, key: bytes) -> Iterator[Iterable[bytes]]:
    """One text, in pieces."""
    starts = range(0, server.strlen(key), PIECE)
    yield (server.getrange(key, start, start + PIECE - 1) for start in starts)


def _list(server: Any, key: bytes) -> Iterator[bytes]:
    start = 0
    while some := server.lrange(key, start, start + STEP - 1):
        yield from some
        start += STEP


def _hash(server: Any, key: bytes) -> Iterator[bytes]:
    for name, value in server.hscan_iter(key, count=STEP):
        yield name + b"\n" + value


def _sorted(server: Any, key: bytes) -> Iterator[bytes]:
    for member, score in server.zscan_iter(key, count=STEP):
        yield member + f"\n{score:.0f}".encode()


def _stream(server: Any, key: bytes) -> Iterator[bytes]:
    after = "-"
    while some := server.xrange(key, min=after, count=STEP):
        for _, fields in some:
            yield b"\n".join(part for pair in fields.items() for part in pair)
        after = f"({_text(some[-1][0])}"


READERS: dict[str, Callable[[Any, bytes], Iterator[Any]]] = {
    "string": _string,
    "list": _list,
    "set": lambda server, key: server.sscan_iter(key, count=STEP),
    "zset": _sorted,
    "hash": _hash,
    "stream": _stream,
}
