"""The consent command: every verb, in words and as one JSON document."""

import datetime as dt
import io
import json
import re

import pytest
from django.core.management import (
    CommandError,
    call_command,
    execute_from_command_line,
)

from consent.models import Event, Utterance
from privacy.models import AuditEvent
from tests.consent.factories import ACME, ADA, ProgramFactory, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("known_keywords")]


@pytest.fixture
def now():
    """Commands ask the real clock; what they are asked about was before it."""
    return dt.datetime(2026, 3, 2, 9, 14, tzinfo=dt.UTC)


def command(*arguments):
    out = io.StringIO()
    call_command("consent", *arguments, stdout=out)
    return out.getvalue()


def document(*arguments):
    return json.loads(command(*arguments, "--json"))


def record(*more):
    return document(
        "record", "--phone", "202 555 0117", "--kind", "opt_out", "--channel", "sms",
        "--reason", "She called and asked us to stop", *more,
    )  # fmt: skip


def test_a_call_and_a_gpc_file(tmp_path):
    file = tmp_path / "gpc.json"
    file.write_text('{"gpc": true, "lastUpdate": "2025-13-40"}')

    assert document("recording", "5125550117", "4155550117")["everybody"] is True
    assert document("gpc", str(file)) == {"gpc": True, "last_update": None}
    with pytest.raises(CommandError, match="can't be read"):
        command("gpc", str(tmp_path / "none.json"))


def test_what_staff_record_is_in_force_and_their_words_are_sealed():
    told_now = record("--organization", ACME)

    assert told_now["kind"] == "opt_out"
    assert Utterance.objects.get().words.open() == "She called and asked us to stop"
    answer = document("check", "--phone", ADA, "--channel", "sms")
    assert document("check", ADA, "--channel", "sms") == answer
    assert (answer["allowed"], answer["reason"]) == (False, "opted_out")


def test_without_a_channel_the_check_answers_for_each(now):
    told("opt_in", now)

    answer = document("check", ADA)
    assert answer["channels"]["sms"]["reason"] == answer["reason"]
    assert list(answer["channels"]) == ["sms", "mms", "voice"]
    assert answer["channels"]["voice"]["reason"] == "no_consent_on_record"
    assert "Text message: " in command("check", ADA)
    assert list(document("check", "ada@example.com")["channels"]) == ["email"]


def test_what_was_heard_was_heard_in_a_call_unless_said():
    command("record", ADA, "--kind", "opt_out", "--reason", "She called")

    assert document("history", ADA)[0]["channel"] == "voice"


def test_when_it_was_said_may_be_earlier():
    record("--at", "2026-03-02T09:14:00Z")

    assert "on 2 March 2026, 09:14 UTC" in command("lookup", ADA)


def test_lookup_answers_in_one_line_and_is_recorded(now):
    told("opt_in", now)

    words = command("lookup", "(202) 555-0117")
    said = document("lookup", ADA)

    assert words.startswith("Yes — you may text. Opted in by telling support")
    assert said["answer"]["allowed"] is True
    assert list(said["channels"]) == ["sms", "mms", "voice"]
    rows = AuditEvent.objects.filter(action="consent.looked_up")
    assert rows.count() == 2
    assert not any("0117" in row.payload for row in rows)


def test_the_other_ways_to_look_somebody_up_are_recorded_too(now):
    told("opt_in", now)

    command("history", ADA)
    command("check", ADA)

    rows = AuditEvent.objects.order_by("sequence").values_list("action", flat=True)
    assert list(rows)[-2:] == [
        "consent.history_read",
        "consent.looked_up",
    ]
    assert not any("0117" in row.payload for row in AuditEvent.objects.all())


def test_history_and_as_of(now):
    told("opt_in", now)
    told("opt_out", now)

    assert [each["kind"] for each in document("history", ADA)] == ["opt_out", "opt_in"]
    before = document("as-of", ADA, "2026-03-02T09:13:59Z")
    assert before["answer"]["reason"] == "no_consent_on_record"
    assert before["history"] == []
    assert document("as-of", ADA, now.isoformat())["answer"]["reason"] == "opted_out"
    assert "We have nothing on record" in command("history", "ada@example.com")


def test_understand_reads_arguments_and_lines(monkeypatch):
    monkeypatch.setattr(
        "sys.stdin", io.StringIO("STOP\nsee you at the bus stop\nstop it lol\n")
    )

    assert [each["meaning"] for each in document("understand", "-")] == [
        "opt_out",
        "none",
        "ambiguous",
    ]
    assert document("understand", "help") == [
        {"text": "help", "meaning": "help", "rule": "carriers.help: help"}
    ]
    assert command("understand", "hello").startswith("none\t")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["lookup", "letters"], "neither a phone number nor an e-mail address"),
        (["as-of", ADA, "noon"], "Write a time as ISO 8601"),
        (["check", "--phone", "x", "--channel", "sms"], "not a phone number"),
        (["check", "--email", "a@example.com", "--channel", "sms"], "an e-mail "
            "address with e-mail"),
        (["record", "--phone", ADA, "--kind", "opt_out", "--channel", "sms",
          "--reason", " "], "Say how the person told us"),
        (["import", "nowhere.csv"], "There is no file of that name"),
        (["scrub", "nowhere.csv", "o.csv", "--channel", "sms"], "There is no file of"),
        (["lookup", ADA, "--by", "sam"], "consent.view_standing is needed"),
        (["history", ADA, "--by", "sam"], "consent.view_event is needed"),
        (["record", "--phone", ADA, "--kind", "opt_out", "--channel", "sms",
          "--reason", "She called", "--by", "sam"], "consent.add_event is needed"),
    ],
)  # fmt: skip
def test_refusals_are_one_sentence(django_user_model, arguments, sentence):
    django_user_model.objects.create_user("sam")

    with pytest.raises(CommandError, match=sentence) as refused:
        command(*arguments)

    assert "0117" not in str(refused.value)
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        ("acme", f"“acme”, and nothing .* Did you mean {ACME} "),
        ("nobody", "“nobody”, and nothing .* Is it spelled right"),
        (ACME, ""),
        ("org_b", ""),  # a sender without a program that she spoke of
        ("", ""),
    ],
)
def test_a_sender_whom_nobody_knows_may_be_mistyped(now, asked, hint):
    ProgramFactory(organization=ACME)
    told("opt_in", now, organization="org_b")

    answer = document("check", ADA, "--channel", "sms", "--organization", asked)

    assert answer["reason"]
    assert re.search(hint, answer.get("doubt", ""))
    assert ("doubt" in answer) is bool(hint)


@pytest.mark.parametrize(
    ("called", "sentence"),
    [
        ([], "the following arguments are required: VERB"),
        (["check", "--phone", ADA, "--channel", "pigeon"],
         "argument --channel: pigeon is none of sms, mms, voice, email"),
        (["check", "--channel", "sms"], "one of the arguments address --phone --email"),
        (["record", "--phone", ADA, "--kind", "correction", "--channel", "sms",
          "--reason", "She called"], "correction is none of opt_in, opt_out, help"),
    ],
)  # fmt: skip
def test_a_wrong_call_is_one_sentence(capsys, called, sentence):
    with pytest.raises(SystemExit) as ended:
        execute_from_command_line(["manage.py", "consent", *called])

    said = capsys.readouterr()
    assert (ended.value.code, said.out) == (2, "")
    assert said.err.startswith("manage.py consent")
    assert sentence in said.err
    assert said.err.count("\n") == 1
