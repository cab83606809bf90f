"""What only PostgreSQL has: tables that inherit, composite types, quoted names."""

import pytest

from privacy import erasure, identifiers, plans
from privacy.datamap import Map, acceptance, discovery, drift

pytestmark = pytest.mark.django_db
SCRIPT = """
CREATE SCHEMA "Sales Dept";
CREATE TYPE "Sales Dept"."Address" AS ("Street" text, "Zip" text);
CREATE TYPE "Sales Dept"."Mood" AS ENUM ('Happy', 'Sad', 'Unknown');
CREATE TABLE "Sales Dept"."Customer" ("CustomerID" int PRIMARY KEY,
    "E-Mail" text UNIQUE, "Last Name" text NOT NULL, "Home" "Sales Dept"."Address",
    "Work" "Sales Dept"."Address" NOT NULL, "Mood" "Sales Dept"."Mood" NOT NULL,
    "Shown" text GENERATED ALWAYS AS ('M. ' || "Last Name") STORED);
CREATE TABLE "Sales Dept"."Wholesaler" ("VAT No" text)
    INHERITS ("Sales Dept"."Customer");
CREATE TABLE "Sales Dept"."Order" ("OrderID" int PRIMARY KEY, "CustomerID" int NOT NULL
    REFERENCES "Sales Dept"."Customer", "Total" numeric(8, 2),
    "At" timestamptz NOT NULL);
INSERT INTO "Sales Dept"."Customer" ("CustomerID", "E-Mail", "Last Name", "Home",
    "Work", "Mood") SELECT i, 'Mary' || i || '@Example.com', 'Moore' || i,
    ROW(i || ' Elm Street', '97301')::"Sales Dept"."Address",
    ROW(i || ' Oak Street', '97302')::"Sales Dept"."Address", 'Happy'
    FROM generate_series(1, 9) i;
INSERT INTO "Sales Dept"."Wholesaler" ("CustomerID", "E-Mail", "Last Name", "Home",
    "Work", "Mood", "VAT No") SELECT i, 'mary' || i || '@example.com',
    'Moore' || i, NULL, ROW(i || ' Oak Street', '97302')::"Sales Dept"."Address",
    'Sad', 'DE12345678' || i
    FROM generate_series(20, 25) i;
INSERT INTO "Sales Dept"."Order" SELECT i, i, 10, now() FROM generate_series(1, 9) i;
"""


@pytest.fixture
def sales(connect, now):
    store, direct = connect("sales", SCRIPT)
    discovery.discover(store=store, by="pia", now=now)
    acceptance.accept(columns=acceptance.proposals(store), by="pia", now=now)
    return store, direct


@pytest.mark.parametrize("who", ["mary3", "mary22"])
def test_rows_of_tables_that_inherit_end_once_and_all_of_them(sales, now, who):
    store, direct = sales
    assert drift.problems(Map(store)) == []
    address = f"{who}@example.com"
    mark = identifiers.keep(identifiers.email(address), now=now)
    plan = erasure.plan(
        identifiers=[mark], title="Erasure", received_at=now, by="lena", now=now
    )
    plans.approve(plan=plan, by="max", now=now)
    done = erasure.carry_out(plan=plan, clock=lambda: now)

    assert (done.status in plans.COMPLETE, done.problem) == (True, "")
    vat = f"DE12345678{who.removeprefix('mary')}"
    query = 'SELECT count(*) FROM "Sales Dept"."Wholesaler" WHERE "VAT No" = %s'
    assert direct.execute(query, [vat]).fetchone() == (0,)
    rows = direct.execute('SELECT t::text FROM "Sales Dept"."Customer" t').fetchall()
    number = who.removeprefix("mary")
    assert len(rows) == 15
    for said in (f"{who}@", f"Moore{number}", f"{number} Elm"):
        assert not any(said in row.replace("Mary", "mary") for (row,) in rows), said
    # A composite that must be there: nothing can end it, and the plan says so.
    kept = [text for text in plan.summary["exceptions"] if "can't be changed" in text]
    assert kept
    assert all("Work of 1 rows" in text for text in kept)
