"""The embedded servers alone, started and stopped by command."""

import json
import os
import pwd
import shlex
import signal
import tempfile
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from config.embedded import identity
from config.embedded.servers import Servers
from config.supervisor import CannotRun
from tests.config.conftest import gone


@pytest.fixture
def services(manage, tmp_path):
    """Runs one of the actions; what runs afterwards is stopped."""

    def run(action, *more, **environment):
        return manage("services", action, *more, **environment)

    yield run
    run("stop")


def test_start_prints_lines_fit_for_eval_and_stop_ends_it(services):
    started = services("start")
    lines = dict(line.split("=", 1) for line in shlex.split(started.stdout))

    socket = parse_qs(urlsplit(lines["DATABASE_URL"]).query)["host"][0]
    with psycopg.connect(host=socket, user="portal", dbname="portal") as direct:
        assert direct.execute("SELECT 1").fetchone() == (1,)
    assert lines["REDIS_URL"].startswith("unix://")
    state = json.loads(services("status", "--json").stdout)
    assert (state["running"], state["database"], state["broker"]) == (True,) * 3
    assert state["database_url"] == lines["DATABASE_URL"]
    assert services("start").stdout == started.stdout
    assert json.loads(services("start", "--json").stdout) == state

    assert services("stop").stdout == "The embedded servers have stopped.\n"
    assert services("status").stdout == "The embedded servers are not running.\n"
    assert services("stop").stdout == "The embedded servers are not running.\n"
    assert json.loads(services("stop", "--json").stdout)["running"] is False
    assert gone([state["pid"]])


def test_after_kill_9_the_next_start_finds_everything(services):
    services("start")
    state = json.loads(services("status", "--json").stdout)
    socket = parse_qs(urlsplit(state["database_url"]).query)["host"][0]
    with psycopg.connect(host=socket, user="portal", dbname="portal") as direct:
        direct.execute("CREATE TABLE kept (id int)")
    os.kill(state["pid"], signal.SIGKILL)

    services("start")

    with psycopg.connect(host=socket, user="portal", dbname="portal") as direct:
        assert direct.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_up_uses_the_servers_that_run_already(services, up, tmp_path):
    services("start")

    portal = up(tmp_path / "data")

    assert "using the servers that `manage.py services start` started" in portal.said
    assert set(portal.parts()) == {"web", "worker", "beat"}


# --- who starts them --------------------------------------------------------
@pytest.fixture
def passable():
    """A folder that other users may pass, as those of a container are."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


@pytest.fixture
def as_root(monkeypatch):
    """Root, as far as the portal can tell, on a kernel without user namespaces."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("PORTAL_NO_USERNS", "1")


def test_without_user_namespaces_postgresql_still_does_not_run_as_root(
    manage, passable
):
    """Root lends it another user; anybody else runs it as they are."""
    data = passable / "data"
    try:
        started = manage("services", "start", data=data, PORTAL_NO_USERNS="1")
        assert started.returncode == 0, started.stderr
        assert (data / "pg").stat().st_uid != 0
    finally:
        manage("services", "stop", data=data)


def test_root_without_user_namespaces_lends_a_user_that_exists(as_root):
    chosen = identity.choose()

    assert pwd.getpwuid(chosen.drops_to).pw_uid not in (0, identity.NOBODY)
    assert chosen.owner == chosen.drops_to
    assert chosen.mapped_to is None


def test_dropping_root_gives_up_its_groups_before_its_user(monkeypatch):
    """The other way round the kernel would refuse to give up the groups."""
    done = []
    for call in ("setgroups", "setgid", "setuid"):
        monkeypatch.setattr(os, call, lambda to, call=call: done.append((call, to)))

    identity.Identity(drops_to=1000).become()

    assert done == [("setgroups", []), ("setgid", 1000), ("setuid", 1000)]


def test_the_user_that_root_lends_owns_the_folders_of_postgresql(monkeypatch, tmp_path):
    servers = Servers(tmp_path / "data")
    servers.identity = identity.Identity(drops_to=os.getuid() + 1)
    folder = tmp_path / "pg"
    (folder / "base").mkdir(parents=True)
    given = {}
    monkeypatch.setattr(
        os, "chown", lambda path, to, *_, **__: given.update({path: to})
    )

    servers._own(folder)

    assert given == dict.fromkeys((folder, folder / "base"), os.getuid() + 1)
    assert folder.stat().st_mode & 0o777 == 0o700


def test_in_a_folder_nobody_else_may_enter_it_says_what_to_do(as_root, tmp_path):
    tmp_path.chmod(0o700)
    servers = Servers(tmp_path / "data")
    servers.identity = identity.choose()
    for folder in (servers.root, servers.sockets):
        folder.mkdir(parents=True, exist_ok=True)

    with pytest.raises(CannotRun, match="Run as an ordinary user, move the checkout"):
        servers._let_through()


def test_an_ordinary_user_needs_nothing_from_root(manage, passable):
    """Root becomes one for this; anybody else is one."""
    ordinary = identity.choose()
    os.chown(passable, ordinary.owner, -1)
    data = passable / "data"
    try:
        started = manage("services", "start", data=data, become=ordinary.become)
        assert started.returncode == 0, started.stderr
        assert (data / "pg").stat().st_uid == ordinary.owner
        assert not (data / "pg").stat().st_mode & 0o077
    finally:
        manage("services", "stop", data=data, become=ordinary.become)
