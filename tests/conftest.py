"""One throw-away PostgreSQL and Redis for a test session; a fixed now; the cast."""

import contextlib
import datetime as dt
import signal
import subprocess

import pytest

_stack = contextlib.ExitStack()


def pytest_configure(config: pytest.Config) -> None:
    from django.conf import settings

    if settings.EMBEDDED is None or hasattr(config, "workerinput"):
        return
    from config.embedded import wait

    stack = settings.EMBEDDED
    _stack.enter_context(stack.lock(blocking=True))
    stack.initdb()
    for start, ready, name, sig in (
        (stack.start_pg, stack.pg_ready, "PostgreSQL", signal.SIGINT),
        (stack.start_kv, stack.kv_ready, "Redis", signal.SIGTERM),
    ):
        server = start(subprocess.DEVNULL)
        _stack.callback(server.wait, 20)
        _stack.callback(server.send_signal, sig)
        wait(ready, 60, name, server)


def pytest_unconfigure() -> None:
    _stack.close()


@pytest.fixture
def now() -> dt.datetime:
    return dt.datetime(2026, 11, 24, 9, 0, tzinfo=dt.UTC)
