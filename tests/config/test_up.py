"""One command starts everything; one signal stops it; kill -9 breaks nothing."""

import contextlib
import os
import signal
import socket
import time
from pathlib import Path

import pytest
import yaml

from config.management.commands.up import FIRST_TIME, Command
from config.supervisor import Supervisor
from tests.config.conftest import Up, gone

EVERYTHING = {"web", "worker", "beat", "postgres", "valkey"}


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory):
    """One for the whole file, in a folder no socket's path could hold."""
    odd = "a folder, 'quoted' & very " + "long " * 20
    portal = Up(tmp_path_factory.mktemp("up") / odd.strip())
    yield portal
    portal.stop()


def test_everything_runs_and_answers(portal):
    assert set(portal.parts()) == EVERYTHING
    assert portal.get("/healthz") == (200, "ok\n")
    assert portal.get("/readyz") == (200, "database: ok\nbroker: ok\n")


def test_the_pages_answer_at_the_address_it_printed(portal):
    status, page = portal.get("/admin/login/")
    assert status == 200
    assert "Privacy portal" in page


def test_a_second_one_on_the_same_data_says_so(portal, manage):
    refused = manage("up", data=portal.data)
    assert refused.returncode == 1
    assert refused.stderr == (
        f"CommandError: Already running (pid {portal.process.pid}).\n"
    )


def test_services_do_not_stop_what_up_started(portal, manage):
    refused = manage("services", "stop", data=portal.data)
    assert refused.returncode == 1
    assert f"They belong to `up` (pid {portal.process.pid})" in refused.stderr


@pytest.mark.parametrize("part", sorted(EVERYTHING))
def test_a_killed_part_comes_back(portal, part):
    before = portal.parts()[part]
    os.kill(before, signal.SIGKILL)
    portal.hear(f"({part}) is back")
    assert portal.parts()[part] != before
    assert eventually_ready(portal)


def test_two_checkouts_stand_side_by_side_and_survive_kill_9(portal, up, tmp_path):
    other = up(tmp_path)
    assert other.url != portal.url
    assert f"port 8000 is taken; using {other.url}" in other.said
    assert other.get("/readyz")[0] == portal.get("/readyz")[0] == 200

    left = list(other.parts().values())
    assert other.stop(signal.SIGKILL) == -signal.SIGKILL
    again = up(tmp_path, "--bind", other.url.removeprefix("http://"))
    assert gone(left, within=0)
    assert again.url == other.url
    assert again.get("/readyz")[0] == 200

    left = list(again.parts().values())
    assert again.stop(signal.SIGINT) == 0
    assert gone(left, within=0)


def test_a_busy_port_is_named_and_another_offered(manage):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = manage("up", "--bind", f"127.0.0.1:{port}")
    assert refused.returncode == 1
    assert f"Port {port} of 127.0.0.1 is taken." in refused.stderr
    assert "python3 dev.py up --bind 127.0.0.1:" in refused.stderr


def test_an_empty_portal_is_furnished_once(tmp_path, settings, monkeypatch):
    settings.DATA_DIR = tmp_path
    first_time = {"sign-ins": (("check",), "creating them")}
    monkeypatch.setattr("config.management.commands.up.FIRST_TIME", first_time)
    command, said = Command(), []
    monkeypatch.setattr(command, "say", said.append)
    with Supervisor(tmp_path / "log", said.append) as supervisor:
        command.furnish(supervisor)
        command.furnish(supervisor)
    assert said == ["creating them"]
    kept = tmp_path / "once" / "sign-ins"
    assert "no issues" in kept.read_text()


def test_the_plan_of_a_new_portal_is_one_of_the_samples_rules():
    rules = yaml.safe_load(Path("privacy/sample/rules.yaml").read_text())

    assert FIRST_TIME["plan"][0][2] in {rule["name"] for rule in rules}


def eventually_ready(portal: Up) -> bool:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            if portal.get("/readyz")[0] == 200:
                return True
        time.sleep(0.1)
    return False
