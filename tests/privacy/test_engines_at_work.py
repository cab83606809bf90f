"""The same contract on every engine: holds, crashes, locks, and what is still there."""

import threading
import time
import tracemalloc

import pytest
from django.db import connections

from privacy import (
    destruction,
    erasure,
    holds,
    identifiers,
    plans,
    retention,
    stores,
    throttle,
)
from privacy.datamap import Map, acceptance, discovery
from privacy.models import HoldReceipt, Link, Plan, Table
from privacy.residue import Pass, reading
from privacy.residue.matching import Matcher
from privacy.retention import cutting
from tests import engines

pytestmark = pytest.mark.django_db
ADA = identifiers.phone("+12025550143")
ROWS = 2400
VISITS = "CREATE TABLE visit (id int PRIMARY KEY, phone varchar(40), seen {time})"
TIMES = {"postgresql": "timestamptz", "mariadb": "datetime", "sqlite": "datetime"}


@pytest.fixture(params=engines.ENGINES)
def made(request, database):
    return database(request.param)


def connected(made, now, name="shop"):
    store = stores.connect(name=name, url=made.url, by="pia", now=now)
    discovery.discover(store=store, by="pia", now=now)
    acceptance.accept(
        columns=acceptance.proposals(store, []), least=0.0, by="pia", now=now
    )
    return store


@pytest.fixture
def visits(made, now):
    """Two thousand and more, every tenth of them Ada's."""
    made.run(VISITS.format(time=TIMES[made.engine]))
    rows = ", ".join(
        f"({n}, '{'+12025550143' if n % 10 == 0 else '+12025550117'}',"
        f" '2020-01-01 00:{n // 60 % 60:02}:{n % 60:02}')"
        for n in range(1, ROWS + 1)
    )
    made.run(f"INSERT INTO visit VALUES {rows}")
    connected(made, now)
    return made


@pytest.fixture
def sweep(visits, now):
    rule = retention.make(
        name="visits", place="shop.visit", start="seen", where={}, others="",
        category="", months=24, action="delete", title="Visits", citation="Policy",
        by="pia", now=now,
    )  # fmt: skip
    plan = retention.preview(rule=rule, by="pia", now=now)
    retention.approve(sweep=plan, by="max", now=now)
    Plan.objects.filter(pk=plan.pk).update(batch=500)
    return plan


def left(visits):
    [(count,)] = visits.rows("SELECT count(*) FROM visit")
    return count


def test_sweeps_wait_for_locks_on_mariadb_and_say_what_they_can_t_wait_for(
    database, now
):
    made = database("mariadb")
    made.run(
        VISITS.format(time="datetime") + "; INSERT INTO visit VALUES (1, '', now())"
    )
    store = connected(made, now)
    store.most_lock_waits = 0
    made.run("LOCK TABLES visit WRITE")
    other = connections[stores.alias(store)].copy()
    other.inc_thread_sharing()
    waiting = threading.Thread(target=_look, args=(other,))

    waiting.start()
    deadline = time.monotonic() + 5
    while not (found := throttle.reason(store=store, now=now)):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    made.run("UNLOCK TABLES")
    waiting.join()
    other.close()

    assert found == "1 sessions of shop are waiting for locks."
    assert throttle.reason(store=store, now=now) == ""
    assert list(throttle.untold(store)) == ["most_lag_seconds"]


def _look(other):
    with other.cursor() as cursor:
        cursor.execute("SELECT 1 FROM visit")


def test_a_hold_is_obeyed_by_the_very_next_range(visits, sweep, now, monkeypatch):
    cuts, pieces = cutting.cut, []

    def cut(*given):
        if len(pieces) == 1:  # one range is done
            mark = identifiers.keep(ADA, now=now)
            holds.place(matter="Doe", identifiers=[mark], tables=[], by="x", now=now)
        pieces.append(cuts(*given))
        return pieces[-1]

    monkeypatch.setattr(cutting, "cut", cut)
    done = retention.carry_out(sweep=sweep, clock=lambda: now)

    kept = {phone for (phone,) in visits.rows("SELECT phone FROM visit")}
    assert kept == {"+12025550143"}
    assert 0 < left(visits) < ROWS / 10
    assert sum(HoldReceipt.objects.values_list("rows", flat=True)) == left(visits)
    assert plans.progress(done)["rows"] == ROWS - left(visits)


def test_a_hold_follows_answers_to_answers_down_to_the_last(made, now):
    """Each row refers to one of its own table; only the first says whose it is."""
    made.run(
        "CREATE TABLE answer (id int PRIMARY KEY, phone varchar(40), to_id int,"
        f" seen {TIMES[made.engine]}, FOREIGN KEY (to_id) REFERENCES answer (id));"
        "INSERT INTO answer VALUES (1, '+12025550143', NULL, '2020-01-01'),"
        " (2, '+12025550117', NULL, '2020-01-01')"
    )
    for n in range(3, 13):
        made.run(f"INSERT INTO answer VALUES ({n}, NULL, {n - 2}, '2020-01-01')")
    store = connected(made, now)
    Link.objects.filter(table__store=store).update(role=Link.Role.SUBJECT)
    mark = identifiers.keep(ADA, now=now)
    holds.place(matter="Doe", identifiers=[mark], tables=[], by="x", now=now)
    mapped = Map(store)

    held = holds.condition(mapped=mapped, table=mapped.tables["answer"])

    rows = mapped.rows(mapped.tables["answer"]).filter(held).order_by("id")
    assert list(rows.values_list("id", flat=True)) == [1, 3, 5, 7, 9, 11]


def test_answers_to_one_s_own_answers_go_with_these(made, now):
    """The last one refers to itself, and somebody else's stays."""
    made.run(
        "CREATE TABLE answer (id int PRIMARY KEY, email varchar(40), to_id int,"
        " FOREIGN KEY (to_id) REFERENCES answer (id));"
        "INSERT INTO answer VALUES (1, 'ada@example.com', NULL),"
        " (2, 'ada@example.com', 1), (3, 'ada@example.com', 2),"
        " (4, 'ben@example.com', NULL);"
        "UPDATE answer SET to_id = 3 WHERE id = 1;"
        "INSERT INTO answer VALUES (5, 'ada@example.com', 5)"
    )
    store = connected(made, now)
    Table.objects.filter(store=store).update(erasure="delete")
    Link.objects.filter(table__store=store).update(role=Link.Role.SUBJECT)

    done = erased(now)

    assert (done.problem, done.ranges.filter(status="failed").count()) == ("", 0)
    assert keys(made, "answer") == [4]


@pytest.mark.parametrize("dies", ["before it counts", "after it counted"])
def test_a_range_whose_worker_is_killed_is_counted_once(
    visits, sweep, now, monkeypatch, dies
):
    """Before its transaction is noted, or between the store's commit and ours."""
    word = {"before it counts": "note", "after it counted": "settle"}[dies]
    does, calls = getattr(plans, word), []

    def killed(*given, **named):
        calls.append(1)
        if len(calls) == 2:
            raise SystemExit
        return does(*given, **named)

    monkeypatch.setattr(plans, word, killed)
    with pytest.raises(SystemExit):
        retention.carry_out(sweep=sweep, clock=lambda: now)
    later = now.replace(year=now.year + 1)  # its lease is over
    done = retention.carry_out(sweep=sweep, clock=lambda: later)

    assert (done.status, done.problem, left(visits)) == (Plan.Status.DONE, "", 0)
    assert plans.progress(done)["rows"] == ROWS


LOCKS = {
    "postgresql": ("SET lock_timeout = '200ms'", "BEGIN", "ROLLBACK"),
    "mariadb": ("SET innodb_lock_wait_timeout = 1", "START TRANSACTION", "ROLLBACK"),
    "sqlite": ("PRAGMA busy_timeout = 200", "BEGIN IMMEDIATE", "SELECT 1"),  # commits
}


def test_a_locked_row_makes_it_wait_and_it_goes_on_afterwards(visits, sweep, now):
    patience, begin, end = LOCKS[visits.engine]
    alias = stores.alias(sweep.rule.table.store)
    with connections[alias].cursor() as cursor:
        cursor.execute(patience)
    visits.run(f"{begin}; UPDATE visit SET phone = phone WHERE id = 700")

    with pytest.raises(plans.Waits):
        retention.carry_out(sweep=sweep, clock=lambda: now)
    sweep.refresh_from_db()
    waited = (sweep.status, sweep.waits)
    visits.run(end)
    done = retention.carry_out(sweep=sweep, clock=lambda: now)

    assert waited == (Plan.Status.RUNNING, "Somebody else has locked rows there.")
    assert not done.ranges.filter(status="failed").exists()
    assert (done.status, left(visits)) == (Plan.Status.DONE, 0)


# --- what is still there ------------------------------------------------------------
ODD = {
    "postgresql": "id int PRIMARY KEY, said text, doc jsonb, raw bytea, number bigint",
    "mariadb": "id int PRIMARY KEY, said text, doc json, raw blob, number bigint",
    "sqlite": "id int PRIMARY KEY, said text, doc json, raw blob, number bigint",
}
TEXT = "'call 202.555.0143'"
RAW = {"postgresql": f"convert_to({TEXT}, 'UTF8')", "mariadb": TEXT,
       "sqlite": f"CAST({TEXT} AS BLOB)"}  # fmt: skip


def test_the_search_alone_finds_every_copy_in_every_kind_of_column(made, now):
    made.run(f"CREATE TABLE odd ({ODD[made.engine]})")
    made.run(
        f"INSERT INTO odd VALUES (1, 'x', '{{}}', NULL, 5), (7, {TEXT},"
        f' \'{{"a": [{{"b": "(202) 555-0143"}}]}}\', {RAW[made.engine]}, 2025550143)'
    )
    store, seen = connected(made, now), Pass()

    reading.read_store(store, Matcher([ADA]), seen)

    found = {(hit.column, hit.key) for hit in seen.hits[ADA]}
    assert found == {(name, ("7",)) for name in ("said", "doc", "raw", "number")}
    assert seen.unread == []


def test_a_big_table_of_mariadb_is_read_in_little_memory(database, now):
    """Its driver would fetch the whole result before the first row."""
    made = database("mariadb")
    made.run("CREATE TABLE big (id int PRIMARY KEY, said text)")
    made.run("INSERT INTO big SELECT seq, repeat('x', 1000) FROM seq_1_to_40000")
    store, seen = connected(made, now), Pass()

    tracemalloc.start()
    reading.read_store(store, Matcher([ADA]), seen)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert seen.searched[0]["rows"] == 40_000
    assert most < 16_000_000  # of 40 MB


ZERO = """
SET sql_mode = '';
CREATE TABLE person (id BINARY(16) PRIMARY KEY, email varchar(80), born date NOT NULL,
    seen datetime NOT NULL, stamp timestamp NOT NULL DEFAULT '0000-00-00 00:00:00');
CREATE TABLE note (id BINARY(16) PRIMARY KEY, person_id BINARY(16) NOT NULL,
    body text, FOREIGN KEY (person_id) REFERENCES person (id));
INSERT INTO person VALUES
    (UNHEX('00FF4000800000000000000000000001'), 'ada@example.com', '0000-00-00',
     '0000-00-00 00:00:00', '0000-00-00 00:00:00'),
    (UNHEX('00FF4000800000000000000000000002'), 'ben@example.org', '1980-00-00',
     '2020-01-01 00:00:00', '2020-01-01 00:00:00');
INSERT INTO note VALUES
    (UNHEX('0A0D0900000000000000000000000001'),
     UNHEX('00FF4000800000000000000000000001'),
     'Ada called'),
    (UNHEX('0A0D0900000000000000000000000002'),
     UNHEX('00FF4000800000000000000000000002'),
     'Ben knows ada@example.com');
"""


def test_dates_that_are_none_and_keys_of_bytes_are_no_obstacle(database, now):
    made = database("mariadb")
    made.run(ZERO)
    connected(made, now)
    mark = identifiers.keep(identifiers.email("ada@example.com"), now=now)
    said = {"identifiers": [mark], "received_at": now, "by": "lena", "now": now}
    given = erasure.plan_access(title="Access", **said)
    plan = erasure.plan(title="Erasure", **said)
    plans.approve(plan=plan, by="max", now=now)

    done = erasure.carry_out(plan=plan, clock=lambda: now)

    assert {t["table"]: t["rows"] for t in given.summary["tables"]} == {
        "shop.person": 1, "shop.note": 1,
    }  # fmt: skip
    assert (done.status, done.problem) == (Plan.Status.DONE, "")
    text = str(made.rows("SELECT * FROM person")) + str(made.rows("SELECT * FROM note"))
    assert "ada@example.com" not in text
    assert "ben@example.org" in text
    assert "Ada called" not in text


# --- values that must differ --------------------------------------------------------
WORDS = {
    "postgresql": "text", "sqlite": "text",
    "mariadb": "varchar(80) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
}  # fmt: skip
SPELLINGS = ["ADA@EXAMPLE.COM", "ada@example.com", "Ada@Example.com"]
NUMBERS = ["(202) 555-0143", "+12025550143", "202 555 0143"]


@pytest.mark.parametrize("action", ["erasure", "sweep"])
def test_each_spelling_of_a_value_that_must_be_unique_gets_a_code(made, now, action):
    """In three rows they are three values to the store, and one to the portal."""
    words = WORDS[made.engine]
    made.run(
        f"CREATE TABLE person (id int PRIMARY KEY, email {words} UNIQUE,"
        f" phone {words} UNIQUE, seen {TIMES[made.engine]});"
        f"CREATE TABLE visit (id int PRIMARY KEY, email {words});"
        "INSERT INTO visit VALUES (1, 'ada@example.com'), (2, 'ben@example.org');"
        "INSERT INTO person VALUES (9, 'ben@example.org', '+12025550117', '2026-01-01')"
    )
    for n, (email, phone) in enumerate(zip(SPELLINGS, NUMBERS, strict=True), 1):
        made.run(f"INSERT INTO person VALUES ({n}, '{email}', '{phone}', '2020-01-01')")
    connected(made, now)

    done = {"erasure": erased, "sweep": deidentified}[action](now)

    codes = made.rows("SELECT email, phone FROM person WHERE id < 9")
    assert (done.status, done.problem) == (Plan.Status.DONE, "")
    assert len({email for email, _ in codes}) == len({p for _, p in codes}) == 3
    assert not {each for row in codes for each in row} & {*SPELLINGS, *NUMBERS}
    [other] = made.rows("SELECT email, phone FROM person WHERE id = 9")
    assert other == ("ben@example.org", "+12025550117")
    if action == "erasure":
        [(visited,)] = made.rows("SELECT email FROM visit WHERE id = 1")
        assert visited in {email for email, _ in codes}


def erased(now):
    mark = identifiers.keep(identifiers.email("ada@example.com"), now=now)
    plan = erasure.plan(
        identifiers=[mark], title="E", received_at=now, by="lena", now=now
    )
    plans.approve(plan=plan, by="max", now=now)
    return erasure.carry_out(plan=plan, clock=lambda: now)


def deidentified(now):
    rule = retention.make(
        name="people", place="shop.person", start="seen", where={}, others="",
        category="", months=24, action="deidentify", title="P", citation="Policy",
        by="pia", now=now,
    )  # fmt: skip
    plan = retention.preview(rule=rule, by="pia", now=now)
    retention.approve(sweep=plan, by="max", now=now)
    return retention.carry_out(sweep=plan, clock=lambda: now)


MANY = 120  # numbers, whose pattern MariaDB would refuse in one piece


def test_a_person_with_many_numbers_is_found_and_taken_out_of_texts(made, now):
    rows = ", ".join(f"(1{n}, 1, '+1202555{n:04}')" for n in range(100, 100 + MANY))
    made.run(
        "CREATE TABLE person (id int PRIMARY KEY, name varchar(80), email varchar(80));"
        "CREATE TABLE line (id int PRIMARY KEY, person_id int, phone varchar(40),"
        " FOREIGN KEY (person_id) REFERENCES person (id));"
        "CREATE TABLE note (id int PRIMARY KEY, body varchar(200));"
        "INSERT INTO person VALUES (1, 'Ada King', 'ada@example.com'),"
        " (2, 'Ben Ray', 'ben@example.org'), (3, 'Eve Lund', 'eve@example.net');"
        f"INSERT INTO line VALUES {rows};"
        "INSERT INTO note VALUES (1, 'first 202-555-0100, please'),"
        f" (2, 'last 202.555.{99 + MANY:04}'), (3, 'not 202-555-0999')"
    )
    connected(made, now)

    done = erased(now)

    assert (done.status, done.problem) == (Plan.Status.DONE, "")
    assert made.rows("SELECT id, body FROM note ORDER BY id") == [
        (1, "first [redacted], please"), (2, "last [redacted]"),
        (3, "not 202-555-0999"),
    ]  # fmt: skip


PEOPLE = """
CREATE TABLE person (id int PRIMARY KEY, name varchar(80), email varchar(80),
    phone varchar(40));
"""


def test_a_number_that_one_store_of_three_gives_to_another_is_followed_in_none(
    database, now
):
    """Ada's row has the number in one store; it is Bella's in the two others."""
    stores_ = {name: database(name) for name in engines.ENGINES}
    rows = {
        "postgresql": "(1, 'Ada King', 'ada@example.com', '+12025550143')",
        "mariadb": "(1, 'Bella Ray', 'bella@example.org', '(202) 555-0143'),"
        " (2, 'Ada King', 'ada@example.com', NULL)",
        "sqlite": "(1, 'Bella Ray', NULL, '202-555-0143')",
    }
    for name, made in stores_.items():
        made.run(f"{PEOPLE} INSERT INTO person VALUES {rows[name]},"
                 " (8, 'Eve Lund', 'eve@example.net', '+12025550117'),"
                 " (9, 'Cy Fox', 'cy@example.net', '+12025550118')")  # fmt: skip
        connected(made, now, name)
    before = {name: _others(made) for name, made in stores_.items()}

    done = erased(now)

    said = " ".join(done.summary["exceptions"])
    assert {name: _others(made) for name, made in stores_.items()} == before
    assert "somebody else with another name" in said
    for name in ("postgresql", "mariadb"):
        assert "ada@example.com" not in str(stores_[name].rows("SELECT * FROM person"))


def _others(made):
    """All but Ada's rows, which have another key in each store."""
    ada = {"postgresql": 1, "mariadb": 2, "sqlite": 0}[made.engine]
    return made.rows(f"SELECT * FROM person WHERE id <> {ada} ORDER BY id")


# --- rows that others refer to ------------------------------------------------------

FAMILY = """
CREATE TABLE client (id int PRIMARY KEY, email varchar(60), chief int, seen {time},
 FOREIGN KEY (chief) REFERENCES client (id));
CREATE TABLE bill (id int PRIMARY KEY, client_id int, made {time},
 FOREIGN KEY (client_id) REFERENCES client (id) ON DELETE CASCADE);
INSERT INTO client VALUES (1, 'a@example.com', NULL, '2020-01-01'),
 (2, 'b@example.com', 1, '2020-01-02'), (3, 'c@example.com', 2, '2020-01-03'),
 (4, 'd@example.com', NULL, '2020-01-04'), (5, 'e@example.com', NULL, '2020-01-05'),
 (6, 'f@example.com', NULL, '2026-11-01');
INSERT INTO bill VALUES (1, 3, '2020-02-01'), (2, 4, '2026-11-01'), 
 (3, NULL, '2020-01-01');
"""


@pytest.fixture
def family(made, now):
    """A chief with people under her; bills would go with their clients."""
    made.run(FAMILY.format(time=TIMES[made.engine]))
    made.run("UPDATE client SET chief = 1 WHERE id = 1")
    connected(made, now)
    for table, start in (("client", "seen"), ("bill", "made")):
        retention.make(
            name=table, place=f"shop.{table}", start=start, where={}, others="",
            category="payment", months=24, action="delete", title=table,
            citation="Policy", by="pia", now=now,
        )  # fmt: skip
    plans_, _ = retention.preview_due(by="pia", now=now)
    for plan in plans_:
        retention.approve(sweep=plan, by="max", now=now)
        retention.carry_out(sweep=plan, clock=lambda: now)
    return made


def keys(made, table):
    return [key for (key,) in made.rows(f"SELECT id FROM {table} ORDER BY id")]


def test_a_row_goes_once_no_row_refers_to_it_and_takes_none_along(family, now):
    """In one sweep, generation after generation, and also a row that refers to
    itself."""
    done = Plan.objects.get(rule__name="client")

    assert (done.problem, done.status) == ("", Plan.Status.DONE)
    assert (keys(family, "client"), keys(family, "bill")) == ([4, 6], [2])
    assert (done.summary["rows"], done.summary["referred"]) == (1, 4)
    assert plans.progress(done)["rows"] == 4
    assert (done.residue["rows"], done.residue["referred"]) == (0, 1)
    assert retention.start_due(now=now) == ([], [])


def test_who_is_held_or_not_due_keeps_all_that_they_lead_up_to(family, now):
    family.run(
        "INSERT INTO client VALUES (7, 'g@example.com', NULL, '2020-01-07'),"
        " (8, 'h@example.com', 7, '2020-01-08'), (9, 'i@example.com', 8, '2020-01-09'),"
        " (10, 'j@example.com', 7, '2020-01-10'),"
        " (11, 'k@example.com', 10, '2026-11-01'),"
        " (12, 'l@example.com', 6, '2020-01-12'),"
        " (13, 'm@example.com', 12, '2020-01-13')"
    )
    held = identifiers.keep(identifiers.email("i@example.com"), now=now)
    holds.place(matter="Suit", identifiers=[held], tables=[], by="max", now=now)

    ((sweep,), _) = retention.start_due(now=now)
    done = retention.carry_out(sweep=sweep, clock=lambda: now)

    assert keys(family, "client") == [4, 6, 7, 8, 9, 10, 11]
    assert (done.problem, done.residue["held"]) == ("", 1)
    account = plans.progress(done)
    assert (account["rows"], account["held"]) == (2, 1)
    assert HoldReceipt.objects.get().rows == 1


@pytest.mark.parametrize("made", ["postgresql", "mariadb"], indirect=True)
def test_a_row_to_which_one_is_just_being_added_stays_with_it(family, now, monkeypatch):
    """The cascade would take what came between the look and the delete."""
    family.run("DELETE FROM bill")
    ((sweep,), _) = retention.start_due(now=now)
    later = threading.Timer(0.5, family.run, ["COMMIT"])
    ends = destruction.end

    def end(**given):
        family.run("BEGIN; INSERT INTO bill VALUES (9, 4, '2026-11-01');")
        later.start()
        ends(**given)

    monkeypatch.setattr(destruction, "end", end)
    retention.carry_out(sweep=sweep, clock=lambda: now)
    later.join()

    assert (keys(family, "client"), keys(family, "bill")) == ([4, 6], [9])
