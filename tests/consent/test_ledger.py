"""The ledger: added to and never changed; standings follow from it."""

import datetime as dt
import threading

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent import instants, ledger, standings
from consent.models import Event, Standing, Utterance
from consent.sql import statements
from privacy import audit, identifiers
from privacy.models import AuditEvent
from tests.consent.factories import ACME, ADA, later, lose_event, told

LONG_AGO = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
pytestmark = pytest.mark.django_db


def state(channel="sms", organization=""):
    row = Standing.objects.get(channel=channel, organization=organization)
    return row.state, row.since


def run(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_an_event_its_standing_and_its_audit_row_come_together(now):
    event = told("opt_out", now)

    assert event.sequence == 1
    assert state() == ("opt_out", now)
    row = AuditEvent.objects.get(action="consent.opt_out")
    assert row.subject == f"identifier:{event.identifier_id}"
    assert "0117" not in row.payload
    audit.verify()


def test_nothing_is_left_when_the_audit_row_can_not_be_written(now, monkeypatch):
    def broken(**_):
        raise RuntimeError("no trail")

    monkeypatch.setattr(audit, "record", broken)

    with pytest.raises(RuntimeError):
        told("opt_out", now)

    assert not Event.objects.exists()
    assert not Standing.objects.exists()


def test_a_stop_by_text_ends_texts_and_calls(now):
    told("opt_out", now)

    assert {row.channel for row in Standing.objects.all()} == {"sms", "mms", "voice"}


def test_consent_is_only_to_the_channel_it_was_given_for(now):
    told("opt_out", now)
    told("opt_in", later(now, hours=1))

    assert state("sms")[0] == "opt_in"
    assert state("voice")[0] == "opt_out"


def test_a_person_who_chose_gets_what_they_chose(now):
    told("opt_out", now, covers=["voice"])

    assert [row.channel for row in Standing.objects.all()] == ["voice"]


def test_an_email_address_has_no_text_messages(now):
    with pytest.raises(ledger.WrongChannel):
        told("opt_out", now, number="ada@example.com")
    told("opt_out", now, number="ada@example.com", channel="web")

    assert [row.channel for row in Standing.objects.all()] == ["email"]


def test_a_second_stop_does_not_move_the_first(now):
    first = told("opt_out", now)
    told("opt_out", later(now, days=2))

    assert state() == ("opt_out", now)
    assert Standing.objects.get(channel="sms").event == first
    assert Event.objects.count() == 2


def test_an_older_event_that_arrives_late_does_not_undo_a_newer_one(now):
    told("opt_out", now)
    told("opt_in", later(now, days=-1), now=later(now, days=1))

    assert state() == ("opt_out", now)


@pytest.mark.parametrize("kinds", [("opt_in", "opt_out"), ("opt_out", "opt_in")])
def test_at_the_same_instant_a_stop_wins(now, kinds):
    for kind in kinds:
        told(kind, now)

    assert state()[0] == "opt_out"


def test_the_same_key_changes_nothing(now):
    first = told("opt_out", now, idempotency_key="import:7")
    again = told("opt_out", later(now, hours=1), idempotency_key="import:7")

    assert first == again
    assert Event.objects.count() == 1
    assert AuditEvent.objects.filter(action="consent.opt_out").count() == 1


def test_a_key_is_not_reused_for_something_else(now):
    told("opt_out", now, idempotency_key="import:7")

    with pytest.raises(ledger.KeyTaken):
        told("opt_in", now, idempotency_key="import:7")


def test_nobody_has_told_us_something_tomorrow(now):
    with pytest.raises(instants.FromTheFuture):
        told("opt_out", later(now, days=1), now=now)


def test_a_clock_that_is_a_little_ahead_says_now(now):
    assert told("opt_out", later(now, minutes=4), now=now).occurred_at == now


def test_nobody_told_us_anything_before_there_was_a_law(now):
    hastings = dt.datetime(1066, 10, 14, tzinfo=dt.UTC)

    with pytest.raises(instants.BeforeAnybodyAsked, match="20 December 1991"):
        told("opt_in", hastings, now=now)


def test_words_that_may_be_personal_are_sealed_and_apart(now):
    told("opt_out", now, words="Ada's neighbour asked us to stop")

    with connection.cursor() as cursor:
        cursor.execute("SELECT row::text FROM consent_utterance row")
        assert "neighbour" not in cursor.fetchone()[0]
    assert Utterance.objects.get().words.open().startswith("Ada's neighbour")


def test_where_a_person_stood_at_an_instant(now):
    event = told("opt_in", now)
    told("opt_out", later(now, days=2))

    turns = standings.at(event.identifier, later(now, days=1))

    assert {turn.channel: turn.state for turn in turns} == {
        "sms": "opt_in",
        "mms": "opt_in",
    }
    assert standings.at(event.identifier, later(now, days=-1)) == []


def test_history_is_everything_latest_first(now):
    told("opt_in", now)
    told("help", later(now, hours=1))
    event = told("opt_out", later(now, hours=2))

    kinds = [each.kind for each in ledger.history(event.identifier)]

    assert kinds == ["opt_out", "help", "opt_in"]


# --- the database keeps it so -------------------------------------------------
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE consent_event SET recorded_by = 'mallory'",
        "DELETE FROM consent_event",
        "TRUNCATE consent_event CASCADE",
    ],
)
def test_an_event_can_not_be_changed_or_taken_away(now, statement):
    told("help", now)
    run("SET CONSTRAINTS ALL IMMEDIATE")

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        run(statement)


@pytest.mark.parametrize(
    ("wrong", "constraint"),
    [
        ({"idempotency_key": ""}, "consent_event_key_not_blank"),
        ({"kind": "opt_out", "covers": []}, "consent_event_decides_something"),
        ({"kind": "help", "covers": ["sms"]}, "consent_event_decides_something"),
        ({"recorded_at": LONG_AGO}, "consent_event_not_from_the_future"),
    ],
)
def test_an_event_that_makes_no_sense_is_refused(now, wrong, constraint):
    facts = {
        "identifier": identifiers.keep(identifiers.phone(ADA), now=now),
        "channel": "sms",
        "kind": "opt_out",
        "covers": ["sms"],
        "source": "direct",
        "route": "support",
        "occurred_at": now,
        "recorded_at": now,
        "recorded_by": "sam",
    }
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Event.objects.create(**(facts | wrong))


def test_one_standing_for_one_channel_and_sender(now):
    row = told("opt_out", now).standing_set.get(channel="sms")
    row.pk = None

    with pytest.raises(IntegrityError, match="once"), transaction.atomic():
        row.save(force_insert=True)


def test_a_gap_behind_the_triggers_is_counted(now):
    told("help", now)
    told("help", now)
    lose_event(1)

    assert statements.missing_events() == 1


# --- derived and kept standings agree -----------------------------------------
moments = st.tuples(
    st.sampled_from(["opt_in", "opt_out", "help"]),
    st.integers(0, 4),
    st.sampled_from(["", ACME]),
    st.sampled_from(["sms", "voice"]),
    st.sampled_from([ADA, "+12025550118"]),
)


@given(st.lists(moments, max_size=12))
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_rebuilding_gives_the_same_rows_as_following_each_event(now, story):
    with transaction.atomic():
        for kind, hour, organization, channel, number in story:
            told(
                kind,
                later(now, hours=hour),
                now=later(now, hours=9),
                organization=organization,
                channel=channel,
                number=number,
            )
        columns = ("identifier", "channel", "organization", "state", "since", "event")
        columns += ("renewed_at",)
        followed = set(Standing.objects.values_list(*columns))

        standings.rebuild(by="operator", now=later(now, hours=9))

        assert set(Standing.objects.values_list(*columns)) == followed
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_writers_at_the_same_time_leave_no_gap_and_no_double(now):
    def write(number):
        try:
            told("opt_out", now, number=f"+120255501{number % 5:02}")
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=[each]) for each in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    numbers = sorted(Event.objects.values_list("sequence", flat=True))
    assert numbers == list(range(1, 21))
    assert Standing.objects.filter(channel="sms").count() == 5
