"""Making the sample platform: repeatable, whole or not at all, and invented."""

import re
import wave

import psycopg
import pytest

from privacy.sample import NotEmpty, generate
from privacy.sample.cast import ADA, DORA
from privacy.sample.generating import BadScale
from tests.privacy.sample.conftest import digest, everything, interrupted, one, tables


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


def test_a_database_with_anything_in_it_is_refused(scratch_database, tmp_path, now):
    with psycopg.connect(scratch_database().conninfo, autocommit=True) as connection:
        connection.execute("CREATE TABLE mine (id int)")

        with pytest.raises(NotEmpty, match="not empty"):
            generate(connection, seed=1, scale=0.01, now=now, recordings=tmp_path)

        assert tables(connection) == ["mine"]


@pytest.mark.parametrize("scale", [0, -1, 0.001, 1000, float("nan")])
def test_a_scale_that_makes_no_sense_is_refused(scale, platform):
    with pytest.raises(BadScale, match="a number from"):
        platform(scale=scale)


def test_an_interruption_leaves_the_database_empty(
    scratch_database, tmp_path, monkeypatch, now
):
    monkeypatch.setattr("privacy.sample.life._calls", interrupted)
    with psycopg.connect(scratch_database().conninfo, autocommit=True) as connection:
        with pytest.raises(KeyboardInterrupt):
            generate(connection, seed=1, scale=0.01, now=now, recordings=tmp_path)

        assert tables(connection) == []


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
