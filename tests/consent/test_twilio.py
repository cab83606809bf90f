"""Twilio's signature: every published vector and every made one."""

import base64
import datetime as dt
import hashlib
import hmac
import json
from pathlib import Path
from urllib.parse import urlencode

import pytest

from consent.carriers import read, twilio
from consent.carriers.base import (
    FORM,
    JSON,
    Call,
    Forged,
    Malformed,
    NoSecret,
    SenderNotANumber,
    WrongContentType,
)

VECTORS = json.loads(
    (Path(__file__).parents[1] / "data" / "carriers" / "twilio.json").read_text()
)
PUBLISHED, MADE = VECTORS["published"], VECTORS["made"]
NOW = dt.datetime(2026, 11, 24, 9, 0, tzinfo=dt.UTC)


def call(url, body, signature, content_type=FORM):
    headers = {"content-type": content_type, "x-twilio-signature": signature}
    return Call(url=url, headers=headers, body=body, received_at=NOW)


@pytest.mark.parametrize("case", PUBLISHED["cases"], ids=lambda case: case["url"])
def test_published_vector(case):
    body = urlencode(PUBLISHED["params"]).encode()

    verdict = twilio.verify(
        call(case["url"], body, case["signature"]), [PUBLISHED["auth_token"]]
    )

    assert verdict is case["valid"]


def test_published_vector_with_repeated_fields():
    case = PUBLISHED["duplicate_params"]
    signed = call(case["url"], case["query"].encode(), case["signature"])

    assert twilio.verify(signed, [PUBLISHED["auth_token"]])


@pytest.mark.parametrize(("added", "verdict"), [(b"", True), (b" ", False)])
def test_published_vector_with_a_json_body(added, verdict):
    case = PUBLISHED["json_body"]
    body = case["body"].encode() + added
    signed = call(case["url"], body, case["signature"], JSON)

    assert twilio.verify(signed, [PUBLISHED["auth_token"]]) is verdict


@pytest.mark.parametrize("case", MADE, ids=lambda case: case["name"])
def test_made_vector(case):
    signature = case["headers"]["X-Twilio-Signature"]
    signed = call(case["url"], case["body"].encode(), signature, case["content_type"])

    assert twilio.verify(signed, [case["auth_token"]]) is case["valid"]


def test_an_old_secret_still_counts_while_it_is_being_rotated():
    case = MADE[0]
    signature = case["headers"]["X-Twilio-Signature"]
    signed = call(case["url"], case["body"].encode(), signature)

    assert read(twilio, signed, ["the new one", case["auth_token"]]).text == "STOP"
    with pytest.raises(Forged):
        read(twilio, signed, ["the new one"])
    with pytest.raises(NoSecret):
        read(twilio, signed, [""])


@pytest.mark.parametrize("signature", ["", "x", "é", "=" * 5000])
def test_a_signature_that_is_none(signature):
    case = MADE[0]

    signed = call(case["url"], case["body"].encode(), signature)

    assert not twilio.verify(signed, [case["auth_token"]])


def test_a_json_body_without_its_hash_in_the_address_is_not_trusted():
    url, secret = "https://portal.example.com/webhooks/twilio", "token"
    digest = hmac.new(secret.encode(), url.encode(), hashlib.sha1).digest()
    signature = base64.b64encode(digest).decode()

    assert not twilio.verify(call(url, b"{}", signature, JSON), [secret])


def parsed(content_type=FORM, body=None, **changed):
    fields = {
        "MessageSid": "SM" + "1" * 32,
        "From": "+12025550117",
        "To": "+12025550100",
        "Body": "STOP",
    }
    encoded = urlencode(fields | changed).encode() if body is None else body
    return twilio.parse(call("https://portal.example.com/", encoded, "", content_type))


def test_what_a_message_says():
    message = parsed(NumMedia="1", OptOutType="STOP")

    assert message.carrier_message_id == "SM" + "1" * 32
    assert message.sender == "+12025550117"
    assert message.channel == "mms"
    assert message.understood == "opt_out"
    assert "0117" not in repr(message)


def test_a_message_as_json():
    fields = {
        "MessageSid": "SM" + "1" * 32,
        "From": "+12025550117",
        "To": "72345",
        "Body": "STOP",
        "NumSegments": 1,
    }

    message = parsed(JSON, json.dumps(fields).encode())

    assert (message.text, message.recipient) == ("STOP", "72345")


@pytest.mark.parametrize("sender", ["12345", "ACME", "", "whatsapp:+12025550117"])
def test_a_sender_that_is_no_phone_number(sender):
    with pytest.raises(SenderNotANumber, match="not a phone number"):
        parsed(From=sender)


@pytest.mark.parametrize(
    "changed",
    [
        {"MessageSid": "1"},
        {"MessageSid": ""},
        {"To": "everybody"},
        {"SmsStatus": "delivered"},
        {"body": b"\xff\xfe"},
        {"body": b"Body=%ff"},
        {"body": b"&".join(b"a=1" for _ in range(600))},
        {"body": b"[]", "content_type": JSON},
        {"body": b"{", "content_type": JSON},
        {"body": b"[" * 100_000, "content_type": JSON},
    ],
)
def test_a_body_that_is_no_message(changed):
    with pytest.raises(Malformed):
        parsed(**changed)


def test_another_content_type():
    with pytest.raises(WrongContentType):
        parsed("text/plain")


def test_the_reply_is_twiml_with_its_text_escaped():
    body, content_type = twilio.reply("Salt & <pepper>", parsed())

    assert content_type.startswith("text/xml")
    assert "<Message>Salt &amp; &lt;pepper&gt;</Message>" in body
    assert "<Message>" not in twilio.reply("", parsed())[0]


@pytest.mark.parametrize(
    ("more", "late"),
    [({}, dt.timedelta(0)), ({"ErrorCode": "11200", "ErrorUrl": "x"}, twilio.RETRIES)],
)
def test_a_call_of_the_fallback_says_that_the_message_was_brought_before(more, late):
    assert parsed(**more).may_be_late == late
