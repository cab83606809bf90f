"""Telephone numbers that a store keeps as numbers: with or without a fraction, and as
keys. Each is found, ended, and searched for."""

import pytest
from django.db import connections

from privacy import erasure, identifiers, plans, stores, subjects
from privacy.datamap import Map, discovery
from privacy.models import Column, Link, Table
from privacy.residue import Pass, reading
from privacy.residue.matching import Matcher
from tests import engines

pytestmark = pytest.mark.django_db
ADA = identifiers.phone("+12025550143")
SCRIPT = """
CREATE TABLE guest (id int PRIMARY KEY, phone double precision,
  weight double precision);
CREATE TABLE fax (id int PRIMARY KEY, phone decimal(14, 2));
CREATE TABLE short (id int PRIMARY KEY, phone decimal(10, 0));
CREATE TABLE line (phone bigint PRIMARY KEY, tariff varchar(20));
CREATE TABLE charge (id int PRIMARY KEY, phone bigint, cents int,
  FOREIGN KEY (phone) REFERENCES line (phone));
INSERT INTO guest VALUES (1, 12025550143, 70.2025550143), (2, 2025550144, 71.5),
  (3, NULL, 2025550143.5);
INSERT INTO fax VALUES (1, 12025550143), (2, 12025550144);
INSERT INTO short VALUES (1, 2025550143), (2, 2025550144);
INSERT INTO line VALUES (12025550143, 'gold'), (12025550144, 'gold');
INSERT INTO charge VALUES (1, 12025550143, 300), (2, 12025550144, 400);
"""
HERS = {("guest", 1), ("fax", 1), ("short", 1), ("line", 12025550143), ("charge", 1)}

EMPTIED = ("guest", "fax", "short")


@pytest.fixture(params=engines.ENGINES)
def shop(request, database, now):
    made = database(request.param)
    made.run(SCRIPT)
    store = stores.connect(name="shop", url=made.url, by="pia", now=now)
    discovery.discover(store=store, by="pia", now=now)
    phones = Column.objects.filter(name="phone")
    phones.update(identifier="phone", category="profile_contact")
    Table.objects.update(about="person", erasure="delete")
    Table.objects.filter(name__in=EMPTIED).update(erasure="deidentify")
    phones.filter(table__name__in=EMPTIED).update(treatment={"strategy": "nullify"})
    Link.objects.filter(is_constraint=False).delete()
    Link.objects.update(role=Link.Role.SUBJECT)
    Column.objects.update(state=Column.State.ACCEPTED)
    yield made, store
    connections[store.alias].close()


def left(store):
    seen = Pass()
    reading.read_store(store, Matcher([ADA]), seen)
    return {hit.place for hit in seen.hits[ADA]}


def test_a_person_is_found_by_a_number_that_is_stored_as_a_number(shop, now):
    found = subjects.find(mapped=Map(shop[1]), marks=[ADA], at=now)

    assert {(row.table.name, *row.key) for row in found.rows.values()} == HERS


def test_what_is_left_is_seen_in_numbers_and_in_keys(shop):
    tables = {table for table, _ in HERS}

    assert left(shop[1]) == {f"shop.{table}.phone" for table in tables}


def test_an_erasure_ends_numbers_and_nothing_of_them_is_left(shop, now):
    made, store = shop
    mark = identifiers.keep(ADA, now=now)
    plan = erasure.plan(
        identifiers=[mark], title="R", received_at=now, by="lena", now=now
    )
    plans.approve(plan=plan, by="max", now=now)

    done = erasure.carry_out(plan=plan, clock=lambda: now)

    assert (done.status in plans.COMPLETE, done.problem) == (True, "")
    assert left(store) == set()
    said = [
        made.rows(f"SELECT id, phone FROM {table} ORDER BY id")
        for table in ("guest", "fax", "short")
    ]
    assert said == [
        [(1, None), (2, 2025550144), (3, None)],
        [(1, None), (2, 12025550144)],
        [(1, None), (2, 2025550144)],
    ]
    assert made.rows("SELECT * FROM line") == [(12025550144, "gold")]
    assert made.rows("SELECT * FROM charge") == [(2, 12025550144, 400)]
