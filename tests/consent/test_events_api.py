"""/api/v1/consent/events: one or many, once by its key; and one person's history."""

import json

import pytest
from django.test import Client
from django.utils import timezone

from consent import check, events
from consent.models import Event, Utterance
from privacy import apikeys, identifiers
from privacy.models import AuditEvent, Identifier
from tests.consent.factories import ACME, ADA, later, told

pytestmark = pytest.mark.django_db
PATH = "/api/v1/consent/events"


@pytest.fixture
def key(db, now):
    scopes = ["consent:write", "consent:check"]
    return apikeys.create(name="crm", scopes=scopes, by="sam", now=now)


@pytest.fixture
def post(key):
    def send(body):
        headers = {"authorization": f"Bearer {key}"}
        return Client().post(PATH, body, "application/json", headers=headers)

    return send


@pytest.fixture
def get(key):
    def ask(**query):
        return Client().get(PATH, query, headers={"authorization": f"Bearer {key}"})

    return ask


def opt_in(**changed):
    return {"phone": "(202) 555-0117", "kind": "opt_in", "channel": "sms"} | changed


def test_one_event_with_its_evidence_and_words(post):
    answer = post(
        opt_in(
            organization=ACME,
            source="direct",
            route="web form",
            occurred_at="2026-03-01T10:00:00-05:00",
            evidence={"form": "checkout", "wording": "v7"},
            words="I agree to texts",
        )
    )

    assert answer.status_code == 201
    said = answer.json()
    assert (said["event"], said["is_new"]) == (Event.objects.get().sequence, True)
    assert said["occurred_at"] == "2026-03-01T15:00:00Z"
    assert said["covers"] == ["sms", "mms"]
    assert said["evidence"] == {"form": "checkout", "wording": "v7"}
    assert Utterance.objects.get().words.open() == "I agree to texts"
    assert Event.objects.get().recorded_by == "apikey:crm"
    assert "0117" not in answer.content.decode()


def test_the_same_key_changes_nothing_and_another_story_is_refused(post):
    first = post(opt_in(key="order-1"))
    again = post(opt_in(key="order-1"))
    other = post(opt_in(key="order-1", kind="opt_out"))

    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 400)
    assert again.json() == first.json() | {"is_new": False}
    assert "A different event was recorded" in other.json()["detail"]
    assert Event.objects.count() == 1


def stopped():
    return check.may_contact(
        identifiers.phone(ADA), channel="sms", now=timezone.now()
    ).reason


@pytest.mark.parametrize(
    "proof",
    [
        {"wording": "Yes, text me.", "page": "https://shop.example.com/join"},
        {"wording": "v7", "form": "checkout"},
        {"recording": "rec-17"},
        {"certificate": "https://cert.example.com/1"},
        {"keyword": "START", "message": "SM1"},
    ],
)
def test_a_yes_without_proof_lifts_no_stop_and_its_proof_does(post, proof):
    assert post(opt_in(kind="opt_out")).status_code == 201
    for name in proof:  # half a proof is none
        part = {name: proof[name]} if len(proof) > 1 else {name: " "}
        said = post(opt_in(key="7", evidence=part))
        assert said.json()["kind"] == "claim"
    assert stopped() == "opted_out"

    said = post(opt_in(key="7", evidence=proof)).json()
    assert (said["kind"], said["is_new"]) == ("opt_in", True)
    assert stopped() == "opted_in"


def test_without_a_stop_a_yes_counts(post):
    assert post(opt_in()).json()["kind"] == "opt_in"
    assert post(opt_in(kind="opt_out", organization=ACME)).status_code == 201
    assert post(opt_in(organization="bolt")).json()["kind"] == "opt_in"


def test_keys_of_two_systems_do_not_meet(post, now):
    post(opt_in(key="1"))
    mark = identifiers.phone("+12025550118")
    said = {"kind": "opt_in", "channel": "sms", "key": "1"}

    ((_, is_new),) = events.take(told=[(mark, said)], by="apikey:shop", now=now)

    assert is_new
    assert Event.objects.count() == 2


@pytest.mark.parametrize("wrapped", [True, False])
def test_many_in_order_all_or_none(post, wrapped):
    many = [opt_in(key="1"), opt_in(key="1"), opt_in(kind="opt_out", key="2")]

    answer = post({"events": many} if wrapped else many)

    assert answer.status_code == 201
    assert [each["is_new"] for each in answer.json()["events"]] == [True, False, True]
    mark = identifiers.phone(ADA)
    at = Event.objects.latest("recorded_at").recorded_at
    assert check.may_contact(mark, channel="sms", now=at).reason == "opted_out"

    bad = [opt_in(key="3", phone="+12025550118"), opt_in(channel="email")]
    assert post(bad).status_code == 400
    assert Event.objects.count() == 2
    assert Identifier.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({}, "kind: This field is required."),
        ([[]], "Expected a dictionary"),
        ("text", "Expected a list"),
        ({"events": {}}, "Expected a list"),
        (opt_in(email="ada@example.com"), "Give either phone or email."),
        (opt_in(phone="letters"), "not a phone number"),
        (opt_in(kind="release"), "The kind is one of"),
        (opt_in(channel="fax"), "A phone number goes with texts"),
        (opt_in(source="rumour"), "The source is one of"),
        (opt_in(occurred_at="noon"), "Write a time as"),
        (opt_in(occurred_at="0001-01-01T00:00+14:00"), "Write a time as"),
        (opt_in(occurred_at="9999-01-01T00:00Z"), "in the future"),
        (opt_in(occurred_at="1066-10-14T00:00Z"), "before 20 December 1991"),
        (opt_in(evidence={"note": "she called"}), "Evidence is short texts"),
        (opt_in(evidence={"form": 7}), "Evidence is short texts"),
        (opt_in(evidence={"form": "x" * 301}), "Evidence is short texts"),
        (opt_in(evidence={"form": "\x00"}), "Evidence is short texts"),
        ([opt_in()] * 1001, "at most 1,000"),
    ],
)
def test_what_is_wrong_is_said_in_one_problem(post, body, sentence):
    answer = post(json.dumps(body))

    assert answer.status_code == 400
    assert sentence in answer.json()["detail"]
    assert not Event.objects.exists()
    assert not Identifier.objects.exists()


def test_the_history_page_by_page_and_that_it_was_read(get, now, monkeypatch):
    monkeypatch.setattr(events, "SHOWN", 2)
    for hour in range(5):
        told("opt_in", later(now, hours=hour))

    first = get(phone="(202) 555-0117").json()
    rest = get(phone=ADA, before=first["before"]).json()
    last = get(phone=ADA, before=rest["before"]).json()

    pages = (first, rest, last)
    read = [each["event"] for page in pages for each in page["events"]]
    sequences = list(Event.objects.order_by("-pk").values_list("pk", flat=True))
    assert read == sequences
    assert last["before"] is None
    row = AuditEvent.objects.filter(action="consent.history_read").last()
    assert row.by == "apikey:crm"
    assert get(email="ada@example.com").json() == {"events": [], "before": None}


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({}, "Give either phone or email."),
        ({"phone": ADA, "email": "a@example.com"}, "Give either phone or email."),
        ({"phone": "x"}, "not a phone number"),
        ({"phone": ADA, "before": "x"}, "valid integer"),
    ],
)
def test_a_history_of_nobody(get, query, sentence):
    assert sentence in get(**query).json()["detail"]


def test_reading_and_writing_are_two_scopes(now):
    def asked(scope):
        key = apikeys.create(name=scope[8:], scopes=[scope], by="sam", now=now)
        headers = {"authorization": f"Bearer {key}"}
        write = Client().post(PATH, opt_in(), "application/json", headers=headers)
        read = Client().get(PATH, {"phone": ADA}, headers=headers)
        return write.status_code, read.status_code

    assert asked("consent:write") == (201, 403)
    assert asked("consent:check") == (403, 200)
    assert Client().post(PATH).status_code == 401
