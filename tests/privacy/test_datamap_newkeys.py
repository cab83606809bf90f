"""New keys in documents are drift, like new columns."""

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connections
from django.test.utils import CaptureQueriesContext

from privacy.datamap import acceptance, discovery, drift
from privacy.models import Column

pytestmark = pytest.mark.django_db
SHOP = """
CREATE TABLE customer (id serial PRIMARY KEY, email text UNIQUE, prefs jsonb,
    notes text);
INSERT INTO customer (email, prefs, notes)
SELECT 'c' || i || '@example.com',
       jsonb_build_object('theme', 'dark', 'contact', jsonb_build_object(
           'mail', 'b' || i || '@example.org')),
       '{"tone": "red", "mail": "a' || i || '@example.org"}'
FROM generate_series(1, 9) i;
"""
INSERT = "INSERT INTO customer (prefs, notes) VALUES (%s, %s)"
PERSON = '{"emergency": {"cell": "+12025550107", "person": "Maria Muster"}, "size": 4}'
BY_NUMBER = '{"seen": {"+12025550107": 3, "+12025550108": 4}}'


@pytest.fixture
def shop(connect, now):
    store, direct = connect("shop", SHOP)

    def accepted():
        discovery.discover(store=store, by="pia", now=now)
        acceptance.accept(columns=acceptance.proposals(store), by="pia", now=now)
        return [str(p) for p in drift.check(discovery.Map(store))]

    assert accepted() == []
    return store, direct, accepted


@pytest.mark.parametrize("row", [(PERSON, None), (None, PERSON)])
def test_new_keys_that_look_personal_fail_the_check_until_they_are_accepted(shop, row):
    store, direct, accepted = shop
    for person in ("Maria Muster", "Peter Muster"):
        direct.execute(INSERT, [t and t.replace("Maria Muster", person) for t in row])
    name = "prefs" if row[0] else "notes"

    problem, *others = map(str, drift.check(discovery.Map(store)))

    said = "holds what nobody has classified (emergency.cell, emergency.person)"
    assert problem.startswith(f"shop.customer.{name} {said}: run datamap discover")
    assert others == []
    assert drift.problems(discovery.Map(store)) == []  # a plan reads the schema alone
    with pytest.raises(CommandError, match="not complete"):
        call_command("datamap", "check", "shop")
    assert accepted() == []
    assert Column.objects.filter(name=name, path=["emergency", "cell"]).exists()


def test_new_keys_that_say_nothing_are_no_drift(shop):
    store, direct, _ = shop
    direct.execute(INSERT, ('{"layout": "wide", "page": {"size": 20}}', None))

    assert drift.check(discovery.Map(store)) == []


def test_keys_that_are_values_are_not_named(connect, now):
    store, direct = connect("shop", SHOP)
    discovery.discover(store=store, by="pia", now=now)
    acceptance.accept(columns=acceptance.proposals(store), by="pia", now=now)
    Column.objects.filter(name="prefs", path=[]).update(
        category=None, not_personal="Settings", treatment={}
    )
    direct.execute(INSERT, (BY_NUMBER, None))

    said = [str(problem) for problem in drift.check(discovery.Map(store))]

    assert len(said) == 1
    assert "(seen.{})" in said[0]
    assert not Column.objects.filter(name="prefs", path__0="seen").exists()


def test_documents_of_a_table_are_one_statement(shop):
    store, _, _ = shop
    with CaptureQueriesContext(connections[store.alias]) as schema_alone:
        drift.problems(discovery.Map(store))
    with CaptureQueriesContext(connections[store.alias]) as asked:
        drift.check(discovery.Map(store))

    assert len(asked) == len(schema_alone) + 1
    assert "LIMIT 100" in asked[-1]["sql"]
