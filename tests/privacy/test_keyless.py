"""Tables without a key: found, given, erased and swept like others, on each engine."""

import json

import pytest
from django.db import connections

from privacy import disclosure, erasure, identifiers, plans, retention, stores, undo
from privacy.datamap import acceptance, discovery, drift
from privacy.models import Plan
from tests import engines

pytestmark = pytest.mark.django_db
SCRIPT = """
CREATE TABLE customer (id int PRIMARY KEY, email varchar(80), name varchar(80));
CREATE TABLE note (customer_id int REFERENCES customer (id), comment text,
 at timestamp);
CREATE TABLE postcard (email varchar(80), `to` varchar(80), n int);
INSERT INTO customer VALUES (1, 'ada@example.com', 'Ada Stone'),
 (2, 'max@example.com', 'Max Frost');
INSERT INTO note VALUES (1, 'Rang twice', '2020-01-01'), (1, NULL, '2020-01-01'),
 (1, 'NULL', '2020-01-01'), (2, 'Rang twice', '2020-01-01'), (2, 'Late', '2025-11-01');
INSERT INTO postcard VALUES ('ada@example.com', 'Ada', 1), ('ada@example.com', 'Ada',
 1), ('max@example.com', 'Ada', 1);
"""


@pytest.fixture(params=engines.ENGINES)
def shop(request, database, now):
    made = database(request.param)
    mark = "`" if made.engine == "mariadb" else '"'
    made.run(SCRIPT.replace("`", mark))
    store = stores.connect(name="shop", url=made.url, by="pia", now=now)
    discovery.discover(store=store, by="pia", now=now)
    acceptance.accept(columns=acceptance.proposals(store), by="pia", now=now)
    assert drift.problems(discovery.Map(store)) == []
    yield made
    connections[store.alias].close()


@pytest.fixture
def ada(now):
    mark = identifiers.keep(identifiers.email("ada@example.com"), now=now)
    return {"identifiers": [mark], "received_at": now, "by": "lena", "now": now}


def test_each_row_is_given_and_those_alike_are_given_together(shop, ada, now):
    plan = erasure.plan_access(title="Access", **ada)

    given = {table.name: list(rows) for table, rows in disclosure.rows(plan)}

    assert {name: len(rows) for name, rows in given.items()} == {
        "customer": 1, "note": 3, "postcard": 2,
    }  # fmt: skip
    assert sorted(str(row["comment"]) for row in given["note"]) == [
        "NULL", "None", "Rang twice",
    ]  # fmt: skip


def test_an_erasure_ends_them_once_and_leaves_the_others(shop, ada, now):
    for rows in (3, 0):
        plan = erasure.plan(title="Erasure", **ada)
        assert sum(t["rows"] for t in plan.summary["tables"]) >= rows
        plans.approve(plan=plan, by="max", now=now)
        done = erasure.carry_out(plan=plan, clock=lambda: now)
        assert (done.status, done.problem) == (Plan.Status.DONE, "")
        assert done.residue["found"] == []

    [(theirs,)] = shop.rows(
        "SELECT comment FROM note WHERE customer_id = 2 AND comment > 'M'"
    )
    cards = shop.rows("SELECT email FROM postcard ORDER BY email")
    assert theirs == "Rang twice"
    assert (len(cards), cards.count(("max@example.com",))) == (3, 1)
    assert ("ada@example.com",) not in cards


def test_rows_that_are_alike_in_everything_count_each(shop, ada, now):
    plan = erasure.plan(title="Erasure", **ada, undo_days=14)
    plans.approve(plan=plan, by="max", now=now)

    done = erasure.carry_out(plan=plan, clock=lambda: now)

    told = json.loads(done.certificate.document)["tables"]
    counts = {each["table"]: (each["planned"], each["ended"]) for each in told}
    assert counts["shop.postcard"] == (2, 2)
    back = undo.put_back(plan=done, by="max", now=now)
    assert (back.rows, back.without_key) == (
        1,
        sum(said[1] for said in counts.values()) - 1,
    )


def test_one_more_that_is_alike_is_news(shop, ada, now):
    plan = erasure.plan(title="Erasure", **ada)
    plans.approve(plan=plan, by="max", now=now)
    columns = shop.rows("SELECT * FROM postcard WHERE email LIKE 'ada%'")[0]
    shop.run(f"INSERT INTO postcard VALUES {columns}")

    done = erasure.carry_out(plan=plan, clock=lambda: now)

    assert (done.status, bool(done.problem)) == (Plan.Status.REFUSED, True)


def test_a_row_that_changed_after_the_plan_is_left_and_said(shop, ada, now):
    plan = erasure.plan(title="Erasure", **ada)
    plans.approve(plan=plan, by="max", now=now)
    shop.run("UPDATE note SET comment = 'Rang again' WHERE comment = 'Rang twice'")

    done = erasure.carry_out(plan=plan, clock=lambda: now)

    assert (done.status, bool(done.problem)) == (Plan.Status.REFUSED, True)
    [(count,)] = shop.rows("SELECT count(*) FROM note WHERE comment = 'Rang again'")
    assert count == 2


def test_a_rule_sweeps_them(shop, now):
    rule = retention.make(
        name="notes", place="shop.note", start="at", where={}, others="",
        category="", months=24, action="delete", title="Notes", citation="Policy",
        by="pia", now=now,
    )  # fmt: skip
    plan = retention.preview(rule=rule, by="pia", now=now)
    retention.approve(sweep=plan, by="max", now=now)
    Plan.objects.filter(pk=plan.pk).update(batch=2)

    done = retention.carry_out(sweep=plan, clock=lambda: now)

    assert (done.status, done.problem) == (Plan.Status.DONE, "")
    assert shop.rows("SELECT comment FROM note") == [("Late",)]
