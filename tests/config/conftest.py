"""The portal as its users start it: by command, in a process of its own."""

import contextlib
import http.client
import os
import re
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings

MANAGE = [sys.executable, str(settings.BASE_DIR / "manage.py")]
OURS = ("PORTAL_", "DJANGO_", "DATABASE_", "REDIS_", "SECRET_")


def outside(data: Path, **more: str) -> dict[str, str]:
    """The environment of someone who runs no tests, with a data directory."""
    plain = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(OURS) and not name.endswith("_KEYS")
    }
    ours = {"PORTAL_DATA_DIR": str(data), "PORTAL_DURABLE": "0"}
    return plain | ours | {"PORTAL_ENV_FILE": os.devnull} | more


Manage = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def manage(tmp_path: Path) -> Manage:
    """Runs `manage.py` to its end."""

    def run(
        *arguments: str,
        data: Path = tmp_path / "data",
        become: Callable[[], None] | None = None,
        **environment: str,
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*MANAGE, *arguments],
            env=outside(data, **environment),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            preexec_fn=become,
        )

    return run


class Up:
    """`manage.py up --no-sample` in a data directory, with what it says."""

    PARTS = {  # a word of its command, and what the supervisor calls it
        "gunicorn": "web",
        "config.celery:app\0worker": "worker",
        "config.celery:app\0beat": "beat",
        "bin/postgres": "postgres",
        "valkey-server": "valkey",
    }

    def __init__(self, data: Path, *arguments: str) -> None:
        self.data = data
        self.output = data.with_name(f"{uuid.uuid4().hex}.out")
        self.read = 0  # characters of it
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [*MANAGE, "up", "--no-sample", *arguments],
                env=outside(data),
                stdout=output,
            )
        self.url = self.hear(r"ready: (http://.*)/admin/")

    @property
    def said(self) -> str:
        return self.output.read_text()

    def hear(self, pattern: str, *, within: float = 180) -> str:
        """Wait until it says so, after what was heard before; gives the group."""
        end = time.monotonic() + within
        while time.monotonic() < end:
            if found := re.compile(pattern).search(self.said, self.read):
                self.read = found.end()
                return found[1]
            time.sleep(0.05)
        raise AssertionError(f"never said {pattern}: {self.said}")

    def get(self, path: str) -> tuple[int, str]:
        """Status and body."""
        host = urlsplit(self.url).netloc
        with contextlib.closing(http.client.HTTPConnection(host, timeout=10)) as server:
            server.request("GET", path)
            answer = server.getresponse()
            return answer.status, answer.read().decode()

    def parts(self) -> dict[str, int]:
        """The processes it started itself."""
        parent = str(self.process.pid)
        found = {}
        for process in Path("/proc").glob("[0-9]*"):
            if stat(process.name)[1:] == [parent]:
                command = (process / "cmdline").read_text()
                found |= {
                    name: int(process.name)
                    for word, name in self.PARTS.items()
                    if word in command
                }
        return found

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(60)


@pytest.fixture
def up() -> Iterator[Callable[..., Up]]:
    """Starts portals; whatever still runs afterwards is stopped."""
    with contextlib.ExitStack() as stack:

        def start(data: Path, *arguments: str) -> Up:
            started = Up(data, *arguments)
            stack.callback(started.stop)
            return started

        yield start


def gone(pids: list[int], *, within: float = 30) -> bool:
    """Whether all these processes end in time, in seconds."""
    end = time.monotonic() + within
    while any(running(pid) for pid in pids):
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def running(pid: int) -> bool:
    """Whether a process exists and is more than a record of its end."""
    return stat(pid)[:1] not in ([], ["Z"])


def stat(pid: int | str) -> list[str]:
    """A process's state and its parent's id; nothing if there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
    except (FileNotFoundError, ProcessLookupError):
        return []
