"""Discovery proposes a category, a kind, a source and an ending for every column."""

import pytest

from privacy import erasure, identifiers, plans
from privacy.datamap import discovery, drift, dumping, files
from privacy.models import Column, Plan

pytestmark = pytest.mark.django_db

SHOP = """
CREATE TYPE sex AS ENUM ('female', 'male', 'unknown');
CREATE TABLE customer (
    id serial PRIMARY KEY,
    email varchar(120) NOT NULL UNIQUE,
    "Full Name" text NOT NULL,
    sex sex NOT NULL,
    gender text NOT NULL CHECK (gender IN ('f', 'm', 'other')),
    last_ip inet,
    phones text[],
    born date NOT NULL,
    search tsvector GENERATED ALWAYS AS (to_tsvector('simple', email)) STORED,
    photo bytea,
    prefs jsonb NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE TABLE product (id serial PRIMARY KEY, name text NOT NULL, price numeric(8,2));
CREATE TABLE orders (
    id serial PRIMARY KEY,
    customer_id int NOT NULL REFERENCES customer,
    handled_by int REFERENCES customer,
    product_id int REFERENCES product,
    comment text,
    total numeric(8,2)
);
CREATE TABLE visit (email text, at timestamptz, PRIMARY KEY (email, at));
CREATE VIEW names AS SELECT email FROM customer;
INSERT INTO customer (email, "Full Name", sex, gender, last_ip, phones, born, photo,
                      prefs, created_at)
SELECT 'anna' || i || '@example.com', 'Anna Beispiel', 'female', 'f', '192.0.2.7',
       ARRAY['+1202555010' || i], '1980-01-01', '\\x00', jsonb_build_object(
           'theme', 'dark', 'contact', jsonb_build_object('mail', 'b@example.org'),
           'friends', jsonb_build_array(jsonb_build_object('name', 'Maria Muster'))),
       now()
FROM generate_series(1, 9) i;
INSERT INTO product (name, price) VALUES ('Blue shoe', 10), ('Red shoe', 20);
INSERT INTO orders (customer_id, comment, total)
SELECT 1, 'Please ring +1 202 555 0101 before you come', 10 FROM generate_series(1, 9);
INSERT INTO visit VALUES ('anna1@example.com', now());
"""


@pytest.fixture
def shop(connect, now):
    store, direct = connect("shop", SHOP)
    return discovery.discover(store=store, by="pia", now=now), direct


def said(found, table):
    mapped = found.mapped
    return {c.full_name: c for c in mapped.columns(mapped.tables[table])}


def test_every_column_is_proposed_with_a_reason_and_a_confidence(shop):
    found, _ = shop
    columns = Column.objects.filter(table__store=found.mapped.store)

    assert not columns.exclude(state=Column.State.PROPOSED).exists()
    assert not columns.filter(reason="").exists()
    assert all(0 < column.confidence <= 1 for column in columns)
    assert all(c.is_personal != bool(c.not_personal) for c in columns)


def test_contents_names_and_types_say_what_a_column_holds(shop):
    found, _ = shop

    kinds = {
        n: c.identifier or c.category_id for n, c in said(found, "customer").items()
    }

    assert kinds == {
        "id": None, "email": "email", "Full_Name": "name", "sex": "profile_contact",
        "gender": "profile_contact", "last_ip": "ip", "phones": "phone",
        "born": "birth_date", "search": "voluntary", "photo": "profile_contact",
        "prefs": "voluntary", "prefs.contact.mail": "email", "created_at": None,
        "prefs.friends.[].name": "profile_contact",
    }  # fmt: skip
    assert "9 of 9 values" in said(found, "customer")["email"].reason
    assert "friends.[].name" in said(found, "customer")["prefs"].reason


def test_what_is_about_things_is_nobodys(shop):
    found, _ = shop

    assert not any(c.is_personal for c in said(found, "product").values())


def test_the_ending_fits_type_and_constraints(shop):
    found, _ = shop

    endings = {
        n: c.treatment for n, c in said(found, "customer").items() if c.treatment
    }

    assert endings["email"] == {"strategy": "pseudonym"}
    assert endings["Full_Name"] == {"strategy": "pseudonym"}
    assert endings["sex"] == {"strategy": "constant", "value": "unknown"}
    assert endings["gender"] == {"strategy": "constant", "value": "other"}
    assert endings["born"] == {"strategy": "year"}
    assert endings["last_ip"] == {"strategy": "truncate_ip"}
    assert endings["search"] == {"strategy": "keep"}
    assert endings["phones"] == {"strategy": "pseudonym"}
    assert said(found, "orders")["comment"].treatment == {"strategy": "redact"}


def test_an_erasure_runs_with_the_proposed_map_as_it_is(shop, now):
    _, direct = shop
    mark = identifiers.keep(identifiers.email("anna1@example.com"), now=now)
    plan = erasure.plan(
        identifiers=[mark], title="Erasure", received_at=now, by="lena", now=now
    )
    plans.approve(plan=plan, by="max", now=now)

    done = erasure.carry_out(plan=plan, clock=lambda: now)

    assert (done.status, done.problem) == (Plan.Status.EXCEPTED, "")
    row = direct.execute(
        'SELECT email, "Full Name", sex, gender, host(last_ip), phones, born::text,'
        " photo, prefs FROM customer WHERE id = 1"
    ).fetchone()
    assert row[0].endswith("@pseudonym.invalid")
    assert row[1].startswith("p-")
    assert row[5][0].startswith("+999")  # a number that is nobody's
    assert (*row[2:5], *row[6:]) == (
        "unknown", "other", "192.0.2.0", "1980-01-01", None,
        {"theme": "dark", "contact": {"mail": None}, "friends": [{"name": None}]},
    )  # fmt: skip
    left = direct.execute(
        "SELECT (SELECT count(*) FROM visit), (SELECT count(*) FROM customer c"
        " WHERE c::text ~ 'anna1@'), (SELECT count(comment) FROM orders),"
        " (SELECT count(*) FROM customer)"
    ).fetchone()
    assert left == (0, 0, 0, 9)


def test_a_row_is_about_its_customer_and_not_about_who_handled_it(shop):
    found, _ = shop

    roles = {
        (link.table.name, *link.columns): link.role
        for link in found.mapped.links
        if link.table.name == "orders"
    }

    assert roles == {
        ("orders", "customer_id"): "subject",
        ("orders", "handled_by"): "actor",
        ("orders", "product_id"): "context",
    }


def test_a_row_with_the_person_in_its_key_goes_whole(shop):
    found, _ = shop

    assert found.mapped.tables["visit"].erasure == "delete"
    assert found.mapped.tables["orders"].erasure == "deidentify"


def test_a_view_is_left_out_with_a_word(shop):
    found, _ = shop

    assert found.left_out == [("names", "a view: its rows are those of its tables")]


def test_a_proposed_map_loads_and_loads_again_the_same(shop, now):
    found, _ = shop
    text = dumping.dump(found.mapped.store)

    files.load(text=text, by="pia", now=now)

    assert dumping.dump(found.mapped.store) == text
    assert drift.problems(discovery.Map(found.mapped.store)) == []


def test_a_second_discovery_changes_nothing_but_adds_what_is_new(shop, now):
    found, direct = shop
    store = found.mapped.store
    before = list(Column.objects.order_by("pk").values())
    direct.execute("ALTER TABLE orders ADD COLUMN phone text")

    discovery.discover(store=store, by="pia", now=now)

    new = Column.objects.exclude(pk__in=[row["id"] for row in before])
    assert [str(column) for column in new] == ["shop.orders.phone"]
    assert list(Column.objects.exclude(pk__in=new).order_by("pk").values()) == before


def test_a_table_that_takes_too_long_is_judged_by_its_names(shop, monkeypatch, now):
    from privacy.sql.catalogues import postgresql

    found, direct = shop
    Column.objects.all().delete()
    monkeypatch.setattr(postgresql, "PATIENCE", 200)
    with direct.transaction():
        direct.execute("LOCK TABLE product IN ACCESS EXCLUSIVE MODE")
        again = discovery.discover(store=found.mapped.store, by="pia", now=now)

    assert again.unread == [("product", "It took too long to read")]
    assert said(again, "customer")["email"].reason.startswith("9 of 9")


UNTOLD = """
CREATE TABLE customer (id int PRIMARY KEY, email text);
CREATE TABLE address (id int PRIMARY KEY, street text, zip text, city text);
CREATE TABLE payment_cards (id text PRIMARY KEY, customer_id bigint);
CREATE TABLE orders (id int PRIMARY KEY, customer_id int, card_id text,
    payment_card_id text, old_customer_id int, address_id int);
ALTER TABLE customer ADD COLUMN address_id int;
INSERT INTO address SELECT i, 'Beispielweg ' || i, '10115', 'Berlin'
FROM generate_series(1, 9) i;
INSERT INTO customer SELECT i, 'c' || i || '@example.com', i
FROM generate_series(1, 9) i;
INSERT INTO payment_cards SELECT 'k' || i, i FROM generate_series(1, 9) i;
INSERT INTO orders SELECT i, 1 + i % 9, 'x' || i, 'k' || (1 + i % 9), i, 1
FROM generate_series(1, 12) i;
"""


def test_references_that_nobody_declared_are_found_by_names_and_values(connect, now):
    store, _ = connect("untold", UNTOLD)

    found = discovery.discover(store=store, by="pia", now=now)

    links = {
        (link.table.name, *link.columns, link.target.name): (link.state, link.role)
        for link in discovery.links(found.mapped)
    }
    assert links == {
        ("orders", "customer_id", "customer"): ("accepted", "subject"),
        ("orders", "payment_card_id", "payment_cards"): ("accepted", "context"),
        ("orders", "old_customer_id", "customer"): ("proposed", "subject"),
        ("orders", "address_id", "address"): ("accepted", "context"),
        ("payment_cards", "customer_id", "customer"): ("accepted", "subject"),
        ("customer", "address_id", "address"): ("accepted", "context"),
        ("address", "id", "customer"): ("accepted", "subject"),
        ("address", "id", "orders"): ("accepted", "subject"),
    }
    reasons = [link.reason for link in discovery.links(found.mapped)]
    assert "It is called customer_id, and 9 of 9 values stand in customer" in reasons


def test_numbers_that_stand_in_two_tables_by_chance_wait_for_a_person(connect, now):
    """Orders say the number of a user; the table of that name counts for itself."""
    store, _ = connect(
        "shop",
        "CREATE TABLE accounts (id int PRIMARY KEY, email text);"
        "CREATE TABLE customer_lookup (customer_id int PRIMARY KEY, email text);"
        "CREATE TABLE orders (id int PRIMARY KEY, customer_id int, email text);"
        "INSERT INTO accounts SELECT i, 'a' || i || '@example.com' FROM"
        " generate_series(1, 30) i;"
        "INSERT INTO customer_lookup SELECT i, 'a' || 31 - i || '@example.com' FROM"
        " generate_series(1, 30) i;"
        "INSERT INTO orders SELECT i, i, 'a' || i || '@example.com' FROM"
        " generate_series(1, 30) i;",
    )
    found = discovery.discover(store=store, by="pia", now=now)

    [link] = discovery.links(found.mapped)

    assert (link.target.name, link.state) == ("customer_lookup", "proposed")
    assert "another e-mail address" in link.reason


ALIKE = """
CREATE TABLE xy_users (id int PRIMARY KEY, email text);
CREATE TABLE xy_posts (id int PRIMARY KEY, post_author int);
CREATE TABLE xy_comments (id int PRIMARY KEY, post_id int, owner_id int);
CREATE TABLE xy_comment_meta (id int PRIMARY KEY, comment_id int, value text);
INSERT INTO xy_users SELECT i, 'a' || i || '@example.com' FROM generate_series(1, 9) i;
INSERT INTO xy_posts SELECT i, i % 2 FROM generate_series(1, 9) i; -- 0 is nobody
INSERT INTO xy_comments SELECT i, i, i FROM generate_series(1, 9) i;
INSERT INTO xy_comment_meta SELECT i, i, 'x' FROM generate_series(1, 9) i;
"""


def test_tables_whose_names_begin_alike_are_called_by_the_rest(connect, now):
    store, _ = connect("blog", ALIKE)
    found = discovery.discover(store=store, by="pia", now=now)

    sure = [k for k in discovery.links(found.mapped) if k.state == "accepted"]

    assert {(k.table.name, *k.columns, k.target.name) for k in sure} == {
        ("xy_posts", "post_author", "xy_users"),
        ("xy_comments", "post_id", "xy_posts"),
        ("xy_comments", "owner_id", "xy_users"),
        ("xy_comment_meta", "comment_id", "xy_comments"),
    }
