"""Calls and messages name two people: neither is known by the other's number."""

import pytest
from django.db import connections

from privacy import identifiers, stores, subjects
from privacy.datamap import discovery, lexicon
from privacy.models import Column
from privacy.subjects import Role

pytestmark = pytest.mark.django_db
ADA = "+12025550143"
SCRIPT = """
CREATE SCHEMA cdr;
CREATE TABLE subscriber (id int PRIMARY KEY, email text NOT NULL, recovery_email text);
CREATE TABLE line (
    msisdn text PRIMARY KEY, subscriber_id int NOT NULL REFERENCES subscriber);
CREATE TABLE cdr.call (
    id int PRIMARY KEY, a_number text NOT NULL, b_number text NOT NULL, seconds int);
CREATE TABLE cdr.sms (
    id int PRIMARY KEY, "from" text NOT NULL, "to" text NOT NULL, body text);
CREATE TABLE cdr.leg (id int PRIMARY KEY, phone1 text NOT NULL, phone2 text NOT NULL);
INSERT INTO subscriber
    SELECT i, 'u' || i || '@example.com', 'old' || i || '@example.com'
    FROM generate_series(0, 99) i;
INSERT INTO line SELECT '+1202555' || lpad((100 + i)::text, 4, '0'), i
    FROM generate_series(0, 99) i;
INSERT INTO cdr.call SELECT 100 * k + i, a.msisdn, b.msisdn, k
    FROM generate_series(0, 99) i, generate_series(1, 3) k, line a, line b
    WHERE a.subscriber_id = i AND b.subscriber_id = (i + 7 * k) % 100;
INSERT INTO cdr.sms SELECT id, a_number, b_number, 'See you' FROM cdr.call;
INSERT INTO cdr.leg SELECT id, a_number, b_number FROM cdr.call;
"""


@pytest.fixture
def telephones(connect, now):
    store, _ = connect("telephones", SCRIPT)
    return discovery.discover(store=store, by="pia", now=now).mapped


def whose(mapped):
    return {
        c.full_name: c.whose
        for table in mapped.tables.values()
        for c in mapped.columns(table)
        if c.identifier in ("phone", "email")
    }


def test_two_ends_are_told_from_two_numbers_of_one_person(telephones):
    ends = ("a_number", "b_number", "from", "to", "phone1", "phone2")
    own = ("email", "recovery_email", "msisdn")

    assert whose(telephones) == {
        **dict.fromkeys(ends, Column.Whose.EITHER),
        **dict.fromkeys(own, Column.Whose.SUBJECT),
    }


def test_nobody_is_found_by_the_numbers_of_those_they_spoke_to(telephones, now):
    asked = [identifiers.phone(ADA), identifiers.email("u43@example.com")]

    found = subjects.find(mapped=telephones, marks=asked, at=now)

    known = {mark.value for mark in found.marks}
    assert known == {ADA, "u43@example.com", "old43@example.com"}
    rows = {(str(row.table), row.role) for row in found.rows.values()}
    assert {role for table, role in rows if "cdr" in table} == {Role.PARTY}
    calls = [row for row in found.rows.values() if str(row.table).endswith("cdr.call")]
    assert len(calls) == 6


def test_a_word_without_accents_is_what_it_is_where_it_is_written_so():
    """`lon` is a longitude; the Swedish for a wage is written otherwise."""
    assert lexicon.lexicon().meanings["lon"] == "longitude"
    assert lexicon.lexicon().meanings["inkomst"] == "income"


def test_a_table_with_a_place_is_read_like_any_other(database, now):
    """MariaDB casts no POINT to text."""
    made = database("mariadb")
    made.run(
        "CREATE TABLE patient (id int PRIMARY KEY, reach varchar(80), home point);"
        "INSERT INTO patient VALUES (1, 'ada@example.com', POINT(1, 2))"
    )
    store = stores.connect(name="clinic", url=made.url, by="pia", now=now)

    done = discovery.discover(store=store, by="pia", now=now)
    mark = identifiers.email("ada@example.com")
    found = subjects.find(mapped=done.mapped, marks=[mark], at=now)

    assert done.unread == []
    assert [row.key for row in found.rows.values()] == [(1,)]
    connections[store.alias].close()
