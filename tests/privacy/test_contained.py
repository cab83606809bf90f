"""References that only values tell: sparse keys, initials, names of tables."""

import pytest

from privacy import erasure, identifiers, plans
from privacy.datamap import acceptance, discovery
from privacy.models import Column, Link, Plan

pytestmark = pytest.mark.django_db
OFFICE = """
CREATE TABLE kdstm (kdnr int PRIMARY KEY, nam1 text NOT NULL, nam2 text,
    email text, matchc varchar(12) NOT NULL UNIQUE);
CREATE TABLE mitarb (ma char(3) PRIMARY KEY, nam text, vnam text, email text);
CREATE TABLE wohn (id int PRIMARY KEY, lage text, nutkd int, bearbeiter char(3));
CREATE TABLE hist (id int PRIMARY KEY, tab text, schl text, feld text, alt text,
    neu text, wer char(3));
INSERT INTO mitarb VALUES ('MKO', 'Koschel', 'Maria', 'mko@example.de'),
    ('TKU', 'Kuhl', 'Peter', 'tku@example.de'), ('SWE', 'Weber', 'Anna',
    'swe@example.de');
INSERT INTO kdstm SELECT 10000 + i * 37,
    (ARRAY['Brandt','Pohl','Kranz','Rosin','Yildiz',
    'Vogel','Lindner','Becker'])[i],
    (ARRAY['Anna','Paul','Peter','Maria','Laura','James',
    'Mary','Susan'])[i], 'k' || i || '@example.de',
    upper((ARRAY['Brandt','Pohl','Kranz',
    'Rosin','Yildiz','Vogel','Lindner','Becker'])[i]) || i FROM generate_series(1, 8) i;
INSERT INTO wohn SELECT i, 'Links, Frau ' || nam1, kdnr, (ARRAY['MKO','TKU','SWE'])[1
    + i % 3]
FROM kdstm, LATERAL (SELECT (kdnr - 10000) / 37 i) x;
INSERT INTO hist SELECT i, 'kdstm', kdnr::text, 'nam1', 'Alter' || i, nam1, 'MKO'
FROM kdstm, LATERAL (SELECT (kdnr - 10000) / 37 i) x;
INSERT INTO hist VALUES (20, 'wohn', '1', 'lage', 'Rechts', 'Links', 'TKU'),
    (21, 'wohn', '2', 'lage', 'Rechts', 'Links', 'SWE');
"""


@pytest.fixture
def office(connect, now):
    store, direct = connect("office", OFFICE)
    discovery.discover(store=store, by="pia", now=now)
    acceptance.accept(columns=acceptance.proposals(store), by="pia", now=now)
    return direct


def links():
    return {
        (link.table.name, link.columns[0], link.target.name): link.role
        for link in Link.objects.select_related("table", "target")
    }


def test_sparse_keys_and_initials_are_references(office):
    assert links()["wohn", "nutkd", "kdstm"] == "party"
    assert links()["wohn", "bearbeiter", "mitarb"] == "actor"


def test_a_column_of_names_of_tables_says_whose_row_is_meant(office):
    assert links()["hist", "schl", "kdstm"] == "subject"
    assert links()["hist", "wer", "mitarb"] == "actor"


def test_a_code_that_spells_out_a_name_is_personal(office):
    code = Column.objects.get(table__name="kdstm", name="matchc")
    assert code.is_personal
    assert code.strategy["strategy"] == "pseudonym"


def test_one_person_is_erased_and_nobody_else(office, now):
    others = [
        "SELECT * FROM kdstm WHERE kdnr <> 10037 ORDER BY 1",
        "SELECT * FROM wohn WHERE id <> 1 ORDER BY 1",
        "SELECT * FROM hist WHERE id <> 1 ORDER BY 1",
        "SELECT * FROM mitarb ORDER BY 1",
    ]
    before = [office.execute(query).fetchall() for query in others]
    mark = identifiers.keep(identifiers.email("k1@example.de"), now=now)
    plan = erasure.plan(
        identifiers=[mark], title="Anna", received_at=now, by="lena", now=now
    )
    plans.approve(plan=plan, by="max", now=now)

    done = erasure.carry_out(plan=plan, clock=lambda: now)

    assert (done.status, done.problem) == (Plan.Status.DONE, "")
    for table in ("kdstm", "hist"):
        query = f"SELECT count(*) FROM {table} t WHERE t::text ~* 'brandt|anna|alter1'"
        assert office.execute(query).fetchone() == (0,), table
    assert [office.execute(query).fetchall() for query in others] == before


CLICKS = """
CREATE TABLE client (id uuid PRIMARY KEY, email text UNIQUE, name text);
CREATE TABLE clickstream (id serial PRIMARY KEY, visitor uuid, page text);
CREATE TABLE click (id serial PRIMARY KEY, usr text, device text, page text);
CREATE TABLE gadget (id serial PRIMARY KEY, device uuid, page text);
INSERT INTO client SELECT ('00000000-0000-4000-8000-00000000000' || i)::uuid,
    'c' || i || '@example.com', 'Anna Muster' FROM generate_series(1, 9) i;
INSERT INTO clickstream (visitor, page) SELECT id, '/page' FROM client;
INSERT INTO click (usr, device, page) SELECT id::text, gen_random_uuid()::text, '/page'
    FROM client;
INSERT INTO gadget (device, page) SELECT gen_random_uuid(), '/page' FROM client;
"""


def test_uuids_refer_by_their_values_whatever_they_are_called(connect, now):
    store, _ = connect("clicks", CLICKS)
    discovery.discover(store=store, by="pia", now=now)
    acceptance.accept(columns=acceptance.proposals(store), by="pia", now=now)

    assert links() == {
        ("clickstream", "visitor", "client"): "party",
        ("click", "usr", "client"): "party",
    }
    mark = identifiers.keep(identifiers.email("c1@example.com"), now=now)
    plan = erasure.plan(
        identifiers=[mark], title="Anna", received_at=now, by="lena", now=now
    )
    assert {row.table.name for row in plan.rows.all()} >= {"client"}
