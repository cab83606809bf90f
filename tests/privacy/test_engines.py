"""One contract over every engine that a store can have, by other people's dumps."""

from pathlib import Path

import pytest
from django.db import connections

from privacy import erasure, identifiers, plans, stores
from privacy.datamap import discovery
from privacy.models import Plan
from tests import engines

pytestmark = pytest.mark.django_db
DATABASES = Path(__file__).resolve().parent.parent / "data" / "databases"
FILES = {
    "postgresql": "chinook_postgresql.sql",
    "mariadb": "chinook_mysql.sql",
    "sqlite": "chinook_sqlite.sql",
}
OLD = ("luisg@embraer.com.br", "Gonçalves", "3923-5555", "3923-5566")


def chinook_of(database):
    script = (DATABASES / FILES[database.engine]).read_text(encoding="utf-8-sig")
    if database.engine == "postgresql":
        script = "\n".join(script.splitlines()[28:])
    database.run(engines.without_database(script))
    return database


def table(database, words):
    """A name in the style of the engine's dump."""
    if database.engine == "postgresql":
        return words
    return "".join(word.capitalize() for word in words.split("_"))


@pytest.fixture(params=engines.ENGINES)
def chinook(request, database, now):
    made = chinook_of(database(request.param))
    store = stores.connect(name="chinook", url=made.url, by="pia", now=now)
    discovery.discover(store=store, by="pia", now=now)
    yield made
    connections[store.alias].close()


def planned(plan):
    return {t["table"].split(".")[1]: t["rows"] for t in plan.summary["tables"]}


def asked(now):
    return [identifiers.keep(identifiers.email(OLD[0]), now=now)]


def test_an_access_request_finds_exactly_what_sql_finds(chinook, now):
    plan = erasure.plan_access(
        identifiers=asked(now), title="Access", received_at=now, by="lena", now=now
    )

    expected = {"customer": 1, "invoice": 7, "invoice_line": 38}
    assert planned(plan) == {table(chinook, n): many for n, many in expected.items()}


def test_an_erasure_leaves_nothing_and_foreign_keys_hold(chinook, now):
    plan = erasure.plan(
        identifiers=asked(now), title="Erasure", received_at=now, by="lena", now=now
    )
    plans.approve(plan=plan, by="max", now=now)

    done = erasure.carry_out(plan=plan, clock=lambda: now)

    assert (done.status, done.problem, done.residue["found"]) == (
        Plan.Status.DONE,
        "",
        [],
    )
    customer = chinook.quoted(table(chinook, "customer"))
    text = str(chinook.rows(f"SELECT * FROM {customer}"))
    assert not [old for old in OLD if old in text]
    total, invoice = (chinook.quoted(table(chinook, n)) for n in ("total", "invoice"))
    [(money,)] = chinook.rows(f"SELECT sum({total}) FROM {invoice}")
    assert f"{money:.2f}" == "2328.60"
    if chinook.engine == "sqlite":
        assert chinook.rows("PRAGMA foreign_key_check") == []
