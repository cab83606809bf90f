"""One data directory, one holder; and folders that only their owner can enter."""

import contextlib
import fcntl
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from config.supervisor import CannotRun

WINDING_DOWN = 30  # seconds the parts of a killed run may take to stop


class AlreadyRunning(CannotRun):
    """Another live process holds the data directory."""


class Lock:
    """A lock that outlives its holder while any process that inherited it lives.

    So whoever gets it knows that nothing of an earlier run, killed or not, is left.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextlib.contextmanager
    def hold(self) -> Iterator[int]:
        """Takes the lock, or says who has it; returns the descriptor to pass on."""
        private(self.path.parent)
        with self.path.open("a+") as file:
            self._take(file.fileno())
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield file.fileno()

    def holder(self) -> int | None:
        """The process that has the lock, while it is alive."""
        if not self.path.exists():
            return None
        with self.path.open() as file:
            if _try(file.fileno(), fcntl.LOCK_SH):
                return None
            pid = int(file.read() or 0)
        return pid if pid and alive(pid) else None

    def _take(self, descriptor: int) -> None:
        end = time.monotonic() + WINDING_DOWN
        while not _try(descriptor, fcntl.LOCK_EX):
            if pid := self.holder():
                raise AlreadyRunning(f"Already running (pid {pid}).")
            if time.monotonic() > end:
                raise CannotRun(
                    "A process left over from a killed run still holds "
                    f"{self.path}: end it."
                )
            time.sleep(0.1)


def private(folder: Path) -> Path:
    """Makes a folder that only we can read; refuses one that someone else prepared.

    Permission to pass through, which PostgreSQL under another user id needs, stays as
    it is.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
    except OSError as error:
        raise CannotRun(f"{folder}: {error.strerror}.") from None
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise CannotRun(f"{folder} is not a folder owned by this user.")
    folder.chmod(found.st_mode & 0o711)
    return folder


def _try(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def alive(pid: int) -> bool:
    """Whether a process with this id exists, whoever owns it."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # alive, and someone else's
    return True
