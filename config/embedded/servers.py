"""The two servers of one data directory: where they are, how they start, their
state."""

import contextlib
import hashlib
import os
import re
import shutil
import signal
import socket
import subprocess
from pathlib import Path

import psycopg

from config.embedded import identity, keys, programs
from config.lock import Lock, private
from config.supervisor import CannotRun, Part, Supervisor

LONGEST_SOCKET_FOLDER = 80  # bytes: "/pg/.s.PGSQL.5432" after it must fit into 104


class Servers:
    """Creating one touches nothing: every process that reads the settings creates
    one."""

    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        self.root = data_dir.resolve()
        self.durable = durable
        self.lock = Lock(self.root / "servers.lock")
        self.sockets = socket_folder(self.root)
        self.postgres_socket = self.sockets / "pg"
        self.valkey_socket = self.sockets / "kv.sock"
        self.database_url = f"postgres://portal@/portal?host={self.postgres_socket}"
        self.redis_url = f"unix://{self.valkey_socket}"
        self.identity = identity.Identity()

    def secret(self, name: str) -> str:
        """Made once, stored beside the data: whoever can read one can read the
        other."""
        return keys.kept(private(private(self.root) / "secrets") / name)

    def start(
        self,
        supervisor: Supervisor,
        lock: int,
        *,
        postgres: bool = True,
        valkey: bool = True,
    ) -> None:
        """Starts both, or one of them; they keep the lock for as long as they live."""
        self._prepare()
        if valkey:
            supervisor.start(self._valkey(lock))
        if postgres:
            supervisor.start(self._postgres(lock))
            self._create_database()

    def answer(self) -> dict[str, bool]:
        """Whether each of them is there for its clients."""
        return {
            "database": self._postgres_answers("portal"),
            "broker": self._valkey_answers(),
        }

    # --- PostgreSQL ---------------------------------------------------------
    @property
    def _postgres_data(self) -> Path:
        return self.root / "pg"

    def _postgres(self, lock: int) -> Part:
        options = [
            "listen_addresses=",
            f"unix_socket_directories={self.postgres_socket}",
            "unix_socket_permissions=0700",
            "max_connections=80",
            "timezone=UTC",
            "log_timezone=UTC",
            "log_min_error_statement=panic",  # statements and details may hold
            "log_error_verbosity=terse",  # personal data
        ]
        if not self.durable:
            options += ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
        flags = [word for option in options for word in ("-c", option)]
        return Part(
            "postgres",
            [programs.postgres("postgres"), "-D", self._postgres_data, *flags],
            ready=lambda: self._postgres_answers("postgres"),
            stop_with=signal.SIGINT,  # fast: it closes its clients' connections
            orphaned_with=signal.SIGINT,
            become=self.identity.become,
            keep_open=[lock],
        )

    def _postgres_answers(self, database: str) -> bool:
        with (
            contextlib.suppress(psycopg.OperationalError),
            self._connect(database),
        ):
            return True
        return False

    def _connect(self, database: str) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self.postgres_socket),
            user="portal",
            dbname=database,
            connect_timeout=2,
            autocommit=True,
        )

    def _create_database(self) -> None:
        with self._connect("postgres") as connection:
            known = "select 1 from pg_database where datname = 'portal'"
            if not connection.execute(known).fetchone():
                connection.execute("create database portal")

    # --- Valkey -------------------------------------------------------------
    @property
    def _valkey_data(self) -> Path:
        return self.root / "kv"

    def _valkey(self, lock: int) -> Part:
        options = {
            "port": "0",
            "unixsocket": str(self.valkey_socket),
            "unixsocketperm": "700",
            "dir": str(self._valkey_data),
            "save": "",
            "appendonly": "yes" if self.durable else "no",
            "maxmemory-policy": "noeviction",  # a queue is not a cache
        }
        flags = [word for key, value in options.items() for word in (f"--{key}", value)]
        return Part(
            "valkey",
            [programs.valkey(), *flags],
            ready=self._valkey_answers,
            keep_open=[lock],
        )

    def _valkey_answers(self) -> bool:
        with (
            contextlib.suppress(OSError),
            socket.socket(socket.AF_UNIX) as connection,
        ):
            connection.settimeout(1)
            connection.connect(str(self.valkey_socket))
            connection.sendall(b"PING\r\n")
            return connection.recv(7).startswith(b"+PONG")
        return False

    # --- folders ------------------------------------------------------------
    def _prepare(self) -> None:
        """Makes the folders, and the first time an empty cluster. We hold the lock, so
        we are alone."""
        self.identity = identity.choose()
        for folder in (self.root, self.sockets, self._valkey_data):
            private(folder)
        if self.identity.drops_to is not None:
            self._let_through()
        shutil.rmtree(self.postgres_socket, ignore_errors=True)
        self.postgres_socket.mkdir()
        self._own(self.postgres_socket)
        if not (self._postgres_data / "PG_VERSION").exists():
            self._initialise()
        self._own(self._postgres_data)  # the identity may differ from the last run's
        (self._postgres_data / "postmaster.pid").unlink(missing_ok=True)

    def _let_through(self) -> None:
        """The user we drop to may pass through our folders without being able to list
        them."""
        self.root.chmod(0o711)
        self.sockets.chmod(0o711)
        passed = (programs.postgres("postgres"), self.root, self.sockets)
        if not all(self.identity.can("test", "-x", path) for path in passed):
            raise CannotRun(
                "PostgreSQL does not run as root here: there are no user namespaces, "
                "and other users cannot enter this folder. Run as an ordinary user, "
                "move the checkout, or set DATABASE_URL."
            )

    def _own(self, folder: Path) -> None:
        owner = self.identity.owner
        if folder.stat().st_uid != owner:
            for path in (folder, *folder.rglob("*")):
                os.chown(path, owner, -1, follow_symlinks=False)
        folder.chmod(0o700)

    def _initialise(self) -> None:
        """Under a temporary name, so that an interrupted one never looks finished."""
        new = self.root / "pg.new"
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        self._own(new)
        argv: list[str | Path] = [
            programs.postgres("initdb"),
            "-D",
            new,
            "-U",
            "portal",
        ]
        argv += ["--auth=trust", "--encoding=UTF8", "--locale=C"]
        argv += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        argv += [] if self.durable else ["--no-sync"]
        done = subprocess.run(  # noqa: S603
            argv,
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=self.identity.become,
        )
        if done.returncode != 0:
            raise CannotRun(f"PostgreSQL's initdb failed: {done.stderr.strip()}")
        new.rename(self._postgres_data)


def socket_folder(root: Path) -> Path:
    """Beside the data if the path is short and plain, else in the common /tmp.

    A socket's path has some hundred bytes at most; PostgreSQL's client splits it at
    commas; a shell and a URL must take it as it is.
    """
    beside = root / "run"
    if re.fullmatch(r"[A-Za-z0-9._/-]+", str(beside)) and (
        len(str(beside)) <= LONGEST_SOCKET_FOLDER
    ):
        return beside
    digest = hashlib.sha256(os.fsencode(root)).hexdigest()[:10]
    return Path("/tmp") / f"portal-{os.geteuid()}-{digest}"  # noqa: S108
