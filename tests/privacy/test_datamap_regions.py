"""Numbers without a country, and columns of numbers and addresses together."""

import pytest

from privacy import erasure, identifiers, plans, subjects
from privacy.datamap import Map, discovery, dumping, files
from privacy.models import Column

pytestmark = pytest.mark.django_db
FIRST = ("Ada", "Bela", "Cora", "Dora", "Emil", "Finn")
SCRIPT = """
CREATE TABLE patient (id int PRIMARY KEY, given_name text, mobile text, email text);
CREATE TABLE sms_out (id int PRIMARY KEY, "to" text NOT NULL, body text);
CREATE TABLE waiting (id int PRIMARY KEY, contact text NOT NULL, wanted text);
CREATE TABLE bill (id int PRIMARY KEY, number text NOT NULL, total numeric(8, 2));
INSERT INTO patient SELECT i, (ARRAY['Ada','Bela','Cora','Dora','Emil','Finn'])[i],
  '0117 496 000' || i, 'p' || i || '@example.com' FROM generate_series(1, 6) i;
INSERT INTO sms_out SELECT i, '0117496000' || (i % 6 + 1), 'Come tomorrow'
  FROM generate_series(1, 12) i;
INSERT INTO waiting SELECT i, CASE WHEN i % 2 = 0 THEN 'p' || i || '@example.com'
  ELSE '0117 496 000' || i END, 'physio' FROM generate_series(1, 6) i;
INSERT INTO bill SELECT i, '2020-000' || i, 10 FROM generate_series(1, 6) i;
"""


@pytest.fixture
def surgery(connect, now):
    store, direct = connect("surgery", SCRIPT)
    discovery.discover(store=store, by="pia", now=now)
    return store, direct


def test_a_store_has_the_country_that_most_of_its_numbers_are_of(surgery, now):
    store, _ = surgery
    said = {
        f"{c.table.name}.{c.name}": (c.identifier, c.options.get("region"))
        for c in Column.objects.filter(table__store=store)
        if c.identifier
    }
    assert said == {
        "patient.given_name": ("name", None),
        "patient.mobile": ("phone", "GB"),
        "patient.email": ("email", None),
        "sms_out.to": ("phone", "GB"),
        "waiting.contact": ("contact", "GB"),
    }
    text = dumping.dump(store)
    files.load(text=text, by="pia", now=now)
    assert dumping.dump(store) == text


@pytest.mark.parametrize("who", ["p3@example.com", "+44 117 496 0003"])
def test_one_mark_leads_to_all_that_is_the_persons(surgery, now, who):
    store, direct = surgery
    mark = identifiers.understand(who)
    found = subjects.find(mapped=Map(store), marks=[mark], at=now)
    counted = {
        table: sum(row.table.name == table for row in found.rows.values())
        for table in ("patient", "sms_out", "waiting", "bill")
    }
    assert counted == {"patient": 1, "sms_out": 2, "waiting": 1, "bill": 0}

    plan = erasure.plan(
        identifiers=[identifiers.keep(mark, now=now)],
        title="Erasure", received_at=now, by="lena", now=now,
    )  # fmt: skip
    plans.approve(plan=plan, by="max", now=now)
    done = erasure.carry_out(plan=plan, clock=lambda: now)

    assert (done.status in plans.COMPLETE, done.problem) == (True, "")
    for table, many in (("patient", 6), ("sms_out", 12), ("waiting", 6)):
        rows = direct.execute(f"SELECT t::text FROM {table} t").fetchall()
        assert len(rows) == many
        left = [r for (r,) in rows if "p3@" in r or "0003" in r.replace(" ", "")]
        assert left == [], table


@pytest.mark.parametrize(
    ("numbers", "beside", "region"),
    [
        # Films have numbers of no district there, so none of them is given out.
        (["07700 900142", "07700 900311", "+447700900117"], "", "GB"),
        (["070-174 06 12", "08-465 004 12", "070-174 06 41"], "sv-SE", "SE"),
        (["01 99 00 41 27", "01 99 00 41 28", "01 99 00 41 29"], "FR", "FR"),
        (["202-555-0143", "202-555-0117", "+447700900117"], "", None),
    ],
)
def test_what_the_store_says_of_its_countries_comes_first(
    connect, now, numbers, beside, region
):
    rows = ", ".join(
        f"({n}, 'u{n}@example.com', '{number}', '{beside}')"
        for n, number in enumerate(numbers * 3)
    )
    store, _ = connect(
        "club",
        "CREATE TABLE member (id int PRIMARY KEY, email text, phone text, "
        f"locale text); INSERT INTO member VALUES {rows}",
    )
    discovery.discover(store=store, by="pia", now=now)

    column = Column.objects.get(table__store=store, name="phone")
    assert (column.identifier, column.options.get("region")) == ("phone", region)
