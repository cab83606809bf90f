"""Sweeps that can not hurt: one bad row, a surge, a busy store, partitions, ties."""

import datetime as dt
import threading
import time

import psycopg
import pytest
from django.db import connection

from privacy import holds, identifiers, plans, retention, stores, throttle
from privacy.datamap import Map, files
from privacy.models import Category, Hold, HoldReceipt, Plan, Promise, Rule, Table
from privacy.retention import partitions, reach, surge, sweeping
from privacy.retention.previews import SCHEDULE
from privacy.sql import locks

pytestmark = pytest.mark.django_db

EVENTS = """
CREATE TABLE event (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person text, phone varchar(32), at timestamptz NOT NULL);
CREATE INDEX event_at ON event (at);
INSERT INTO event (person, phone, at)
SELECT 'Ada', '+12025550143', timestamptz '2020-01-01' + n * interval '1 minute'
FROM generate_series(1, 3000) n;
"""
MAP = """
store: town
tables:
  event:
    about: person
    start: at
    erasure: delete
    columns:
      id: {not_personal: A key}
      person: {category: profile_contact, source: direct, purposes: [provide],
               treatment: nullify}
      phone: {category: profile_contact, identifier: phone, source: direct,
              purposes: [provide], treatment: nullify}
      at: {not_personal: A date}
"""


@pytest.fixture
def town(connect, now):
    _, direct = connect("town", EVENTS)
    files.load(text=MAP, by="pia", now=now)
    return direct


def rule_for(table, action=Rule.Action.DELETE, **fields):
    return Rule.objects.create(
        name=table,
        title=table,
        table=Table.objects.get(name=table),
        start="at",
        months=24,
        action=action,
        category=Category.objects.get(code="communications"),
        promise=Promise.objects.get(code="retained-no-longer"),
        citation="Policy, Retention",
        **fields,
    )


@pytest.fixture
def rule(town):
    return rule_for("event")


def approved(rule, now, batch=500):
    plan = retention.preview(rule=rule, by="pia", now=now)
    retention.approve(sweep=plan, by="max", now=now)
    Plan.objects.filter(pk=plan.pk).update(batch=batch)
    return plan


def sweep(rule, now, batch=500):
    return retention.carry_out(sweep=approved(rule, now, batch), clock=lambda: now)


def count(direct, where="true", table="event"):
    return direct.execute(f"SELECT count(*) FROM {table} WHERE {where}").fetchone()[0]


# --- one bad row ------------------------------------------------------------
def test_one_bad_row_does_not_stop_the_rest_and_is_never_called_done(rule, town, now):
    town.execute(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN RAISE EXCEPTION ''Ada Sample, +12025550143''; END';"
        "CREATE TRIGGER refuse BEFORE DELETE ON event FOR EACH ROW"
        " WHEN (OLD.id IN (1700, 2900)) EXECUTE FUNCTION refuse()"
    )

    done = sweep(rule, now)

    assert done.status == Plan.Status.INCOMPLETE
    assert "A trigger of the store forbids it. (2 times)" in done.problem
    assert "2 rows are still past their date" in done.problem
    assert "Ada" not in done.problem
    assert count(town) == 2
    assert plans.progress(done)["rows"] == 2998


def test_what_was_given_up_is_tried_again_when_its_cause_is_gone(rule, town, now):
    town.execute(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN RAISE EXCEPTION ''no''; END';"
        "CREATE TRIGGER refuse BEFORE DELETE ON event FOR EACH ROW"
        " WHEN (OLD.id = 1700) EXECUTE FUNCTION refuse()"
    )
    first = sweep(rule, now)
    town.execute("DROP TRIGGER refuse ON event")

    plans.retry(plan=first, by="max", now=now)
    done = retention.carry_out(sweep=first, clock=lambda: now)

    assert (done.status, count(town)) == (Plan.Status.DONE, 0)
    with pytest.raises(plans.NotIncomplete):
        plans.retry(plan=done, by="max", now=now)


def test_a_value_that_does_not_fit_is_singled_out_in_a_deidentify_sweep(town, now):
    town.execute("ALTER TABLE event ADD CHECK (id <> 2000 OR person IS NOT NULL)")
    rule = rule_for("event", Rule.Action.DEIDENTIFY)

    done = sweep(rule, now)

    assert done.status == Plan.Status.INCOMPLETE
    assert "A check of the store forbids the new value." in done.problem
    assert count(town, "person IS NOT NULL") == 1


# --- the store in trouble ---------------------------------------------------
def test_a_locked_row_makes_the_sweep_wait_and_go_on_later(rule, town, now):
    plan = approved(rule, now)
    town.autocommit = False
    town.execute("SELECT 1 FROM event WHERE id = 100 FOR UPDATE")
    town_alias = stores.alias(rule.table.store)
    with stores.reaching(rule.table.store):
        from django.db import connections

        with connections[town_alias].cursor() as cursor:
            cursor.execute("SET lock_timeout = '50ms'")

    with pytest.raises(plans.Waits, match="continues by itself"):
        retention.carry_out(sweep=plan, clock=lambda: now)
    plan.refresh_from_db()
    waiting = (plan.status, plan.waits)
    town.rollback()
    town.autocommit = True
    done = retention.carry_out(sweep=plan, clock=lambda: now)

    assert waiting == (Plan.Status.RUNNING, "Somebody else has locked rows there.")
    assert (done.status, done.waits, count(town)) == (Plan.Status.DONE, "", 0)


def test_tables_that_change_in_the_middle_end_the_sweep_with_a_true_report(
    rule, town, now, monkeypatch
):
    from privacy import destruction

    real = destruction.end

    def end(**arguments):
        real(**arguments)
        town.execute("ALTER TABLE event RENAME COLUMN at TO happened_at")

    monkeypatch.setattr(destruction, "end", end)

    done = sweep(rule, now)

    assert done.status == Plan.Status.INCOMPLETE
    assert "tables do not match the map" in done.problem
    assert count(town) == 3000 - plans.CANARY


def test_a_store_that_dies_in_the_middle_leaves_a_sweep_that_goes_on(
    rule, town, now, monkeypatch
):
    from privacy import destruction

    real, killed = destruction.end, []

    def end(**arguments):
        real(**arguments)
        if not killed:
            killed.append(True)
            town.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    monkeypatch.setattr(destruction, "end", end)
    plan = approved(rule, now)
    with pytest.raises((plans.Waits, stores.StoreDown)):
        retention.carry_out(sweep=plan, clock=lambda: now)
    plan.refresh_from_db()
    assert plan.status == Plan.Status.RUNNING

    later = now + dt.timedelta(minutes=5)
    done = retention.carry_out(sweep=plan, clock=lambda: later)

    assert (done.status, count(town)) == (Plan.Status.DONE, 0)


# --- throttle ---------------------------------------------------------------
def test_a_sweep_waits_for_the_hours_of_its_store(rule, town, now):
    store = rule.table.store
    store.works_from, store.works_until = dt.time(22), dt.time(5)
    store.save()
    plan = approved(rule, now)

    retention.carry_out(sweep=plan, clock=lambda: now)  # nine in the morning
    plan.refresh_from_db()
    assert (plan.status, count(town)) == (Plan.Status.RUNNING, 3000)
    assert plan.waits == "It is waiting for the hours of town, which begin at 22:00:00."

    night = now.replace(hour=23)
    done = retention.carry_out(sweep=plan, clock=lambda: night)
    assert (done.status, done.waits) == (Plan.Status.DONE, "")


def test_hours_may_go_over_midnight_or_not(rule, now):
    store = rule.table.store
    for start, end, open_ in ((22, 5, False), (8, 12, True), (10, 12, False)):
        store.works_from, store.works_until = dt.time(start), dt.time(end)
        assert (throttle.reason(store=store, now=now) == "") is open_


def test_a_sweep_waits_while_others_wait_for_locks(rule, town, now):
    store = rule.table.store
    store.most_lock_waits = 0
    town.autocommit = False
    town.execute("LOCK TABLE event IN ACCESS EXCLUSIVE MODE")
    dsn = f"dbname={town.info.dbname} host={town.info.host} user={town.info.user}"

    def wait():
        with psycopg.connect(dsn) as other:
            other.execute("SELECT 1 FROM event LIMIT 1")

    waiting = threading.Thread(target=wait)
    waiting.start()
    deadline = time.monotonic() + 5
    while not (found := throttle.reason(store=store, now=now)):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    town.rollback()
    waiting.join()

    assert found == "1 sessions of town are waiting for locks."
    assert throttle.reason(store=store, now=now) == ""


def test_one_worker_counts_and_the_others_wait_for_it(rule, now, monkeypatch):
    plan = approved(rule, now)
    found = reach.numbers(Map(rule.table.store), rule, plan.cutoff)
    other = connection.copy()
    naps = []

    def nap(seconds):
        naps.append(seconds)
        assert plans.start(plan=Plan.objects.get(), now=now, residue=found)

    def count_again(*_):
        raise AssertionError("Another worker counts already.")

    monkeypatch.setattr(sweeping.time, "sleep", nap)
    monkeypatch.setattr(reach, "numbers", count_again)
    with locks.alone(other, plan.pk.int >> 65):
        done = retention.carry_out(sweep=plan, clock=lambda: now)
    other.close()

    assert len(naps) == 1
    assert (done.status, done.residue["rows"]) == (Plan.Status.DONE, 0)


# --- the rule's own history -------------------------------------------------
def history(rule, now, *rows):
    """Sweeps of days past, each of which ended so many rows."""
    for ago, number in zip(range(len(rows), 0, -1), rows, strict=True):
        when = now - dt.timedelta(days=ago)
        plan = Plan.objects.create(
            kind=Plan.Kind.SWEEP, rule=rule, title="x", cutoff=when, digest="x",
            planned_by=SCHEDULE, planned_at=when, approved_by="max", approved_at=when,
            status=Plan.Status.DONE,
        )  # fmt: skip
        plan.ranges.create(
            ordinal=1, table=rule.table, action="delete", status="done", rows=number
        )


def test_a_surge_waits_for_a_person_and_stands_on_the_plan(rule, town, now):
    rule.approved_digest = plans.freeze(retention.definition(rule))
    rule.approved_by = "max"
    rule.save()
    history(rule, now, 90_000, 100, 120)

    started, _ = retention.start_due(now=now)
    again, _ = retention.start_due(now=now + dt.timedelta(hours=1))

    waiting = Plan.objects.get(status=Plan.Status.PLANNED)
    assert (started, again) == ([], [])
    assert "3,000 rows are past their retention date" in waiting.waits
    assert "never removed more than 1,000" in waiting.waits
    assert count(town) == 3000
    retention.approve(sweep=waiting, by="max", now=now)
    done = retention.carry_out(sweep=waiting, clock=lambda: now)
    assert (done.status, count(town)) == (Plan.Status.DONE, 0)


def test_a_usual_day_starts_by_itself_also_after_days_of_standstill(rule, now):
    sweep = Plan(cutoff=now, summary={"rows": 3000})
    history(rule, now - dt.timedelta(days=3), 50_000, 800, 900)

    assert surge.most(rule, sweep) == 5 * 900 * 4
    assert surge.too_many(rule, sweep) == ""


# --- ties and keys ----------------------------------------------------------
def test_a_bulk_import_of_one_instant_is_still_cut_into_small_ranges(rule, town, now):
    town.execute("UPDATE event SET at = '2020-05-05'")
    Plan.objects.all().delete()

    done = sweep(rule, now, batch=500)

    assert (done.status, count(town)) == (Plan.Status.DONE, 0)
    assert max(piece.rows for piece in done.ranges.all()) < 2500
    assert done.ranges.count() >= 3


def test_keys_that_may_name_a_person_are_no_edges_of_ranges(connect, now):
    connect(
        "letters",
        "CREATE TABLE letter (email text PRIMARY KEY, at timestamptz NOT NULL);"
        "INSERT INTO letter SELECT 'p' || n || '@example.com', timestamptz"
        " '2020-01-01' + n * interval '1 minute' FROM generate_series(1, 1200) n",
    )
    files.load(
        text="""
store: letters
tables:
  letter:
    about: person
    columns:
      email: {category: profile_contact, identifier: email, source: direct,
              purposes: [provide], treatment: keep, ground: It is the key}
      at: {not_personal: A date}
""",
        by="pia",
        now=now,
    )

    done = sweep(rule_for("letter"), now)

    assert done.status == Plan.Status.DONE
    assert "@" not in str(list(done.ranges.values_list("lower", "upper")))


# --- partitions -------------------------------------------------------------
PARTITIONED = """
CREATE TABLE visit (id bigint GENERATED ALWAYS AS IDENTITY, phone text,
    at timestamptz NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE visit_2020 PARTITION OF visit
    FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE TABLE visit_2021 PARTITION OF visit
    FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');
CREATE TABLE visit_2024 PARTITION OF visit
    FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE visit_rest PARTITION OF visit DEFAULT;
CREATE INDEX visit_at ON visit (at);
INSERT INTO visit (phone, at) SELECT '+12025550143', at FROM generate_series(
    timestamptz '2019-12-01', '2026-11-01', interval '12 hours') at;
"""
VISITS = """
store: visits
tables:
  visit:
    about: person
    start: at
    erasure: delete
    columns:
      id: {not_personal: A key}
      phone: {category: profile_contact, identifier: phone, source: direct,
              purposes: [provide], treatment: nullify}
      at: {not_personal: A date}
"""


@pytest.fixture
def visits(connect, now):
    _, direct = connect("visits", PARTITIONED)
    files.load(text=VISITS, by="pia", now=now)
    return direct


def names(direct):
    rows = direct.execute(
        "SELECT relname FROM pg_class WHERE relname LIKE 'visit_2%' AND relkind = 'r'"
    )
    return sorted(name for (name,) in rows)


def test_partitions_past_their_date_are_dropped_whole(visits, now):
    rule = rule_for("visit")
    before = count(visits, "at < '2024-11-24 09:00+00'", "visit")

    done = sweep(rule, now)

    dropped = {
        piece.partition: piece.rows for piece in done.ranges.exclude(partition="")
    }
    assert done.status == Plan.Status.DONE
    assert set(dropped) == {'"public"."visit_2020"', '"public"."visit_2021"'}
    assert dropped['"public"."visit_2021"'] == 730
    assert plans.progress(done)["rows"] == before
    assert names(visits) == ["visit_2024"]
    assert count(visits, "at < '2024-11-24 09:00+00'", "visit") == 0


def test_a_partition_with_a_held_row_is_not_dropped(visits, now):
    rule = rule_for("visit")
    visits.execute("UPDATE visit SET phone = '+12025550199' WHERE id = 700")
    year = visits.execute("SELECT at FROM visit WHERE id = 700").fetchone()[0].year
    mark = identifiers.keep(identifiers.phone("+12025550199"), now=now)
    hold = holds.place(matter="Roe", identifiers=[mark], tables=[], by="lena", now=now)

    done = sweep(rule, now)

    assert (done.status, year) == (Plan.Status.EXCEPTED, 2020)
    assert names(visits) == ["visit_2020", "visit_2024"]
    assert count(visits, "at < '2021-01-01'", "visit") == 1
    receipt = HoldReceipt.objects.get()
    assert (receipt.hold, receipt.rows) == (hold, 1)
    assert plans.progress(done)["held"] == 1


def test_a_partition_that_reaches_beyond_the_date_stays(visits, now):
    rule = rule_for("visit")
    mapped = Map(rule.table.store)
    table = mapped.tables["visit"]
    with stores.reaching(mapped.store):
        until = now.replace(year=2021, month=6)
        found = partitions.past(mapped, rule, table, until)

    assert [each.name for each in found] == ['"public"."visit_2020"']


# --- restrictions, receipts -------------------------------------------------
def test_a_restriction_keeps_a_persons_rows_from_sweeps(rule, town, now):
    town.execute("UPDATE event SET phone = '+12025550199' WHERE id <= 10")
    mark = identifiers.keep(identifiers.phone("+12025550199"), now=now)
    kind = Hold.Kind.RESTRICTION
    hold = holds.place(
        kind=kind, matter="R-1", identifiers=[mark], tables=[], by="lena", now=now
    )

    done = sweep(rule, now)

    assert (done.status, count(town)) == (Plan.Status.EXCEPTED, 10)
    assert sum(each.rows for each in hold.receipts.all()) == 10
