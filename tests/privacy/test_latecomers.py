"""What triggers keep of a person while they are erased is noticed by the same plan."""

import json

import pytest

from privacy import erasure, identifiers, plans
from privacy.datamap import acceptance, discovery
from privacy.models import AuditEvent, Plan, Range

pytestmark = pytest.mark.django_db
TABLES = """
CREATE TABLE member (id int PRIMARY KEY, email text, name text);
CREATE TABLE history (id serial PRIMARY KEY, member_id int NOT NULL, name text);
CREATE TABLE log (member_id int NOT NULL, name text);
INSERT INTO member SELECT i, 'mary' || i || '@example.com', 'Mary Old' || i
FROM generate_series(1, 9) i;
INSERT INTO history (member_id, name) SELECT id, name FROM member;
INSERT INTO log SELECT id, name FROM member;
CREATE TABLE note (n int, body text);
"""
TRIGGER = """
CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO {} (member_id, name) VALUES (OLD.id, OLD.name); RETURN NEW; END $$;
CREATE TRIGGER keep AFTER UPDATE ON member FOR EACH ROW EXECUTE FUNCTION {}();
"""


@pytest.fixture
def club(connect, now):
    def make(trigger):
        store, direct = connect("club", TABLES + trigger)
        discovery.discover(store=store, by="pia", now=now)
        acceptance.accept(columns=acceptance.proposals(store), by="pia", now=now)
        return direct

    return make


def erased(now, clock=None):
    mark = identifiers.keep(identifiers.email("mary3@example.com"), now=now)
    plan = erasure.plan(
        identifiers=[mark], title="Mary", received_at=now, by="lena", now=now
    )
    plans.approve(plan=plan, by="max", now=now)
    return erasure.carry_out(plan=plan, clock=clock or (lambda: now))


@pytest.mark.parametrize("table", ["history", "log"])
def test_a_copy_that_a_trigger_made_is_ended_with_the_same_plan(club, now, table):
    direct = club(TRIGGER.format(table, "keep"))

    done = erased(now)

    assert (done.status, done.problem) == (Plan.Status.DONE, "")
    query = f"SELECT count(*), count(name) FROM {table} WHERE name ~ 'Old3'"
    assert direct.execute(query).fetchone() == (0, 0)
    assert direct.execute(f"SELECT count(*) FROM {table}").fetchone() == (10,)
    [said] = AuditEvent.objects.filter(action="plan.extended")
    assert json.loads(said.payload)["details"]["rows"] == 1


def test_a_text_that_a_trigger_wrote_is_cleaned_with_the_same_plan(club, now):
    direct = club(TRIGGER.format("note", "keep").replace("member_id, name", "n, body")
                  .replace("OLD.name", "'was ' || OLD.email"))  # fmt: skip

    done = erased(now)

    assert (done.status, done.problem) == (Plan.Status.DONE, "")
    assert direct.execute("SELECT body FROM note").fetchall() == [("was [redacted]",)]


def test_what_somebody_else_wrote_meanwhile_stays_and_leaves_the_plan_incomplete(
    club, now
):
    direct, come = club(TRIGGER.format("history", "keep")), []

    def clock():
        if not come and Range.objects.filter(status=Range.Status.DONE).exists():
            come.append(True)
            direct.execute("INSERT INTO history (member_id, name) VALUES (3, 'new')")
        return now

    done = erased(now, clock)

    assert done.status == Plan.Status.INCOMPLETE
    assert "history: 1 rows were added while this was carried out" in done.problem
    query = "SELECT array_agg(name ORDER BY id) FROM history WHERE member_id = 3"
    assert direct.execute(query).fetchone()[0][-1] == "new"
    [said] = AuditEvent.objects.filter(action="plan.extended")
    assert json.loads(said.payload)["details"]["rows"] == 1


@pytest.mark.parametrize("table", ["history", "log"])
def test_what_a_trigger_keeps_of_the_copy_too_leaves_the_plan_incomplete(
    club, now, table
):
    again = f"CREATE TRIGGER more AFTER UPDATE ON {table} FOR EACH ROW WHEN"
    stop = "(pg_trigger_depth() < 1 AND OLD.name IS NOT NULL) EXECUTE FUNCTION more();"
    copy = TRIGGER.partition("CREATE TRIGGER")[0].format(table).replace("keep", "more")
    copy = copy.replace("OLD.id", "OLD.member_id")
    club(TRIGGER.format(table, "keep") + copy + again + stop)

    done = erased(now)

    assert done.status == Plan.Status.INCOMPLETE
    assert f"club.{table}: " in done.problem
    assert "rows were added while this was carried out" in done.problem
    assert not hasattr(done, "certificate")


def test_a_trigger_that_writes_nothing_about_the_person_is_no_trouble(club, now):
    harmless = TRIGGER.format("log", "keep").replace("OLD.id, OLD.name", "0, 'x'")
    club(harmless)

    done = erased(now)

    assert (done.status, done.problem) == (Plan.Status.DONE, "")
