"""The embedded servers alone, started and stopped by command."""

import json
import os
import shlex
import signal
import tempfile
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from config.embedded import identity
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
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can lend an identity")


@pytest.fixture
def passable():
    """A folder that other users may pass, as those of a container are."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


@as_root
def test_root_without_user_namespaces_lends_postgresql_another_user(manage, passable):
    data = passable / "data"
    try:
        started = manage("services", "start", data=data, PORTAL_NO_USERNS="1")
        assert started.returncode == 0, started.stderr
        assert (data / "pg").stat().st_uid != 0
    finally:
        manage("services", "stop", data=data)


@as_root
def test_in_a_folder_nobody_else_may_enter_it_says_what_to_do(manage, tmp_path):
    tmp_path.chmod(0o700)

    refused = manage("services", "start", PORTAL_NO_USERNS="1")

    assert refused.returncode == 1
    assert "Run as an ordinary user, move the checkout, or set DATABASE_URL" in (
        refused.stderr
    )


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
