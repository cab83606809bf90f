"""A live schema is read whole: every type, key and constraint, in one statement."""

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from privacy import stores
from privacy.datamap import schema

pytestmark = pytest.mark.django_db

ALL_SORTS = """
CREATE TYPE mood AS ENUM ('glad', 'it''s fine', 'sad');
CREATE DOMAIN short AS varchar(12) NOT NULL;
CREATE TABLE person (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    "Full Name" varchar(80) NOT NULL,
    mood mood,
    code short,
    tags text[] NOT NULL,
    ages integer[],
    balance numeric(10,2),
    extra jsonb,
    old json,
    address inet,
    photo bytea,
    words tsvector GENERATED ALWAYS AS (to_tsvector('simple', 'x')) STORED,
    gender char(1) CHECK (gender IN ('f', 'm', 'x')),
    email text UNIQUE CHECK (email LIKE '%@%'),
    boss bigint REFERENCES person,
    gone integer
);
ALTER TABLE person DROP COLUMN gone;
COMMENT ON COLUMN person.balance IS 'in euros';
CREATE TABLE visit (day date, place text, who bigint, note text,
    PRIMARY KEY (place, day), FOREIGN KEY (who) REFERENCES person (id));
CREATE INDEX ON visit (who, day);
CREATE VIEW known AS SELECT email FROM person;
CREATE MATERIALIZED VIEW counted AS SELECT count(*) FROM person;
CREATE SCHEMA other;
CREATE TABLE other.part (place text, day date, FOREIGN KEY (place, day)
    REFERENCES visit (place, day));
CREATE TABLE reading (id int, at date NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE reading_2025 PARTITION OF reading
    FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
"""


@pytest.fixture
def described(connect):
    store, _ = connect("sorts", ALL_SORTS)
    return schema.describe(store)


def named(described, name):
    return next(t for t in described.tables if t.full_name == name)


def test_every_type_is_known_by_its_field_and_what_limits_it(described):
    columns = {c.name: c for c in named(described, "person").columns}

    assert {name: c.kind for name, c in columns.items()} == {
        "id": "BigIntegerField", "Full_Name": "CharField", "mood": "OtherField",
        "code": "CharField", "tags": "OtherField", "ages": "OtherField",
        "balance": "DecimalField", "extra": "JSONField", "old": "JSONField",
        "address": "GenericIPAddressField", "photo": "BinaryField",
        "words": "OtherField", "gender": "CharField", "email": "TextField",
        "boss": "BigIntegerField",
    }  # fmt: skip
    said = {name: c.options for name, c in columns.items()}
    assert said["Full_Name"]["column"] == "Full Name"
    assert said["Full_Name"]["max_length"] == 80
    assert not said["Full_Name"]["null"]
    assert said["mood"]["labels"] == ["glad", "it's fine", "sad"]
    assert said["code"]["max_length"] == 12
    assert not said["code"]["null"]
    assert said["tags"]["element"] == "TextField"
    assert said["ages"]["element"] == "IntegerField"
    assert (said["balance"]["max_digits"], said["balance"]["decimal_places"]) == (10, 2)
    assert said["balance"]["comment"] == "in euros"
    assert said["words"]["generated"]
    assert said["old"]["type"] == "json"
    assert said["gender"]["labels"] == ["f", "m", "x"]
    assert said["email"]["unique"]
    assert said["email"]["checked"]
    assert "labels" not in said["email"]


def test_keys_references_and_indexes_are_whole_and_in_order(described):
    visit, part = named(described, "visit"), named(described, "other.part")

    assert visit.key == ["place", "day"]
    assert visit.references == [(["who"], "person", ["id"])]
    assert visit.indexed == {"place", "who"}
    assert part.references == [(["place", "day"], "visit", ["place", "day"])]
    assert ["email"] in named(described, "person").unique


def test_what_is_no_table_is_left_out_with_a_word(described):
    assert dict(described.left_out) == {
        "known": "a view: its rows are those of its tables",
        "counted": "a stored copy of a query: refresh it after an erasure; the search "
        "for what is left reads it",
        "reading_2025": "a part of reading: its rows are read there",
    }
    assert named(described, "reading").partitions == ["reading_2025"]


def test_a_table_that_may_not_be_read_says_so(connect, scratch_database):
    store, direct = connect("shut", "CREATE TABLE open (id int); CREATE TABLE no ()")
    direct.execute(
        "DO $$ BEGIN CREATE ROLE shut_out; EXCEPTION WHEN duplicate_object THEN END $$"
    )
    direct.execute("GRANT SELECT ON open TO shut_out")
    connection = connections[store.alias]
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE shut_out")

    readable = {t.name: t.readable for t in schema.tables(store)}

    assert readable == {"open": True, "no": False}


def test_five_hundred_tables_are_one_statement(connect):
    store, _ = connect(
        "many",
        "DO $$ BEGIN FOR i IN 1..500 LOOP EXECUTE format('CREATE TABLE t%s"
        " (id int PRIMARY KEY, name text, up int REFERENCES t%s)', i, greatest(1, i - 1"
        ")); END LOOP; END $$",
    )
    schema.tables(store)

    with CaptureQueriesContext(connections[store.alias]) as asked:
        found = schema.tables(store)

    assert len(found) == 500
    assert len(asked) == 1


def test_partitions_of_mariadb_are_left_out_with_a_word(database, now):
    made = database("mariadb")
    made.run(
        "CREATE TABLE visit (id int, day int, PRIMARY KEY (id, day))"
        " PARTITION BY RANGE (day) SUBPARTITION BY HASH (id) SUBPARTITIONS 2"
        " (PARTITION p2025 VALUES LESS THAN (20260101), PARTITION later"
        " VALUES LESS THAN MAXVALUE); CREATE TABLE plain (id int PRIMARY KEY)"
    )
    store = stores.connect(name="parts", url=made.url, by="pia", now=now)

    described = schema.describe(store)

    assert [table.name for table in described.tables] == ["plain", "visit"]
    why = "a part of visit: its rows are read there"
    assert described.left_out == [("visit.later", why), ("visit.p2025", why)]
    connections[store.alias].close()
