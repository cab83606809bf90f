"""Throw-away servers for a session, a fixed now, and no way out to the network."""

import contextlib
import datetime as dt
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.management.commands import flush
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.postgresql.operations import DatabaseOperations
from django.test import override_settings

from config.celery import app
from config.lock import alive
from config.supervisor import CannotRun, Supervisor
from tests import engines
from tests.emptying import Given
from tests.scratch import Address, Databases, address_of, administer

session = contextlib.ExitStack()
LONG = {"journeys", "config", "test_killed_at_every_step"}


# --- servers ----------------------------------------------------------------
def pytest_configure(config: pytest.Config) -> None:
    """Before anything is collected: the embedded servers that no URL replaces."""
    refuse_the_network()
    if hasattr(config, "workerinput") or not (
        settings.EMBEDDED_DATABASE or settings.EMBEDDED_REDIS
    ):
        return
    sweep_up(settings.DATA_DIR.parent)
    session.callback(shutil.rmtree, settings.DATA_DIR, ignore_errors=True)
    lock = session.enter_context(settings.EMBEDDED.lock.hold())
    supervisor = session.enter_context(Supervisor(settings.DATA_DIR / "log", print))
    wanted = {
        "postgres": settings.EMBEDDED_DATABASE,
        "valkey": settings.EMBEDDED_REDIS,
    }
    try:
        settings.EMBEDDED.start(supervisor, lock, **wanted)
    except CannotRun as refusal:
        raise pytest.UsageError(str(refusal)) from None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes minutes is begun first, so that no core waits for it at the end."""
    items.sort(
        key=lambda item: LONG.isdisjoint((item.path.parent.name, item.path.stem))
    )


def pytest_unconfigure() -> None:
    session.close()


def sweep_up(folder: Path) -> None:
    """The data of sessions that were killed; a folder is named after its process."""
    for left in folder.glob("[0-9]*"):
        if not alive(int(left.name)):
            shutil.rmtree(left, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """After a test that commits the tables are as a migrated portal has them."""
    with django_db_blocker.unblock():
        given = Given()

    def empty(self: DatabaseOperations, statements: list[str]) -> None:
        with transaction.atomic():
            given.put_back()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", empty)
        patch.setattr(flush, "emit_post_migrate_signal", lambda *_, **__: None)
        yield


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    kept = Databases()
    yield kept
    for name in kept.free:
        administer("drop database {} with (force)", name)


@pytest.fixture
def scratch_database(databases: Databases) -> Iterator[Callable[[], Address]]:
    """Gives empty databases beside the portal's own, for this test alone."""
    made: list[str] = []

    def make() -> Address:
        made.append(databases.take())
        return address_of(made[-1])

    yield make
    for name in made:
        databases.give_back(name)


# --- files ----------------------------------------------------------------------
@pytest.fixture(scope="session")
def live_server(request: pytest.FixtureRequest, django_db_setup: None) -> Any:
    """WhiteNoise warns of a missing folder, and nothing is collected for tests."""
    with override_settings(STATIC_ROOT=settings.STATICFILES_DIRS[0]):
        return request.getfixturevalue("live_server")


@pytest.fixture(autouse=True)
def own_journal(settings: Any, tmp_path: Path) -> None:
    """No test replays or puts back what another one erased."""
    settings.ERASURE_JOURNAL = tmp_path / "erasures.jsonl"
    settings.UNDO_KEYS = tmp_path / "undo-keys"


# --- workers ----------------------------------------------------------------
class Workers:
    """Real Celery workers on the test database, each a process that can be killed."""

    def __init__(self, log: Path) -> None:
        self.pids: dict[str, int] = {}
        self.log = log.open("ab")
        self.parent = subprocess.Popen(
            [sys.executable, "-m", "tests.forking"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
            process_group=0,
        )

    def start(self, count: int = 1) -> None:
        """More workers, ready for tasks; they are called worker1, worker2, …"""
        nodes = []
        for number in range(len(self.pids) + 1, len(self.pids) + count + 1):
            nodes.append(f"worker{number}@tests")
            print(nodes[-1], file=self.parent.stdin, flush=True)
            self.pids[f"worker{number}"] = int(self.parent.stdout.readline())
        end = time.monotonic() + 90
        while len(app.control.ping(nodes, timeout=0.5, limit=len(nodes))) < count:
            assert time.monotonic() < end, f"{nodes} are not ready; see {self.log.name}"

    @property
    def alive(self) -> list[str]:
        return [name for name, pid in self.pids.items() if alive(pid)]

    def rest(self) -> None:
        """Wait until none of them is at a task."""
        nodes = [f"{name}@tests" for name in self.alive]
        asked = app.control.inspect(nodes, timeout=5, limit=len(nodes))
        while nodes and any((asked.active() or {}).values()):
            time.sleep(0.1)

    def kill(self, name: str) -> None:
        """As the kernel does when memory runs out: at once, and unannounced."""
        os.killpg(self.pids[name], signal.SIGKILL)
        while alive(self.pids[name]):
            time.sleep(0.01)

    def close(self) -> None:
        self.parent.communicate()
        self.log.close()


@pytest.fixture(scope="module")
def workers(
    django_db_setup: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Workers]:
    """For all tests of a file, as a portal's workers live longer than one request."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PORTAL_DATABASE_NAME", settings.DATABASES["default"]["NAME"])
        patch.setenv("RANGE_LEASE_SECONDS", "3")
        patch.chdir(settings.BASE_DIR)
        log = tmp_path_factory.mktemp("workers") / "log"
        with contextlib.closing(Workers(log)) as made:
            yield made


@pytest.fixture
def two_workers(transactional_db: None, workers: Workers) -> Iterator[Workers]:
    """`kill(name)` ends one of `alive`, `start()` adds one.

    They see what the test commits. A range whose worker was killed is free again
    after three seconds.
    """
    app.control.purge()  # what earlier tests asked for and nobody did
    workers.start(2 - len(workers.alive))
    yield workers
    app.control.purge()
    workers.rest()  # before the tables are emptied


# --- stores -----------------------------------------------------------------
@pytest.fixture(autouse=True)
def stores_may_be_reached(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Django guards the aliases of a test; those of stores are made while it runs."""
    if request.node.get_closest_marker("django_db") is None:
        return
    request.getfixturevalue("_django_db_helper")
    guarded = BaseDatabaseWrapper.ensure_connection

    def ensure(self: BaseDatabaseWrapper) -> None:
        if not self.alias.startswith("store_"):
            guarded(self)
        elif self.connection is None:
            with self.wrap_database_errors:
                self.connect()

    monkeypatch.setattr(BaseDatabaseWrapper, "ensure_connection", ensure)


# --- the clock, the network -------------------------------------------------
@pytest.fixture
def now() -> dt.datetime:
    return dt.datetime(2026, 11, 24, 9, 0, tzinfo=dt.UTC)


def refuse_the_network() -> None:
    """Tests talk to this machine, and to the servers the environment names.

    An audit hook sees every connection Python makes, whichever library makes it, and
    cannot be undone. PostgreSQL's client is not Python; its address is ours.
    """
    near = {"localhost", "127.0.0.1", "::1", None, ""}
    for url in ("DATABASE_URL", "REDIS_URL"):
        if host := urlsplit(os.environ.get(url, "")).hostname:
            near |= {host, socket.gethostbyname(host)}

    def guard(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "socket.connect" and isinstance(arguments[1], tuple):
            host = arguments[1][0]
        elif event == "socket.getaddrinfo":
            host = arguments[0]
        else:
            return
        if host not in near:
            raise PermissionError(f"Tests do not talk to {host}.")

    sys.addaudithook(guard)


# --- stores of every engine -----------------------------------------------------
@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[engines.MariaDB]:
    if not (engines.MARIADB and engines.INSTALL):
        pytest.fail(engines.NO_SERVER, pytrace=False)
    server = engines.MariaDB()
    yield server
    server.stop()


@pytest.fixture
def database(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Callable[[str], engines.Database]]:
    """Makes an empty database of an engine; it is gone afterwards."""
    with contextlib.ExitStack() as made:

        def make(engine: str) -> engines.Database:
            if engine == "sqlite":
                return made.enter_context(engines.sqlite(tmp_path))
            if engine == "mariadb":
                server = request.getfixturevalue("mariadb_server")
                return made.enter_context(engines.mariadb(server))
            address = request.getfixturevalue("scratch_database")()
            return made.enter_context(engines.postgresql(address))

        request.getfixturevalue("scratch_database")
        yield make
        for name in [n for n in connections.settings if n.startswith("store_")]:
            connections[name].close()
