"""Throw-away stores of every engine that a store can have.

PostgreSQL is a database beside the portal's own, SQLite a file. MariaDB is the server
that is installed on the machine, started once a session and listening on a socket only.
"""

import contextlib
import re
import shutil
import sqlite3
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pymysql

MARIADB = shutil.which("mariadbd") or shutil.which("mariadbd", path="/usr/sbin")
INSTALL = shutil.which("mariadb-install-db")
NO_SERVER = (
    "The tests of stores need a MariaDB server, and none is installed here. On Debian "
    "and Ubuntu: `apt install mariadb-server`; on macOS: `brew install mariadb`."
)
ENGINES = ("postgresql", "mariadb", "sqlite")
PATIENCE = 60  # seconds


@dataclass
class Database:
    """One empty database: its address, and a way in that is not the portal's."""

    engine: str
    url: str
    direct: Any
    name: str = field(default="", repr=False)

    def run(self, script: str) -> None:
        """Many statements, in the engine's own dialect."""
        if self.engine == "sqlite":
            self.direct.executescript(script)
        elif self.engine == "postgresql":
            self.direct.execute(script)
        else:
            with self.direct.cursor() as cursor:
                cursor.execute(script)
                while cursor.nextset():
                    pass

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """`%s` stands for a value on all engines."""
        if self.engine == "sqlite":
            return list(self.direct.execute(query.replace("%s", "?"), values))
        with self.direct.cursor() as cursor:
            cursor.execute(query, values or None)
            return list(cursor.fetchall())

    def quoted(self, name: str) -> str:
        mark = "`" if self.engine == "mariadb" else '"'
        return f"{mark}{name}{mark}"


class MariaDB:
    """A server on a socket in a folder of its own."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="maria"))
        self.socket = self.folder / "s"
        # A server that starts clears its folder of temporary tables, another's too.
        own = self.folder / "tmp"
        own.mkdir()
        data, temporary = f"--datadir={self.folder / 'data'}", f"--tmpdir={own}"
        as_root = ["--user=root"] if Path.home() == Path("/root") else []
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        install = [str(INSTALL), "--no-defaults", data, temporary, "--skip-test-db"]
        method = "--auth-root-authentication-method=normal"
        subprocess.run([*install, *as_root, method], check=True, **quiet)  # type: ignore[call-overload]
        self.process = subprocess.Popen(
            [str(MARIADB), "--no-defaults", data, temporary, f"--socket={self.socket}",
             "--skip-networking", "--innodb-flush-log-at-trx-commit=0",
             "--innodb-buffer-pool-size=64M", *as_root],
            **quiet,
        )  # type: ignore[call-overload]  # fmt: skip
        self._wait()

    def _wait(self) -> None:
        end = time.monotonic() + PATIENCE
        while not self.socket.exists():  # it is made when the server listens
            if time.monotonic() > end:
                raise TimeoutError("MariaDB did not start.")
            time.sleep(0.1)

    def connect(self, **options: Any) -> Any:
        from pymysql.constants import CLIENT

        return pymysql.connect(
            unix_socket=str(self.socket),
            user="root",
            autocommit=True,
            client_flag=CLIENT.MULTI_STATEMENTS,
            **options,
        )

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(PATIENCE)
        shutil.rmtree(self.folder, ignore_errors=True)


@contextlib.contextmanager
def mariadb(server: MariaDB) -> Iterator[Database]:
    name = f"scratch_{uuid.uuid4().hex[:12]}"
    with server.connect() as direct:
        with direct.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
            cursor.execute(f"USE {name}")
        url = f"mysql://root@/{name}?host={server.socket}"
        yield Database("mariadb", url, direct, name)
        with direct.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name}")


@contextlib.contextmanager
def sqlite(folder: Path) -> Iterator[Database]:
    path = folder / f"{uuid.uuid4().hex[:12]}.sqlite"
    direct = sqlite3.connect(path, isolation_level=None)
    yield Database("sqlite", f"sqlite:///{path}", direct, str(path))
    direct.close()


@contextlib.contextmanager
def postgresql(address: Any) -> Iterator[Database]:
    with psycopg.connect(address.conninfo, autocommit=True) as direct:
        yield Database("postgresql", address.url, direct)


def without_database(script: str) -> str:
    """A dump's own CREATE DATABASE, DROP DATABASE and USE are left out."""
    own = r"(?im)^\s*(CREATE DATABASE|DROP DATABASE|USE|\\c)\b[^;*]*;"
    return re.sub(own, "", script)
