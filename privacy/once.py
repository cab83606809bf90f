"""What is read once for a piece of work on many people, such as the map of a store.

Outside such work everything is read when it is asked for.
"""

import contextlib
from collections.abc import Callable, Hashable, Iterator
from contextvars import ContextVar
from typing import Any, TypeVar

Read = TypeVar("Read")

_kept: ContextVar[dict[Hashable, Any] | None] = ContextVar("kept", default=None)


@contextlib.contextmanager
def each() -> Iterator[None]:
    """Inside, `read` asks once for the same. For seconds: what changes meanwhile is not
    seen, so nothing is decided in it that a change should stop."""
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def read(ask: Callable[..., Read], *about: Hashable) -> Read:
    """What `ask` gives for these."""
    kept = _kept.get()
    if kept is None:
        return ask(*about)
    if (ask, about) not in kept:
        kept[ask, about] = ask(*about)
    found: Read = kept[ask, about]
    return found
