"""The promise board: run, kept, never green without a look."""

import datetime as dt
import json

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from privacy import promises, tasks
from privacy.models import Acknowledgement, AuditEvent, Promise, PromiseCheck
from privacy.promises import Evidence, broken, kept
from privacy.refusals import ReasonNeeded, Refusal

pytestmark = pytest.mark.django_db
CODE = "stop-honoured"


@pytest.fixture
def checks(monkeypatch):
    """The table of checks, empty; what a test registers is gone afterwards."""
    table = {}
    monkeypatch.setattr(promises, "CHECKS", table)
    return table


def one(now):
    return promises.run(code=CODE, now=now)[0]


def test_the_board_has_every_promise_in_the_order_of_the_policy(checks, now):
    rows = promises.run(now=now)

    assert [row.promise_id for row in rows] == list(
        Promise.objects.order_by("order").values_list("code", flat=True)
    )
    assert len(rows) == 31


def test_what_no_machine_checks_is_not_called_kept(checks, now):
    assert one(now).state == PromiseCheck.State.UNKEPT


def test_a_check_is_shown_with_its_evidence(checks, now):
    @promises.register(CODE)
    def check(now):
        return broken("Two texts after a STOP.", Evidence("Texts", 2, "/admin/"))

    row = one(now)

    assert (row.state, row.summary) == ("broken", "Two texts after a STOP.")
    assert row.evidence == [
        {
            "sentence": "Texts",
            "count": 2,
            "url": "/admin/",
            "subject": "",
            "remedy": None,
        }
    ]
    assert promises.latest() == {CODE: row}


def test_a_check_that_stops_is_unknown_and_tells_nobodys_data(checks, now, caplog):
    @promises.register(CODE)
    def check(now):
        with connection.cursor() as cursor:
            cursor.execute("SELECT '+12025550143'::int")

    row = one(now)

    assert row.state == PromiseCheck.State.UNKNOWN
    assert "DataError" in row.summary
    assert "0143" not in row.summary + caplog.text


def test_a_refusal_is_unknown_in_its_own_words(checks, now):
    @promises.register(CODE)
    def check(now):
        raise Refusal("The store sample does not answer.")

    assert one(now).summary == "The store sample does not answer."


def test_two_checks_of_one_promise_are_a_mistake(checks):
    promises.register(CODE)(lambda now: kept("Yes."))

    with pytest.raises(ValueError, match="two checks"):
        promises.register(CODE)(lambda now: kept("No."))


def test_equal_answers_in_a_row_are_kept_as_the_first_and_the_latest(checks, now):
    promises.register(CODE)(lambda now: kept("Every STOP was obeyed."))
    times = [now + dt.timedelta(minutes=15 * step) for step in range(4)]

    for at in times:
        promises.run(code=CODE, now=at)

    kept_at = PromiseCheck.objects.order_by("id").values_list("checked_at", flat=True)
    assert list(kept_at) == [times[0], times[3]]


def test_a_promise_nobody_made_is_refused(now):
    with pytest.raises(promises.NoSuchPromise):
        promises.run(code="world-peace", now=now)


# --- acknowledging ----------------------------------------------------------
def acknowledge(now, reason="The carrier sent it twice", subject="sample.message:7"):
    return promises.acknowledge(
        promise=promises.named(CODE), subject=subject, reason=reason, by="lena", now=now
    )


def test_an_acknowledged_violation_is_known_to_the_check_and_recorded(now):
    acknowledge(now)

    assert promises.acknowledged(CODE) == {"sample.message:7"}
    event = AuditEvent.objects.get(action="promise.acknowledged")
    assert (event.by, event.subject) == ("lena", "promise:stop-honoured")


def test_acknowledging_needs_a_reason(now):
    with pytest.raises(ReasonNeeded):
        acknowledge(now, reason="  ")

    assert not Acknowledgement.objects.exists()


def test_nobody_acknowledges_the_same_row_twice(now):
    acknowledge(now)

    with pytest.raises(promises.AlreadyAcknowledged):
        acknowledge(now)


def test_the_database_keeps_one_acknowledgement_of_a_row(now):
    row = acknowledge(now)
    row.pk = None

    once = pytest.raises(IntegrityError, match="acknowledgement_once")
    with once, transaction.atomic():
        row.save(force_insert=True)


# --- the command ------------------------------------------------------------
def test_the_command_fails_when_a_promise_is_broken(checks, capsys):
    promises.register(CODE)(lambda now: broken("No.", Evidence("Texts", 2)))

    with pytest.raises(CommandError, match="1 promise is broken"):
        call_command("promises", "check", CODE, "--json")

    found = json.loads(capsys.readouterr().out)
    assert found[0]["promise"] == CODE
    assert found[0]["evidence"][0]["count"] == 2


def test_the_command_is_content_when_none_is_broken(checks, capsys):
    promises.register(CODE)(lambda now: kept("Every STOP was obeyed."))

    call_command("promises", "check", CODE)

    assert "Every STOP was obeyed." in capsys.readouterr().out


def test_the_command_lists_promises_and_what_was_last_found(checks, now, capsys):
    promises.register(CODE)(lambda now: kept("Every STOP was obeyed."))
    promises.run(code=CODE, now=now)

    call_command("promises", "list", "--json")

    found = {
        row["promise"]: row["state"] for row in json.loads(capsys.readouterr().out)
    }
    assert len(found) == 31
    assert found[CODE] == "kept"
    assert found["frequency"] is None


def test_a_worker_can_be_asked_to_look(monkeypatch, capsys):
    asked = []
    monkeypatch.setattr(tasks.check_promises, "delay", lambda: asked.append(True))

    call_command("promises", "check", "--later")

    assert asked == [True]
    assert capsys.readouterr().out == "A worker will check every promise.\n"
    assert not PromiseCheck.objects.exists()
