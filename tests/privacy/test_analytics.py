"""Events are cleaned before they are analytics, and the board reads what is stored."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy import analytics, apikeys, promises
from privacy.datamap import contents, files
from privacy.models import Table

ADDRESS = "/api/v1/analytics/clean"
VISIT = """
CREATE TABLE message (id int PRIMARY KEY, person_phone text, body text,
    sent_at timestamptz NOT NULL);
CREATE TABLE visit (id int PRIMARY KEY, page text, properties jsonb);
INSERT INTO message VALUES
    (1, '+12025550143', 'Could you come on Tuesday instead?', '2026-11-01'),
    (2, '+12025550143', 'ok', '2026-11-02');
INSERT INTO visit VALUES (1, '/prices', '{"scroll": 80}'), (2, 'ok', NULL),
    (3, '/order/20261127', '{"at": 1764259200123}');
"""
MAP = """
store: site
tables:
  message:
    about: linked
    start: sent_at
    erasure: delete
    columns:
      id: {not_personal: A key}
      person_phone: {category: communications, identifier: phone, source: direct,
                     purposes: [provide], treatment: nullify}
      body: {category: communications, source: direct, purposes: [provide],
             free_text: true, treatment: nullify}
      sent_at: {not_personal: A date}
  visit:
    k: 2
    columns:
      id: {not_personal: A key}
      page: {not_personal: A page of ours}
      properties: {not_personal: What was done there}
"""


# --- the gate -----------------------------------------------------------------
@pytest.mark.parametrize(
    ("event", "clean", "findings"),
    [
        ({"page": "/prices", "scroll": 80}, {"page": "/prices", "scroll": 80}, []),
        (
            {"properties": {"form": {"friend": "+12025550143"}}},
            {"properties": {"form": {"friend": "[phone]"}}},
            [("properties.form.friend", "phone")],
        ),
        ({"friend": 12025550143.0}, {"friend": "[phone]"}, [("friend", "phone")]),
        ({"lat": 40.7127, "long": 1e300}, {"lat": 40.7127, "long": 1e300}, []),
        (
            {"query": "mail ada@example.com or (202) 555-0143"},
            {"query": "mail [email] or [phone]"},
            [("query", "phone"), ("query", "email")],
        ),
        ({"callback": 2025550143}, {"callback": "[phone]"}, [("callback", "phone")]),
        ({"body": "See you"}, {"body": "[message]"}, [("body", "message")]),
        (
            {"sms_text": ["Hi", ""]},
            {"sms_text": ["[message]", ""]},
            [("sms_text.0", "message")],
        ),
        ({"by": {"+12025550143": 5}}, {"by": {"[phone]": 5}}, [("by", "phone")]),
        ({"at": 1764259200123, "ok": True, "no": None}, None, []),
        ({"id": "9f2025550143ab", "day": "2026-11-27"}, None, []),
    ],
)
def test_an_event_keeps_its_shape_and_loses_what_names_a_person(event, clean, findings):
    found = analytics.clean(event)

    assert found.event == (event if clean is None else clean)
    assert [tuple(each) for each in found.findings] == findings


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=10), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=10), VALUES, max_size=4))
def test_what_is_clean_stays_and_what_was_cleaned_is_clean(event):
    once = analytics.clean(event)

    if not once.findings:
        assert once.event == event
    again = analytics.clean(once.event)
    assert {each.what for each in again.findings} <= {"message"}
    assert again.event == once.event


@pytest.fixture
def post(db, client, now):
    key = apikeys.create(name="site", scopes=["analytics:clean"], by="pia", now=now)

    def posted(body, key=key):
        return client.post(
            ADDRESS,
            body if isinstance(body, str) else json.dumps(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {key}"},
        )

    return posted


def test_events_are_cleaned_over_http(post):
    answer = post({"events": [{"page": "/"}, {"friend": "202-555-0143"}]}).json()

    assert answer == {
        "clean": False,
        "events": [{"page": "/"}, {"friend": "[phone]"}],
        "findings": [{"event": 1, "path": "friend", "what": "phone"}],
    }
    assert post({"events": [{"page": "/"}]}).json()["clean"]


def test_what_is_no_event_is_refused(post, now):
    deep = json.loads("[" * 60 + "]" * 60)
    no_json = ('{"events": [{"a": NaN}]}', '{"events": [{"a": -Infinity}]}')
    no_event = ({}, {"events": []}, {"events": ["x"]}, {"events": [{"a": deep}]})
    for body in (*no_event, *no_json):
        answer = post(body)
        assert answer.status_code == 400, body
        assert answer.headers["Content-Type"] == "application/problem+json"
    other = apikeys.create(name="o", scopes=["consent:check"], by="pia", now=now)
    assert post({"events": [{"a": 1}]}, key=other).status_code == 403
    assert post({"events": [{"a": 1}]}, key="sk_no").status_code == 401


# --- the board ----------------------------------------------------------------
@pytest.fixture
def site(connect, now):
    _, direct = connect("site", VISIT)
    files.load(text=MAP, by="pia", now=now)
    return direct


def look(now):
    return promises.CHECKS["analytics-clean"](now=now)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("planted", "sentence"),
    [
        ("page = '/call?no=202-555-0143'", "rows with a phone number"),
        ("properties = '{\"n\": 12025550143}'", "rows with a phone number"),
        (
            "page = 'Could you come on Tuesday instead?'",
            "rows with a copy of a message",
        ),
    ],
)
def test_numbers_and_messages_among_analytics_are_found(site, now, planted, sentence):
    assert look(now).state == "kept", look(now)

    site.execute(f"UPDATE visit SET {planted} WHERE id = 1")

    (found,) = look(now).evidence
    assert (found.sentence, found.count) == (f"site.visit: {sentence}", 1)
    Table.objects.filter(name="visit").update(k=0)
    unmarked = look(now)
    assert unmarked.state == "unkept"
    assert "set its smallest group" in unmarked.evidence[0].remedy.sentence


def test_the_words_of_the_gate_are_no_findings():
    assert contents.find("[phone] [email] [card] [ip] [message]") == []
