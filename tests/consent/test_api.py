"""/api/v1/consent/check: the answer with its reason, or problem details."""

import json

import pytest

from consent.api import checks
from consent.models import Event
from privacy import apikeys
from privacy.models import Identifier
from privacy.sql import prepared
from tests.consent.factories import ACME, ADA, later, told

pytestmark = pytest.mark.django_db
PATH = "/api/v1/consent/check"
BULK = "/api/v1/consent/check/bulk"


def test_a_stop_is_a_no_with_its_reason(now, partner):
    event = told("opt_out", now, organization=ACME, evidence={"message": "SM1"})

    answer = partner(PATH, {"phone": "(202) 555-0117", "channel": "sms"})

    assert answer.status_code == 200
    said = answer.json()
    assert (said["allowed"], said["reason"]) == (False, "opted_out")
    assert said["since"] == "2026-11-24T09:00:00Z"
    assert said["sentence"].startswith("No — do not text.")
    assert said["decided_by"]["event"] == event.sequence
    assert said["decided_by"]["evidence"] == {"message": "SM1"}
    assert "0117" not in answer.content.decode()


def test_without_any_record_there_is_nobody_who_decided(partner):
    said = partner(PATH, {"email": "ada@example.com", "channel": "email"}).json()

    assert (said["reason"], said["since"], said["decided_by"]) == (
        "no_consent_on_record",
        None,
        None,
    )
    assert not Identifier.objects.exists()


def test_purpose_organization_and_instant(now, partner):
    told("opt_in", later(now, days=-9), organization=ACME)
    told("opt_out", later(now, days=-1), organization=ACME)
    question = {"phone": ADA, "channel": "sms", "organization": ACME}

    day = later(now, days=-2, hours=6).isoformat()  # 10:00 in New York
    was = partner(PATH, question | {"at": day}).json()
    other = partner(PATH, question | {"organization": "b", "purpose": "service"}).json()

    assert (was["reason"], other["reason"]) == ("opted_in", "no_consent_needed")


def test_at_night_the_answer_says_until_when(now, partner):
    told("opt_in", later(now, days=-9))
    question = {"phone": ADA, "channel": "sms", "at": later(now, days=-2).isoformat()}

    said = partner(PATH, question).json()

    assert (said["allowed"], said["reason"]) == (False, "quiet_hours")
    assert said["until"] == "2026-11-22T13:00:00Z"
    assert said["rule"].startswith("US: 47 CFR")
    assert said["decided_by"] is None
    assert partner(PATH, question | {"state": "ZZ"}).status_code == 400


# --- in bulk ------------------------------------------------------------------
def test_many_at_once_in_their_order(now, partner):
    event = told("opt_out", now)
    told("opt_in", now, number="ada@example.com", channel="email")
    mixed = [ADA, {"phone": "(202) 555-0118"}, "letters", {"phone": "12025550117"}]

    said = partner(BULK, {"channel": "sms", "recipients": mixed}).json()["results"]
    mail = partner(BULK, {"channel": "email", "recipients": ["Ada@example.com"]})

    assert [each["reason"] for each in said] == [
        "opted_out",
        "no_consent_on_record",
        "not_an_address",
        "opted_out",
    ]
    assert said[0] == {
        "allowed": False,
        "reason": "opted_out",
        "since": "2026-11-24T09:00:00Z",
        "until": None,
        "rule": "",
        "decided_by": event.sequence,
    }
    assert mail.json()["results"][0]["allowed"] is True
    assert partner(BULK, {"channel": "sms", "recipients": []}).json() == {"results": []}


def test_each_recipient_of_many_may_be_in_a_state_of_their_own(now, partner):
    """Eight in the evening in Washington, where the law allows it and Florida's does
    not: the stricter of the two counts."""
    told("opt_in", now)
    evening = {"at": "2026-11-25T01:30Z", "channel": "sms"}
    people = [ADA, {"phone": ADA, "state": "fl"}, {"phone": ADA, "state": "DC"}]

    asked = [
        partner(BULK, evening | whole | {"recipients": people}).json()["results"]
        for whole in ({}, {"state": "FL"})
    ]

    reasons = [[each["reason"] for each in results] for results in asked]
    assert reasons[0] == ["opted_in", "quiet_hours", "opted_in"]
    assert reasons[1] == ["quiet_hours", "quiet_hours", "opted_in"]


def test_ten_thousand_recipients_are_answered(partner):
    numbers = [f"+1202555{n:04}" for n in range(10_000)]

    answer = partner(BULK, {"channel": "sms", "recipients": numbers})

    assert len(answer.json()["results"]) == 10_000


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ({}, "channel: This field is required."),
        ({"channel": "sms"}, "recipients: Give a list."),
        ({"channel": "sms", "recipients": "x"}, "recipients: Give a list."),
        ({"channel": "sms", "recipients": [1]}, "A recipient is a text"),
        ({"channel": "sms", "recipients": [{}]}, "A recipient is a text"),
        (
            {"channel": "sms", "recipients": [{"phone": ADA, "email": "a@b.c"}]},
            "A recipient is a text",
        ),
        ({"channel": "sms", "recipients": ["1" * 999]}, "A recipient is a text"),
        ({"channel": "sms", "recipients": [{"phone": ADA, "state": 5}]}, "A recipient"),
        (
            {"channel": "sms", "recipients": [{"phone": ADA, "state": "ZZ"}]},
            "two letters",
        ),
        ({"channel": "sms", "recipients": [ADA], "state": "ZZ"}, "two letters"),
        ({"channel": "sms", "recipients": ["1"] * 10_001}, "at most 10,000"),
        ({"channel": "fax", "recipients": [ADA]}, "The channel is one of"),
        (
            {"channel": "sms", "recipients": ["a@example.com"]},
            "an e-mail address with e-mail",
        ),
        ({"channel": "sms", "recipients": [ADA], "at": "9999-01-01T00:00Z"}, "future"),
        ([1], "channel: This field is required."),
    ],
)
def test_a_bulk_question_that_makes_no_sense(partner, question, sentence):
    answer = partner(BULK, json.dumps(question))

    assert answer.status_code == 400
    assert sentence in answer.json()["detail"]
    assert not Identifier.objects.exists()


def test_a_bulk_question_needs_the_scope(partner):
    assert partner(BULK, {}, scopes=["suppressions"]).status_code == 403


# --- what is refused ------------------------------------------------------------
@pytest.mark.parametrize(
    ("question", "status", "sentence"),
    [
        ({}, 400, "channel: This field is required."),
        ({"channel": "sms"}, 400, "Give either phone or email."),
        (
            {"channel": "sms", "phone": ADA, "email": "ada@example.com"},
            400,
            "Give either phone or email.",
        ),
        ({"channel": "sms", "phone": "letters"}, 400, "That is not a phone number."),
        ({"channel": "sms", "phone": {"a": 1}}, 400, "phone: Not a valid string."),
        ({"channel": "sms", "phone": "1" * 99}, 400, "phone: Ensure"),
        ({"channel": "sms", "phone": "+1202\x00"}, 400, "Null characters"),
        ({"channel": "email", "email": "x"}, 400, "That is not an e-mail address."),
        ({"channel": "fax", "phone": ADA}, 400, "The channel is one of"),
        ({"channel": "email", "phone": ADA}, 400, "A phone number goes with texts"),
        ({"channel": "sms", "phone": ADA, "purpose": "fun"}, 400, "The purpose is"),
        ({"channel": "sms", "phone": ADA, "at": "noon"}, 400, "Write a time as"),
        (
            {"channel": "sms", "phone": ADA, "at": "2026-01-01T00:00:00"},
            400,
            "with its offset",
        ),
        (
            {"channel": "sms", "phone": ADA, "at": "9999-01-01T00:00Z"},
            400,
            "in the future",
        ),
        ([1], 400, "Expected a dictionary"),
        ("{", 400, "The body is not JSON."),
        ("[" * 100_000, 400, "The body is not JSON."),
        (b"\xff", 400, "The body is not JSON."),
        (b'"' + b"a" * 10_485_760 + b'"', 413, "larger than the portal reads"),
    ],
)
def test_what_is_wrong_is_said_in_one_problem(
    partner, question, status, sentence, caplog
):
    caplog.set_level("INFO")
    body = question if isinstance(question, str | bytes) else json.dumps(question)

    answer = partner(PATH, body)

    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert sentence in problem["detail"]
    assert (problem["status"], problem["instance"]) == (status, PATH)
    assert problem["type"] == "about:blank"
    assert "555" not in caplog.text
    assert not Event.objects.exists()
    assert not Identifier.objects.exists()


def test_only_json_is_read(partner):
    answer = partner(PATH, "phone=1", content_type="application/x-www-form-urlencoded")

    assert answer.status_code == 415


@pytest.mark.parametrize("authorization", ["", "Bearer sk_wrong", "Basic eDp5", "é"])
def test_without_a_key_nothing_is_answered(partner, authorization):
    answer = partner(PATH, {}, authorization=authorization)

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"
    assert answer.json()["status"] == 401


def test_without_the_scope_nothing_is_answered(partner):
    answer = partner(PATH, {}, scopes=["suppressions"])

    assert answer.status_code == 403
    assert "consent:check" in answer.json()["detail"]


def test_a_revoked_key_is_refused_at_once(now, partner, client):
    key = apikeys.create(name="crm", scopes=["consent:check"], by="sam", now=now)
    apikeys.revoke(name="crm", by="sam", now=now)

    answer = client.post(PATH, headers={"authorization": f"Bearer {key}"})

    assert answer.status_code == 401


# --- the short way and the framework's ------------------------------------------
@pytest.mark.parametrize(
    "question",
    [
        {"phone": ADA, "channel": "sms"},
        {"phone": "(202) 555-0118", "channel": "voice", "purpose": "service"},
        {"phone": ADA, "channel": "sms", "organization": ACME, "state": "FL"},
        {"email": "ada@example.com", "channel": "email"},
        {"phone": "letters", "channel": "sms"},
        {"phone": ADA, "channel": "fax"},
        {"phone": ADA, "channel": "sms", "state": "ZZ"},
        {"phone": ADA, "channel": "sms", "state": "Florida"},
        {"phone": ADA, "channel": "sms", "organization": "a" * 65},
        {"phone": ADA, "channel": "sms", "purpose": ""},
        {"phone": ADA, "channel": "sms", "something": "else"},
    ],
)
@pytest.mark.parametrize("scopes", [["consent:check"], ["suppressions"]])
def test_both_ways_answer_alike(now, client, question, scopes, monkeypatch):
    told("opt_out", now, organization=ACME, evidence={"message": "SM1"})
    told("opt_in", now, number="ada@example.com", channel="email")
    key = apikeys.create(name="crm", scopes=scopes, by="sam", now=now)

    def answer():
        bearer = {"authorization": f"Bearer {key}"}
        said = client.post(PATH, question, "application/json", headers=bearer)
        return said.status_code, dict(said.headers), said.json()

    short = answer()
    monkeypatch.setattr(checks.plain, "answer", lambda request: None)

    assert short == answer()


def test_a_plain_question_costs_one_statement_and_skips_the_framework(
    now, client, monkeypatch, django_assert_num_queries
):
    told("opt_out", now)
    key = apikeys.create(name="crm", scopes=["consent:check"], by="sam", now=now)
    monkeypatch.setattr(checks.CheckView, "post", None)
    asked = []
    real = prepared.rows
    monkeypatch.setattr(
        prepared, "rows", lambda *what: asked.append(what) or real(*what)
    )
    bearer = {"authorization": f"Bearer {key}"}

    with django_assert_num_queries(0):  # beside the prepared ones
        said = client.post(
            PATH, {"phone": ADA, "channel": "sms"}, "application/json", headers=bearer
        )

    assert said.json()["reason"] == "opted_out"
    assert len(asked) == 1
    plans = prepared.rows("SELECT statement FROM pg_prepared_statements", {})
    for statement, _ in asked:
        shape = statement.strip().partition("%")[0]
        assert any(shape in planned for (planned,) in plans)


def test_a_key_that_just_worked_stops_when_it_is_revoked(now, client):
    key = apikeys.create(name="crm", scopes=["consent:check"], by="sam", now=now)
    question = {"phone": ADA, "channel": "sms"}

    def status():
        bearer = {"authorization": f"Bearer {key}"}
        said = client.post(PATH, question, "application/json", headers=bearer)
        return said.status_code

    assert status() == 200
    apikeys.revoke(name="crm", by="sam", now=now)
    assert status() == 401
