"""`sample load`: beside the portal, once, and over again when it was cut short."""

import json

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from privacy import policy, stores
from privacy.models import Store
from privacy.sample import beside
from tests.privacy.sample.conftest import digest, interrupted, tables

pytestmark = pytest.mark.django_db


@pytest.fixture
def beside_the_portal(settings, tmp_path):
    """The real thing: a database on the portal's server, gone afterwards."""
    settings.DATA_DIR = tmp_path
    policy.load()
    name = f"{settings.DATABASES['default']['NAME']}_sample"
    yield name
    for store in Store.objects.filter(kind="database"):
        connections[store.alias].close()
    with beside.alone() as server:
        server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def load(capsys, now):
    """`sample load`, and what it says in JSON."""

    def run(*more):
        arguments = ["--scale", "0.01", "--now", now.isoformat(), "--json", *more]
        call_command("sample", "load", *arguments)
        return json.loads(capsys.readouterr().out)

    return run


def test_the_command_loads_once_and_then_changes_nothing(beside_the_portal, load):
    first = load()
    with psycopg.connect(beside.address(beside_the_portal)) as direct:
        before = digest(direct)

    second = load("--seed", "7")

    assert (first["loaded"], second) == (True, {"loaded": False})
    assert first["rows"] == sum(first["tables"].values())
    assert stores.named("sample-recordings").kind == "files"
    with psycopg.connect(beside.address(beside_the_portal)) as direct:
        assert digest(direct) == before


def test_an_interrupted_load_is_started_over(beside_the_portal, load, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("privacy.sample.loading.load_rules", interrupted)
        with pytest.raises(KeyboardInterrupt):
            load()
    assert not Store.objects.exists()

    assert load()["loaded"]


def test_a_database_of_somebody_else_is_left_alone(beside_the_portal, load):
    with beside.alone() as server:
        server.execute(f"CREATE DATABASE {beside_the_portal}")
    with psycopg.connect(beside.address(beside_the_portal)) as theirs:
        theirs.execute("CREATE TABLE precious (id int)")

    with pytest.raises(CommandError, match="left alone"):
        load()

    with psycopg.connect(beside.address(beside_the_portal)) as theirs:
        assert tables(theirs) == ["precious"]


def test_two_loads_at_once_are_one_too_many(beside_the_portal, load):
    with beside.alone(), pytest.raises(CommandError, match="right now"):
        load()


@pytest.mark.parametrize(
    ("time", "sentence"), [("yesterday", "not a time"), ("2026-01-01", "offset")]
)
def test_a_time_that_can_not_be_read_is_refused(time, sentence):
    with pytest.raises(CommandError, match=sentence):
        call_command("sample", "load", "--now", time)
