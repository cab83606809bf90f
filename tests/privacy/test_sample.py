"""The sample platform: repeatable, invented, mapped to the last column, in trouble."""

import datetime as dt
import hashlib
import json
import re
import wave
from collections import Counter

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from privacy import erasure, identifiers, plans, policy, retention, stores
from privacy.datamap import Map, drift
from privacy.models import Plan, Rule, Store
from privacy.refusals import Refusal
from privacy.sample import NotEmpty, beside, generate, loading
from privacy.sample.cast import ADA, BEN, DORA, EMIL, FINN
from privacy.sample.generating import BadScale
from privacy.spellings import is_card

pytestmark = pytest.mark.django_db
SCALE = 0.05
NOW = dt.datetime(2026, 11, 24, 9, 0, tzinfo=dt.UTC)


@pytest.fixture
def platform(scratch_database, tmp_path):
    """Makes a platform; gives the open connection and what was made."""
    opened = []

    def make(*, seed=1, scale=SCALE, now=NOW):
        connection = psycopg.connect(scratch_database().conninfo, autocommit=True)
        opened.append(connection)
        made = generate(
            connection, seed=seed, scale=scale, now=now, recordings=tmp_path
        )
        return connection, made

    yield make
    for connection in opened:
        connection.close()


@pytest.fixture
def connected(scratch_database, tmp_path):
    """The platform as a store of the portal, with its map and rules."""
    policy.load()
    address = scratch_database()
    with psycopg.connect(address.conninfo, autocommit=True) as direct:
        generate(direct, seed=1, scale=SCALE, now=NOW, recordings=tmp_path)
        name = direct.info.dbname
        store = loading.connect(database=name, recordings=tmp_path, by="pia", now=NOW)
        yield store, direct
        connections[store.alias].close()


def one(connection, statement, *values):
    return connection.execute(statement, values or None).fetchone()[0]


def tables(connection):
    found = connection.execute(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
    )
    return sorted(row[0] for row in found)


def everything(connection):
    """Every row of every table as text."""
    for table in tables(connection):
        rows = connection.execute(f"SELECT t::text FROM {table} t ORDER BY 1")
        yield from (f"{table}: {row[0]}" for row in rows)


def digest(connection):
    return hashlib.sha256("\n".join(everything(connection)).encode()).hexdigest()


# --- making it --------------------------------------------------------------


def test_the_same_inputs_give_the_same_bytes(platform):
    first, made = platform(scale=0.01)
    again, made_again = platform(scale=0.01)
    other, _ = platform(scale=0.01, seed=2)

    assert digest(first) == digest(again) != digest(other)
    assert made.planted == made_again.planted


def test_a_hundredth_of_the_scale_is_a_hundred_leads_and_their_rows(platform):
    connection, made = platform(scale=0.01)

    counted = {t: one(connection, f"SELECT count(*) FROM {t}") for t in made.tables}

    assert counted == made.tables
    assert set(made.tables) == set(tables(connection))
    assert 100 <= made.tables["leads"] <= 110
    assert made.rows > 1500


def test_a_database_with_anything_in_it_is_refused(scratch_database, tmp_path):
    with psycopg.connect(scratch_database().conninfo, autocommit=True) as connection:
        connection.execute("CREATE TABLE mine (id int)")

        with pytest.raises(NotEmpty, match="not empty"):
            generate(connection, seed=1, scale=0.01, now=NOW, recordings=tmp_path)

        assert tables(connection) == ["mine"]


@pytest.mark.parametrize("scale", [0, -1, 0.001, 1000, float("nan")])
def test_a_scale_that_makes_no_sense_is_refused(scale, platform):
    with pytest.raises(BadScale, match="a number from"):
        platform(scale=scale)


def test_an_interruption_leaves_the_database_empty(
    scratch_database, tmp_path, monkeypatch
):
    monkeypatch.setattr("privacy.sample.life._calls", interrupted)
    with psycopg.connect(scratch_database().conninfo, autocommit=True) as connection:
        with pytest.raises(KeyboardInterrupt):
            generate(connection, seed=1, scale=0.01, now=NOW, recordings=tmp_path)

        assert tables(connection) == []


def interrupted(*_):
    raise KeyboardInterrupt


def test_the_platform_goes_on_numbering_where_we_stopped(platform):
    connection, made = platform(scale=0.01)

    number = one(
        connection,
        "INSERT INTO tags (name, colour) VALUES ('late', '#000') RETURNING id",
    )

    assert number == made.tables["tags"] + 1


def test_recordings_can_be_played(platform, tmp_path):
    connection, made = platform()

    named = connection.execute(
        "SELECT recording_path FROM call_events WHERE recording_path IS NOT NULL"
    )
    files = {row[0] for row in named}

    assert files == {path.name for path in tmp_path.iterdir()}
    assert len(files) == made.recordings <= 500
    with wave.open(str(tmp_path / min(files))) as sound:
        assert sound.getnframes() == 2000


# --- invented people --------------------------------------------------------


def test_nobody_real_can_be_reached(platform):
    connection, _ = platform()
    text = "\n".join(everything(connection))

    phones = re.findall(r"\+1\d{10}", text)
    mails = re.findall(r"@([a-z0-9.-]+\.[a-z]+)", text, re.IGNORECASE)
    hosts = re.findall(r"https?://([a-z0-9.-]+)", text)

    assert phones
    assert not [p for p in phones if not re.match(r"\+1(\d{3}55501\d\d|555\d{7})", p)]
    for name in (*mails, *hosts):
        assert re.search(r"(^|\.)example\.(com|org|net)$", name.lower())


def test_every_address_of_a_machine_is_for_documentation(platform):
    connection, _ = platform()
    known = "inet '192.0.2/24', '198.51.100/24', '203.0.113/24', '2001:db8::/32'"

    for table in ("device_sessions", "web_events", "consent_events"):
        strangers = one(
            connection,
            f"SELECT count(*) FROM {table} WHERE NOT ip <<= ANY (ARRAY[{known}])",
        )
        assert strangers == 0


def test_two_leads_share_a_phone_number_only_in_the_cast(platform):
    connection, _ = platform()

    shared = connection.execute(
        "SELECT phone FROM leads GROUP BY phone HAVING count(*) > 1"
    ).fetchall()
    clashes = one(
        connection,
        "SELECT count(*) FROM leads JOIN users USING (phone) WHERE phone <> %s",
        ADA.phone,
    )

    assert shared == [(DORA.phone,)]
    assert clashes == 0


# --- planted trouble --------------------------------------------------------


def test_everything_planted_can_be_found_by_its_key(platform):
    connection, made = platform(scale=0.01)

    kinds = Counter(each.kind for each in made.planted)

    assert kinds["mentioned_elsewhere"] >= 7
    assert kinds["sent_after_opt_out"] == kinds["number_reassigned"] == 1
    assert kinds["card_number"] == kinds["entered_twice"] == 1
    for each in made.planted:
        if each.key:
            found = f"SELECT count(*) FROM {each.table} WHERE id::text = %s"
            assert one(connection, found, each.key) == 1


def test_exactly_one_marketing_text_went_out_after_an_opt_out(platform):
    connection, made = platform()

    late = connection.execute(
        "SELECT m.id, m.to_number FROM sms_events m JOIN consent_events c "
        "ON c.lead_id = m.lead_id AND c.kind = 'opt_out' "
        "WHERE m.direction = 'outbound' AND m.sent_at > "
        "c.occurred_at + interval '5 minutes'"
    ).fetchall()

    planted = next(p for p in made.planted if p.kind == "sent_after_opt_out")
    assert late == [(int(planted.key), FINN.phone)]


def test_nobody_else_gets_more_than_two_marketing_texts(platform):
    connection, _ = platform()

    most = connection.execute(
        "SELECT to_number, count(*) FROM sms_events WHERE traffic_type = 'marketing' "
        "GROUP BY 1 HAVING count(*) > 2"
    ).fetchall()

    assert [number for number, _ in most] == [ADA.phone]


def test_a_number_went_from_dora_to_emil(platform):
    connection, _ = platform(scale=0.01)

    dora, emil = connection.execute(
        "SELECT first_name, created_at, phone_released_at FROM leads "
        "WHERE phone = %s ORDER BY created_at",
        (EMIL.phone,),
    ).fetchall()
    latest = one(
        connection,
        "SELECT max(sent_at) FROM sms_events s JOIN leads l ON l.id = s.lead_id "
        "WHERE l.first_name = 'Dora'",
    )

    assert (dora[0], emil[0]) == ("Dora", "Emil")
    assert latest < dora[2] < emil[1]
    assert emil[2] is None


def test_a_card_number_stands_in_one_note(platform):
    connection, _ = platform()

    notes = connection.execute("SELECT note FROM leads WHERE note ~ '[0-9]'").fetchall()
    cards = [
        found
        for (note,) in notes
        for found in re.findall(r"\d{4} \d{4} \d{4} \d{4}", note)
    ]

    assert len(cards) == 1
    assert is_card(cards[0])


def test_three_of_a_hundred_leads_have_an_exact_position(platform):
    connection, made = platform()

    exact = one(
        connection,
        "SELECT count(*) FROM leads "
        r"WHERE contact #>> '{coordinate,latitude}' ~ '\.\d{5,}'",
    )

    assert exact == pytest.approx(made.tables["leads"] * 0.03, abs=2)


def test_ben_opted_in_and_has_not_opted_out(platform):
    connection, _ = platform(scale=0.01)

    kinds = connection.execute(
        "SELECT kind FROM consent_events WHERE phone = %s", (BEN.phone,)
    ).fetchall()

    assert kinds == [("opt_in",)]


# --- the map and the rules --------------------------------------------------


def test_the_map_names_every_column_and_every_path(connected):
    store, direct = connected
    mapped = Map(store)

    assert drift.problems(mapped) == []
    for name, table in mapped.tables.items():
        known = {c.full_name for c in mapped.columns(table)}
        for column in mapped.columns(table):
            if column.kind == "JSONField":
                assert paths(direct, name, column.name) <= known


def paths(connection, table, column):
    rows = connection.execute(
        f"SELECT DISTINCT {column}::text FROM {table} WHERE {column} IS NOT NULL"
    )
    return {path for (text,) in rows for path in leaves(column, json.loads(text))}


def leaves(prefix, value):
    if not isinstance(value, dict):
        return {prefix}
    return {leaf for k, v in value.items() for leaf in leaves(f"{prefix}.{k}", v)}


def test_every_table_with_personal_data_has_a_rule(connected):
    store, _ = connected
    mapped = Map(store)

    ruled = {rule.table.full_name for rule in Rule.objects.all()}

    personal = {
        name
        for name, table in mapped.tables.items()
        if any(c.is_personal for c in mapped.columns(table))
    }
    assert ruled == personal


def test_each_rule_finds_some_rows_past_their_period_but_not_most(connected):
    _, direct = connected

    shares = {}
    for rule in Rule.objects.select_related("table"):
        due = retention.past_due(rule, NOW)["rows"]
        shares[rule.name] = due / one(direct, f"SELECT count(*) FROM {rule.table.name}")

    assert shares.pop("lead-coordinates") == pytest.approx(0.03, abs=0.01)
    assert not {name: s for name, s in shares.items() if not 0.08 <= s <= 0.22}


def test_each_rule_can_be_carried_out(connected, tmp_path):
    _, direct = connected

    for rule in Rule.objects.all():
        sweep = retention.preview(rule=rule, by="lena", now=NOW)
        retention.approve(sweep=sweep, by="max", now=NOW)
        done = retention.carry_out(sweep=sweep, clock=lambda: NOW)
        assert (rule.name, done.status, done.problem) == (rule.name, "done", "")
        assert retention.past_due(rule, NOW)["rows"] == 0

    kept = one(direct, "SELECT count(recording_path) FROM call_events")
    assert kept == len(list(tmp_path.iterdir()))


def test_rules_that_are_no_rules_are_refused_by_name(connected):
    store, _ = connected
    known = (loading.HERE / "rules.yaml").read_text()

    for text, sentence in (
        ("{", "not YAML"),
        ("name: sms", "not a list"),
        (known.replace("citation:", "source:", 1), "unknown key source"),
        (known.replace("table: sms_events", "table: letters", 1), "no table letters"),
        (known.replace("start: sent_at", "start: read_at", 1), "no column read_at"),
        (known.replace("{months: 60}", "{months: 12}", 1), "longer period"),
        (
            known.replace("promise: geo-coarse", "promise: none"),
            "unknown promise: none",
        ),
    ):
        with pytest.raises(Refusal, match=sentence):
            loading.load_rules(store, text, "pia", NOW)

    assert Rule.objects.get(name="opt-in-logs").months == 60


# --- erasing Ada ------------------------------------------------------------


def test_erasing_ada_leaves_nothing_of_her(connected):
    _, direct = connected
    amounts = one(direct, "SELECT sum(amount) FROM transactions")
    plan = erasure.plan(
        identifiers=[identifiers.keep(identifiers.phone(ADA.phone), now=NOW)],
        title="Ada",
        received_at=NOW,
        by="lena",
        now=NOW,
    )
    plans.approve(plan=plan, by="max", now=NOW)

    done = erasure.carry_out(plan=plan, clock=lambda: NOW)

    assert (done.status, done.problem) == (Plan.Status.DONE, "")
    left = [row for row in everything(direct) if is_hers(row)]
    assert left == []
    assert one(direct, "SELECT sum(amount) FROM transactions") == amounts
    assert one(direct, "SELECT count(*) FROM leads WHERE phone = %s", BEN.phone) == 1


def is_hers(row):
    digits = re.sub(r"\D", "", row)
    return "2025550143" in digits or re.search(r"ada.?sample", row, re.IGNORECASE)


def test_ada_has_rows_in_every_table_about_people(connected):
    store, _ = connected
    mapped = Map(store)

    plan = erasure.plan_access(
        identifiers=[identifiers.keep(identifiers.email(ADA.email), now=NOW)],
        title="Ada",
        received_at=NOW,
        by="lena",
        now=NOW,
    )

    found = {t["table"].split(".")[1] for t in plan.summary["tables"]}
    assert found == {n for n, t in mapped.tables.items() if t.about != "context"}
    assert plan.summary["exceptions"] == []


def test_emil_is_not_shown_what_dora_wrote(connected):
    plan = erasure.plan_access(
        identifiers=[identifiers.keep(identifiers.phone(EMIL.phone), now=NOW)],
        title="Emil",
        received_at=NOW,
        by="lena",
        now=NOW,
    )

    shown = {t["table"]: t["rows"] for t in plan.summary["tables"]}
    assert shown["sample.leads"] == 1
    assert shown["sample.sms_events"] == 2
    assert plan.summary["withheld"] >= 4


# --- the command ------------------------------------------------------------


@pytest.fixture
def beside_the_portal(settings, tmp_path):
    """The real thing: a database on the portal's server, gone afterwards."""
    settings.DATA_DIR = tmp_path
    policy.load()
    name = f"{settings.DATABASES['default']['NAME']}_sample"
    yield name
    for store in Store.objects.filter(kind="database"):
        connections[store.alias].close()
    with beside.alone() as server:
        server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def load(capsys, *more):
    arguments = ["--scale", "0.01", "--now", NOW.isoformat(), "--json", *more]
    call_command("sample", "load", *arguments)
    return json.loads(capsys.readouterr().out)


def test_the_command_loads_once_and_then_changes_nothing(beside_the_portal, capsys):
    first = load(capsys)
    with psycopg.connect(beside.address(beside_the_portal)) as direct:
        before = digest(direct)

    second = load(capsys, "--seed", "7")

    assert (first["loaded"], second) == (True, {"loaded": False})
    assert first["rows"] == sum(first["tables"].values())
    assert stores.named("sample-recordings").kind == "files"
    with psycopg.connect(beside.address(beside_the_portal)) as direct:
        assert digest(direct) == before


def test_an_interrupted_load_is_started_over(beside_the_portal, capsys, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("privacy.sample.loading.load_rules", interrupted)
        with pytest.raises(KeyboardInterrupt):
            load(capsys)
    assert not Store.objects.exists()

    assert load(capsys)["loaded"]


def test_a_database_of_somebody_else_is_left_alone(beside_the_portal, capsys):
    with beside.alone() as server:
        server.execute(f"CREATE DATABASE {beside_the_portal}")
    with psycopg.connect(beside.address(beside_the_portal)) as theirs:
        theirs.execute("CREATE TABLE precious (id int)")

    with pytest.raises(CommandError, match="left alone"):
        load(capsys)

    with psycopg.connect(beside.address(beside_the_portal)) as theirs:
        assert tables(theirs) == ["precious"]


def test_two_loads_at_once_are_one_too_many(beside_the_portal, capsys):
    with beside.alone(), pytest.raises(CommandError, match="right now"):
        load(capsys)


@pytest.mark.parametrize(
    ("time", "sentence"), [("yesterday", "not a time"), ("2026-01-01", "offset")]
)
def test_a_time_that_can_not_be_read_is_refused(time, sentence):
    with pytest.raises(CommandError, match=sentence):
        call_command("sample", "load", "--now", time)


def test_the_schema_indexes_every_date_that_a_rule_counts_from(connected):
    store, _ = connected
    mapped = Map(store)

    for rule in Rule.objects.select_related("table"):
        table = mapped.tables[rule.table.full_name]
        assert mapped.column(table, rule.start).options["indexed"], rule.name
