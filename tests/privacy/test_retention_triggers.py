"""Whoever approves a sweep reads what a trigger of the store would copy meanwhile."""

import pytest
from django.core.management import call_command

from privacy import retention, stores
from privacy.datamap import acceptance, discovery
from privacy.models import Plan
from tests import engines

pytestmark = pytest.mark.django_db
TABLES = """
CREATE TABLE visit (id int PRIMARY KEY, email varchar(80), seen {time});
CREATE TABLE visit_history (id int PRIMARY KEY, email varchar(80));
CREATE TABLE tally (id int PRIMARY KEY, many int);
INSERT INTO visit VALUES (1, 'ada@example.com', '2020-01-01 10:00:00');
INSERT INTO visit VALUES (2, 'bob@example.com', '2026-11-01 10:00:00');
"""
KEEP = "INSERT INTO visit_history VALUES (OLD.id, OLD.email)"
COUNT = "INSERT INTO tally VALUES (OLD.id, 1)"
POSTGRESQL = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    {does}; RETURN OLD; END $$;
CREATE TRIGGER {name} BEFORE {event} ON visit FOR EACH ROW EXECUTE FUNCTION {name}();
"""
MARIADB = "CREATE TRIGGER {name} BEFORE {event} ON visit FOR EACH ROW {does};"
SQLITE = "CREATE TRIGGER {name} BEFORE {event} ON visit BEGIN {does}; END;"
TRIGGERS = {"postgresql": POSTGRESQL, "mariadb": MARIADB, "sqlite": SQLITE}


@pytest.fixture(params=engines.ENGINES)
def made(request, database):
    return database(request.param)


def swept(made, now, event, does, action="delete"):
    time = "timestamptz" if made.engine == "postgresql" else "datetime"
    made.run(TABLES.format(time=time))
    made.run(TRIGGERS[made.engine].format(name="keep", event=event, does=does))
    store = stores.connect(name="shop", url=made.url, by="pia", now=now)
    discovery.discover(store=store, by="pia", now=now)
    acceptance.accept(columns=acceptance.proposals(store), by="pia", now=now)
    return retention.preview(rule=ruled("visit", now, action), by="pia", now=now)


def ruled(table, now, action="delete", start="seen"):
    return retention.make(
        name=table, place=f"shop.{table}", start=start, where={}, others="",
        category="", months=24, action=action, title=table.title(),
        citation="Policy", by="pia", now=now,
    )  # fmt: skip


def test_a_copy_that_a_trigger_will_make_is_said_before_and_after(made, now):
    plan = swept(made, now, "DELETE", KEEP)

    [said] = plan.summary["exceptions"]
    assert "writes into shop.visit_history when rows of shop.visit are ended" in said
    assert "give shop.visit_history a rule of its own" in said
    retention.approve(sweep=plan, by="max", now=now)
    done = retention.carry_out(sweep=plan, clock=lambda: now)
    assert done.status == Plan.Status.EXCEPTED
    assert done.summary["exceptions"] == [said]
    assert made.rows("SELECT email FROM visit_history") == [("ada@example.com",)]


def test_the_command_prints_it(made, now, capsys):
    plan = swept(made, now, "DELETE", KEEP)

    call_command("retention", "preview", "visit")

    assert f"Exception: {plan.summary['exceptions'][0]}" in capsys.readouterr().out


def test_a_trigger_that_runs_on_another_event_is_no_matter(made, now):
    assert "exceptions" not in swept(made, now, "UPDATE", KEEP).summary


def test_one_that_runs_on_updates_copies_what_is_de_identified(made, now):
    plan = swept(made, now, "UPDATE", KEEP, action="deidentify")

    assert len(plan.summary["exceptions"]) == 1


def test_a_trigger_that_writes_nothing_personal_is_no_matter(made, now):
    assert "exceptions" not in swept(made, now, "DELETE", COUNT).summary


def test_an_extension_that_is_told_its_table_is_understood_too(connect, now):
    """As `temporal_tables` is: the function's own text names no table."""
    body = "EXECUTE format('INSERT INTO %I VALUES ($1, $2)', TG_ARGV[0])"
    function = POSTGRESQL.format(
        name="keep", event="DELETE", does=f"{body} USING OLD.id, OLD.email"
    ).replace("keep();", "keep('visit_history');")
    store, _ = connect("shop", TABLES.format(time="timestamptz") + function)
    discovery.discover(store=store, by="pia", now=now)
    acceptance.accept(columns=acceptance.proposals(store), by="pia", now=now)

    plan = retention.preview(rule=ruled("visit", now), by="pia", now=now)

    assert len(plan.summary["exceptions"]) == 1
