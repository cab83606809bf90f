"""A number that two people share leads from one of them to the other's rows nowhere."""

import json

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from privacy import disclosure, erasure, identifiers, plans, stores, subjects
from privacy.datamap import acceptance, discovery
from privacy.erasure import paper
from privacy.models import Plan, Store

pytestmark = pytest.mark.django_db
HOUSE = """
CREATE TABLE customer (id int PRIMARY KEY, first_name text, last_name text,
    email text, phone text, birth_date date);
CREATE TABLE invoice (id int PRIMARY KEY, customer_id int NOT NULL REFERENCES customer,
    recipient text, tag text);
CREATE TABLE line (id int PRIMARY KEY, invoice_id int REFERENCES invoice, what text);
INSERT INTO customer SELECT i, (ARRAY['Mary','Paul','Anna','Peter','Laura','James'])[i],
    (ARRAY['Hart','Moore','Lind','Ray','Fox','Cole'])[i], 'c' || i || '@example.com',
    '+120255501' || 20 + i, '1970-01-01'::date + i
FROM generate_series(1, 6) i;
INSERT INTO customer VALUES (7, 'Susan', 'Moore', 'c7@example.com', '+12025550122',
    '1971-05-05'),
    (8, 'Paul', 'Older', NULL, '(202) 555-0122', '1970-01-03');
INSERT INTO invoice SELECT i, i, first_name || ' ' || last_name, 'Called by ' ||
    last_name
FROM customer, LATERAL (SELECT id i) x;
INSERT INTO line VALUES (1, 1, 'Delivery'), (2, 2, 'Delivery to Moore'),
    (3, 3, 'Delivery'), (4, 4, 'Delivery'), (5, 5, 'Moore is a village');
"""


@pytest.fixture
def house(connect, now):
    store, direct = connect("house", HOUSE)
    discovery.discover(store=store, by="pia", now=now)
    acceptance.accept(columns=acceptance.proposals(store), by="pia", now=now)
    return direct


@pytest.fixture
def erased(house, now):
    mark = identifiers.keep(identifiers.email("c2@example.com"), now=now)
    plan = erasure.plan(
        identifiers=[mark], title="Paul", received_at=now, by="lena", now=now
    )
    plans.approve(plan=plan, by="max", now=now)
    return erasure.carry_out(plan=plan, clock=lambda: now)


def test_who_shares_a_number_and_has_another_name_is_left_alone(house, now):
    before = house.execute("SELECT * FROM customer WHERE id = 7").fetchall()
    kept = house.execute("SELECT * FROM invoice WHERE id = 7").fetchall()
    mark = identifiers.keep(identifiers.email("c2@example.com"), now=now)

    plan = erasure.plan(
        identifiers=[mark], title="Paul", received_at=now, by="lena", now=now
    )
    plans.approve(plan=plan, by="max", now=now)
    done = erasure.carry_out(plan=plan, clock=lambda: now)

    assert (done.status, done.problem) == (Plan.Status.EXCEPTED, "")
    assert house.execute("SELECT * FROM customer WHERE id = 7").fetchall() == before
    assert house.execute("SELECT * FROM invoice WHERE id = 7").fetchall() == kept
    [said] = done.summary["exceptions"]
    assert said.startswith("A phone number of theirs is also that of somebody else")


@pytest.mark.parametrize(
    ("one", "other"),
    [(("Paul", "Moore-Hart"), ("Susan", "Moore-Hart")),
     (("Maria Jose", "Moore Hart"), ("Maria Jose", "Lind Ray"))],
    ids=["a surname of two words", "first names of two words"],
)  # fmt: skip
def test_half_a_name_of_several_words_makes_nobody_the_same_person(
    connect, now, one, other
):
    direct = mapped(connect, now, HOUSE)
    call = "UPDATE customer SET first_name = %s, last_name = %s WHERE id = %s"
    direct.execute(call, (*one, 2))
    direct.execute(call, (*other, 7))
    before = direct.execute("SELECT * FROM customer WHERE id = 7").fetchall()

    done = carried_out(now, "c2@example.com")

    assert (done.status, done.problem) == (Plan.Status.EXCEPTED, "")
    assert direct.execute("SELECT * FROM customer WHERE id = 7").fetchall() == before


def carried_out(now, address):
    mark = identifiers.keep(identifiers.email(address), now=now)
    plan = erasure.plan(
        identifiers=[mark], title="One", received_at=now, by="lena", now=now
    )
    plans.approve(plan=plan, by="max", now=now)
    return erasure.carry_out(plan=plan, clock=lambda: now)


def mapped(connect, now, schema):
    store, direct = connect("house", schema)
    discovery.discover(store=store, by="pia", now=now)
    acceptance.accept(columns=acceptance.proposals(store), by="pia", now=now)
    return direct


def test_a_number_in_somebody_elses_list_is_shared_too(connect, now):
    direct = mapped(
        connect,
        now,
        HOUSE
        + "ALTER TABLE customer ADD more_phones jsonb; UPDATE customer SET more_phones "
        """= '["+12025550199"]' WHERE id = 2; UPDATE customer SET phone = NULL, """
        """more_phones = '["+12025550177", "+12025550199"]' WHERE id = 7;"""
        "UPDATE customer SET more_phones = jsonb_build_array('+120255501' || 60 + id)"
        " WHERE id NOT IN (2, 7)",
    )
    before = direct.execute("SELECT * FROM customer WHERE id = 7").fetchall()

    done = carried_out(now, "c2@example.com")

    assert (done.status, done.problem) == (Plan.Status.EXCEPTED, "")
    assert direct.execute("SELECT * FROM customer WHERE id = 7").fetchall() == before
    assert any(
        "somebody else with another name" in e for e in done.summary["exceptions"]
    )


def test_a_plan_with_doubts_is_carried_out_as_it_was_approved(connect, now):
    """What was learnt is known then; nothing that was not followed is followed."""
    direct = mapped(
        connect,
        now,
        HOUSE
        + "UPDATE customer SET first_name = 'Paul', birth_date = NULL, last_name = "
        "'Moore', phone = '+12025550155' WHERE id = 7;"
        "CREATE TABLE old_customer (LIKE customer INCLUDING ALL);"
        "INSERT INTO old_customer SELECT * FROM customer WHERE id < 7;"
        "UPDATE old_customer SET phone = '+12025550188' WHERE id = 2",
    )

    done = carried_out(now, "c2@example.com")

    assert (done.status, done.problem) == (Plan.Status.DONE, "")
    [(left,)] = direct.execute("SELECT count(*) FROM customer WHERE email ~ '^c2'")
    assert left == 0


def test_a_name_goes_out_of_texts_in_rows_of_their_own(house, erased):
    lines = house.execute("SELECT id, what FROM line ORDER BY id").fetchall()

    assert lines == [
        (1, "Delivery"),
        (2, "Delivery to [redacted]"),
        (3, "Delivery"),
        (4, "Delivery"),
        (5, "Moore is a village"),
    ]


def test_what_was_approved_with_exceptions_ends_with_them_and_a_name(erased):
    assert erased.status == Plan.Status.EXCEPTED
    said = json.loads(erased.certificate.document)
    assert said["exceptions"] == erased.summary["exceptions"] != []
    assert said["approved_by"] == erased.approved_by
    facts = dict(paper._read(said, erased.certificate)["facts"])
    assert facts["Exceptions accepted by"] == erased.approved_by


def test_who_shares_what_is_asked_once_for_everybody(house, now):
    def asked(*numbers):
        marks = [identifiers.email(f"c{number}@example.com") for number in numbers]
        alias = stores.alias(Store.objects.get(name="house"))
        with CaptureQueriesContext(connections[alias]) as statements:
            subjects.for_many(people=[([mark], now) for mark in marks])
        return len(statements)

    asked(1, 2)  # connects

    assert asked(1, 2, 3, 4, 5, 6) == asked(1, 2)


CLUB = """
CREATE TABLE member (id int PRIMARY KEY, name text, email text, phone text);
INSERT INTO member VALUES (1, 'Bella Costa', 'bella@example.com', '+12025550122'),
    (2, 'Paul Moore', 'paul@example.org', NULL),
    (3, 'Mary Hart', 'm@example.org', NULL);
"""
SHOP = """
CREATE TABLE buyer (id int PRIMARY KEY, full_name text, email text, phone text);
INSERT INTO buyer VALUES (1, 'Paul Moore', 'paul@example.org', '+12025550122'),
    (2, 'Mary Hart', 'm@example.org', '+12025550188');
"""


def test_a_number_that_another_store_gives_to_somebody_else_is_followed_nowhere(
    connect, now
):
    directs = {}
    for name, script in (("shop", SHOP), ("club", CLUB)):
        store, directs[name] = connect(name, script)
        discovery.discover(store=store, by="pia", now=now)
        acceptance.accept(columns=acceptance.proposals(store), by="pia", now=now)
    before = directs["club"].execute("SELECT * FROM member WHERE id = 1").fetchall()
    mark = identifiers.keep(identifiers.email("paul@example.org"), now=now)
    plan = erasure.plan(
        identifiers=[mark], title="Paul", received_at=now, by="lena", now=now
    )
    plans.approve(plan=plan, by="max", now=now)

    done = erasure.carry_out(plan=plan, clock=lambda: now)

    rows = directs["club"].execute("SELECT * FROM member ORDER BY id").fetchall()
    assert rows[:1] == before
    assert "Paul Moore" not in str(rows[1])
    assert "Paul Moore" not in str(directs["shop"].execute("TABLE buyer").fetchall())
    assert (done.status, done.problem) == (Plan.Status.EXCEPTED, "")
    [said] = done.summary["exceptions"]
    assert "somebody else with another name in club" in said


def test_a_number_that_two_share_is_shown_to_either_as_their_own(connect, now):
    direct = mapped(connect, now, HOUSE)
    direct.execute("ALTER TABLE line ADD remarks text")
    store = Store.objects.get(name="house")
    discovery.discover(store=store, by="pia", now=now)
    acceptance.accept(columns=acceptance.proposals(store), by="pia", now=now)
    said = "Call +12025550122, or ask Anna at +12025550123"
    direct.execute("UPDATE line SET remarks = %s WHERE id = 2", [said])
    mark = identifiers.keep(identifiers.email("c2@example.com"), now=now)
    plan = erasure.plan_access(
        identifiers=[mark], title="Paul", received_at=now, by="lena", now=now
    )

    copy = {str(table): list(some) for table, some in disclosure.rows(plan)}

    [line] = copy["house.line"]
    assert line["remarks"] == f"Call +12025550122, or ask Anna at {disclosure.OTHERS}"
