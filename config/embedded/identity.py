"""The user that PostgreSQL runs as.

It refuses to run as root, and it wants a user with a name. Root, and a user id without
a name (as some container platforms give), therefore borrow the id of a user that
exists: no user is created and no file changes hands, because the borrowing happens in a
user namespace. Where the kernel forbids those (a container's default profile), root
drops to that user for good and gives it PostgreSQL's own folders.
"""

import ctypes
import os
import pwd
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from config.supervisor import CannotRun

CLONE_NEWUSER = 0x10000000
NOBODY = 65534


@dataclass(frozen=True)
class Identity:
    """At most one of the two is set; neither means the present user."""

    mapped_to: int | None = None
    drops_to: int | None = None

    @property
    def owner(self) -> int:
        """The user id that must own PostgreSQL's files, as seen from outside."""
        return os.geteuid() if self.drops_to is None else self.drops_to

    @property
    def become(self) -> Callable[[], None] | None:
        """What the child does between fork and exec."""
        if self.mapped_to is not None:
            return _mapping(self.mapped_to)
        if self.drops_to is not None:
            return _dropping(self.drops_to)
        return None

    def can(self, *command: str | Path) -> bool:
        """Whether a command succeeds under this identity."""
        try:
            done = subprocess.run(command, preexec_fn=self.become, check=False)  # noqa: S603
        except (OSError, subprocess.SubprocessError):
            return False
        return done.returncode == 0


def choose() -> Identity:
    """The present user, if PostgreSQL accepts it; else mapped; else dropped."""
    if os.geteuid() != 0 and _has_name(os.geteuid()):
        return Identity()
    borrowed = next(
        user.pw_uid for user in pwd.getpwall() if user.pw_uid not in (0, NOBODY)
    )
    mapped = Identity(mapped_to=borrowed)
    if not os.environ.get("PORTAL_NO_USERNS") and mapped.can("true"):
        return mapped
    if os.geteuid() == 0:
        return Identity(drops_to=borrowed)
    raise CannotRun(
        "This user id has no name, and the kernel does not allow giving it "
        "one: set DATABASE_URL."
    )


def _has_name(uid: int) -> bool:
    try:
        return bool(pwd.getpwuid(uid))
    except KeyError:
        return False


def _mapping(inside: int) -> Callable[[], None]:
    uid, gid = os.geteuid(), os.getegid()
    libc = ctypes.CDLL(None, use_errno=True)

    def become() -> None:
        if sys.platform != "linux" or libc.unshare(CLONE_NEWUSER) != 0:
            raise OSError(ctypes.get_errno(), "no user namespace")
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{inside} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{inside} {gid} 1")

    return become


def _dropping(uid: int) -> Callable[[], None]:
    def become() -> None:
        os.setgroups([])
        os.setgid(uid)
        os.setuid(uid)

    return become
