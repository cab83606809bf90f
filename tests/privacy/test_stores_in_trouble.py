"""A store that fills its disk, times out, deadlocks or dies leaves a resumable plan and
a true report: nothing given up, nothing called done, and the next worker goes on."""

import contextlib
import threading
import time

import pytest
from django.db import connections

from privacy import erasure, identifiers, plans, retention, stores
from privacy.datamap import files
from privacy.erasure import running
from privacy.models import Category, Certificate, Plan, Promise, Rule, Table
from tests.privacy import messaging

pytestmark = pytest.mark.django_db

EVENTS = """
CREATE TABLE event (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    note text, at timestamptz NOT NULL);
CREATE INDEX event_at ON event (at);
INSERT INTO event (note, at)
SELECT 'a note', timestamptz '2020-01-01' + n * interval '1 minute'
FROM generate_series(1, 3000) n;
"""
MAP = """
store: town
tables:
  event:
    start: at
    erasure: delete
    columns:
      id: {not_personal: A key}
      note: {category: voluntary, source: direct, purposes: [provide],
             treatment: nullify}
      at: {not_personal: A date}
"""
TROUBLE = """
CREATE FUNCTION trouble() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN {says}; RETURN OLD; END $$;
CREATE TRIGGER trouble BEFORE DELETE ON event FOR EACH ROW
WHEN (OLD.id = 1700) EXECUTE FUNCTION trouble();
"""


@pytest.fixture
def town(connect, now):
    _, direct = connect("town", EVENTS)
    files.load(text=MAP, by="pia", now=now)
    return direct


@pytest.fixture
def sweep(town, now):
    rule = Rule.objects.create(
        name="event",
        title="Events",
        table=Table.objects.get(name="event"),
        start="at",
        months=24,
        action=Rule.Action.DELETE,
        category=Category.objects.get(code="communications"),
        promise=Promise.objects.get(code="retained-no-longer"),
        citation="Policy, Retention",
    )
    plan = retention.preview(rule=rule, by="pia", now=now)
    retention.approve(sweep=plan, by="max", now=now)
    Plan.objects.filter(pk=plan.pk).update(batch=500)
    return plan


def count(town):
    return town.execute("SELECT count(*) FROM event").fetchone()[0]


def limit(sweep, setting):
    """A session setting of the portal's own connection to the store."""
    alias = stores.alias(sweep.rule.table.store)
    with connections[alias].cursor() as cursor:
        cursor.execute(f"SET {setting}")


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("53100", "The store's disk is full."),
        ("53200", "The store is out of memory."),
        ("57P01", "The store is shutting down."),
        ("25006", "The store is read-only at the moment."),
    ],
)
def test_what_was_ended_before_stays_and_the_rest_waits_for_the_store(
    town, sweep, now, state, sentence
):
    town.execute(TROUBLE.format(says=f"RAISE EXCEPTION USING ERRCODE = '{state}'"))

    with pytest.raises(plans.Waits):
        retention.carry_out(sweep=sweep, clock=lambda: now)
    sweep.refresh_from_db()
    ended = plans.progress(sweep)

    assert (sweep.status, sweep.waits) == (Plan.Status.RUNNING, sentence)
    assert count(town) == 3000 - ended["rows"]
    assert not sweep.ranges.filter(status="failed").exists()

    town.execute("DROP TRIGGER trouble ON event")
    done = retention.carry_out(sweep=sweep, clock=lambda: now)

    assert (done.status, done.problem, count(town)) == (Plan.Status.DONE, "", 0)
    assert plans.progress(done)["rows"] == 3000


def test_a_range_that_takes_too_long_is_halved_until_it_fits(town, sweep, now):
    """The slow rows are few; the time limit is the store's own."""
    town.execute(TROUBLE.format(says="PERFORM pg_sleep(0.2)"))
    limit(sweep, "statement_timeout = '150ms'")

    with pytest.raises(plans.Waits):
        retention.carry_out(sweep=sweep, clock=lambda: now)
    limit(sweep, "statement_timeout = '10s'")
    done = retention.carry_out(sweep=sweep, clock=lambda: now)

    assert (done.status, count(town)) == (Plan.Status.DONE, 0)
    assert plans.progress(done)["rows"] == 3000


def test_a_real_deadlock_costs_time_and_no_rows(town, sweep, now, connect):
    """Somebody locks a late row, then wants an early one that our range has."""
    town.execute(TROUBLE.format(says="PERFORM pg_sleep(0.5)"))
    town.autocommit = False
    town.execute("SET LOCAL deadlock_timeout = '10s'")  # ours is the one that is chosen
    town.execute("SELECT 1 FROM event WHERE id = 1900 FOR UPDATE")
    late = threading.Thread(target=want, args=(town, 1600))
    connections[stores.alias(sweep.rule.table.store)].ensure_connection()
    limit(sweep, "deadlock_timeout = '50ms'")
    late.start()
    try:
        run_until_settled(sweep, now)
    finally:
        late.join()
        town.rollback()
        town.autocommit = True
    done = retention.carry_out(sweep=sweep, clock=lambda: now)

    assert (done.status, done.problem, count(town)) == (Plan.Status.DONE, "", 0)
    assert plans.progress(done)["rows"] == 3000


def want(town, key):
    """Once the range that holds this row is being deleted, wait for it."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        waits = "SELECT count(*) FROM pg_stat_activity WHERE query ~ '^DELETE'"
        if town.execute(waits).fetchone()[0]:
            break
        time.sleep(0.01)
    time.sleep(0.1)
    town.execute("SELECT 1 FROM event WHERE id = %s FOR UPDATE", [key])
    time.sleep(0.2)
    town.rollback()


def run_until_settled(sweep, now):
    with contextlib.suppress(plans.Waits):
        retention.carry_out(sweep=sweep, clock=lambda: now)


def test_an_erasure_waits_for_a_full_disk_too_and_is_never_called_done(connect, now):
    _, direct = connect("city", messaging.SCRIPT)
    files.load(text=messaging.MAP.replace("town", "city"), by="pia", now=now)
    direct.execute(
        "CREATE FUNCTION trouble() RETURNS trigger LANGUAGE plpgsql AS"
        " $$BEGIN RAISE EXCEPTION USING ERRCODE = '53100'; END $$;"
        "CREATE TRIGGER trouble BEFORE UPDATE ON person FOR EACH ROW"
        " EXECUTE FUNCTION trouble()"
    )
    ada = identifiers.keep(identifiers.phone("+12025550143"), now=now)
    plan = erasure.plan(
        identifiers=[ada], title="R-1", received_at=now, by="lena", now=now
    )
    plans.approve(plan=plan, by="max", now=now)

    with pytest.raises(plans.Waits):
        erasure.carry_out(plan=plan, clock=lambda: now)
    plan.refresh_from_db()
    assert (plan.status, plan.waits) == ("running", "The store's disk is full.")
    direct.execute("DROP TRIGGER trouble ON person")
    done = erasure.carry_out(plan=plan, clock=lambda: now)

    assert (done.status, done.problem) == (Plan.Status.DONE, "")


def test_a_table_that_changes_in_the_middle_of_an_erasure_leaves_a_true_report(
    connect, now
):
    """What can be ended is; the rest is named, and can be tried again."""
    _, direct = connect("city", messaging.SCRIPT)
    files.load(text=messaging.MAP.replace("town", "city"), by="pia", now=now)
    ada = identifiers.keep(identifiers.phone("+12025550143"), now=now)
    plan = erasure.plan(
        identifiers=[ada], title="R-1", received_at=now, by="lena", now=now
    )
    plans.approve(plan=plan, by="max", now=now)
    running.begin_many(some=[plan], clock=lambda: now)
    direct.execute("ALTER TABLE message RENAME body TO said")

    done = erasure.carry_out(plan=plan, clock=lambda: now)

    assert done.status == Plan.Status.INCOMPLETE
    assert "city.message: The store's tables do not match the map." in done.problem
    assert direct.execute("SELECT count(*) FROM person_tag").fetchone()[0] == 1
    assert not Certificate.objects.exists()
    direct.execute("ALTER TABLE message RENAME said TO body")
    plans.retry(plan=done, by="max", now=now)
    done = erasure.carry_out(plan=done, clock=lambda: now)
    assert (done.status, done.problem) == (Plan.Status.DONE, "")
