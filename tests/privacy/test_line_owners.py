"""A number that stands in a table of lines, with its owners over time."""

import pytest

from privacy import erasure, identifiers, plans, subjects
from privacy.datamap import Map, discovery
from privacy.models import Column, Plan

pytestmark = pytest.mark.django_db
ADAS = "+1 202 555 0101"
SCRIPT = """
CREATE TABLE party (party_id int PRIMARY KEY, full_name text NOT NULL, born date);
CREATE TABLE contact_medium (id int PRIMARY KEY, party_id int NOT NULL REFERENCES party,
    medium text, value text NOT NULL);
CREATE TABLE line (id int PRIMARY KEY, msisdn varchar(15) NOT NULL,
    party_id int NOT NULL REFERENCES party, valid_from date NOT NULL, valid_to date,
    UNIQUE (msisdn, valid_from));
CREATE TABLE sim (iccid text PRIMARY KEY, line_id int REFERENCES line, imsi text);
CREATE TABLE bill (id int PRIMARY KEY, party_id int NOT NULL REFERENCES party,
    month date, total numeric(8, 2));
CREATE TABLE cdr (id int PRIMARY KEY, a_number varchar(15), b_number varchar(15),
    started timestamptz NOT NULL, seconds int);
CREATE TABLE ticket (id int PRIMARY KEY, caller varchar(20), opened date, words text);
INSERT INTO party SELECT i, (ARRAY['Ada','Bela','Cora','Dora','Emil','Finn'])[i]
  || ' Stone', '1980-01-01' FROM generate_series(1, 6) i;
INSERT INTO contact_medium SELECT i, (i - 1) % 6 + 1, 'x', CASE WHEN i <= 6 THEN
  'p' || i || '@example.com' ELSE '+1202555010' || i - 6 END
  FROM generate_series(1, 12) i;
INSERT INTO line SELECT i, '1202555010' || i, i,
  CASE i WHEN 1 THEN date '2022-01-01' ELSE '2015-01-01' END
  FROM generate_series(1, 6) i;
INSERT INTO line VALUES (7, '12025550101', 2, '2015-01-01', '2021-06-30');
INSERT INTO sim SELECT 'icc' || i, i, '26201' || i FROM generate_series(1, 7) i;
INSERT INTO bill SELECT i, (i - 1) % 6 + 1, '2024-01-01', 10
  FROM generate_series(1, 12) i;
INSERT INTO cdr SELECT i, '1202555010' || (i % 6 + 1),
  '1202555010' || ((i + 2) % 6 + 1),
  make_date(2016 + i % 9, 3, 1), 60 FROM generate_series(1, 36) i;
INSERT INTO ticket SELECT i, '+1202555010' || (i % 6 + 1), make_date(2016 + i, 1, 1),
  'No signal' FROM generate_series(1, 9) i;
"""


@pytest.fixture
def telco(connect, now):
    store, direct = connect("telco", SCRIPT)
    discovery.discover(store=store, by="pia", now=now)
    return store, direct


def test_a_number_alone_leads_to_its_present_owner_and_no_further_back(telco, now):
    store, direct = telco
    assert Column.objects.get(table__name="line", name="msisdn").until == "valid_to"
    mark = identifiers.understand(ADAS)

    found = subjects.find(mapped=Map(store), marks=[mark], at=now)

    since = "started > '2021-06-30' AND '12025550101' IN (a_number, b_number)"
    [(calls,)] = direct.execute(f"SELECT count(*) FROM cdr WHERE {since}").fetchall()
    counted = {}
    for row in found.rows.values():
        counted[row.table.name] = counted.get(row.table.name, 0) + 1
    assert counted == {
        "party": 1, "contact_medium": 2, "line": 1, "sim": 1, "bill": 2, "cdr": calls,
        "ticket": 1,
    }  # fmt: skip
    assert calls > 0
    assert found.said_doubts() == []

    given_up = subjects.find(
        mapped=Map(store), marks=[identifiers.understand("p2@example.com")], at=now
    )
    assert {r.key for r in given_up.rows.values() if r.table.name == "party"} == {(2,)}
    assert {r.key for r in given_up.rows.values() if r.table.name == "line"} == {
        (2,), (7,),
    }  # fmt: skip

    before = direct.execute("SELECT t::text FROM line t WHERE id = 7").fetchall()
    plan = erasure.plan(
        identifiers=[identifiers.keep(mark, now=now)],
        title="Erasure", received_at=now, by="lena", now=now,
    )  # fmt: skip
    plans.approve(plan=plan, by="max", now=now)
    done = erasure.carry_out(plan=plan, clock=lambda: now)

    names = direct.execute("SELECT full_name FROM party ORDER BY 1").fetchall()
    assert [n for (n,) in names if n.endswith("Stone")] == [
        f"{first} Stone" for first in ("Bela", "Cora", "Dora", "Emil", "Finn")
    ]
    assert (
        direct.execute("SELECT t::text FROM line t WHERE id = 7").fetchall() == before
    )
    past = "SELECT count(*) FROM cdr WHERE started < '2021-06-30' AND '12025550101' IN"
    assert direct.execute(f"{past} (a_number, b_number)").fetchone()[0] > 0
    assert done.status == Plan.Status.EXCEPTED, done.problem
