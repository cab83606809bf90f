"""A cache for one piece of work on many people, such as the map of a store.

Outside such work everything is read when asked for.
"""

import contextlib
from collections.abc import Callable, Hashable, Iterator
from contextvars import ContextVar
from typing import Any, TypeVar

Read = TypeVar("Read")

_kept: ContextVar[dict[Hashable, Any] | None] = ContextVar("kept", default=None)


@contextlib.contextmanager
def each() -> Iterator[None]:
    """Inside this context, `read` asks only once for the same thing. Meant for seconds:
    changes made meanwhile are not seen, so nothing may be decided in it that a change
    should stop."""
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def read(ask: Callable[..., Read], *about: Hashable) -> Read:
    """The result of `ask` for these arguments, cached inside `each`."""
    kept = _kept.get()
    if kept is None:
        return ask(*about)
    if (ask, about) not in kept:
        kept[ask, about] = ask(*about)
    found: Read = kept[ask, about]
    return found
