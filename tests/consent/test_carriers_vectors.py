"""Signatures that the carriers themselves, or their libraries, have made."""

import datetime as dt
import hashlib
import json
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from consent.carriers import (
    CARRIERS,
    aws,
    bandwidth,
    messagebird,
    plivo,
    read,
    sinch,
    telnyx,
    twilio,
    vonage,
)
from consent.carriers.base import (
    FORM,
    JSON,
    Call,
    Forged,
    Malformed,
    NobodyWrote,
    NoCertificate,
    Stale,
)
from privacy import outgoing
from privacy.models import AuditEvent, Identifier
from tests.consent import signing
from tests.consent.factories import ADA

DATA = Path(__file__).parents[1] / "data" / "carriers"
HERE = "https://portal.example.com/webhooks/"
SAID = dt.datetime(2026, 4, 1, 12, 0, tzinfo=dt.UTC)


def vectors(name):
    return json.loads((DATA / f"{name}.json").read_text())


def call(body, headers=(), *, url=HERE, kind=JSON, at=SAID):
    low = {name.lower(): value for name, value in dict(headers).items()}
    content = body if isinstance(body, bytes) else body.encode()
    return Call(url, {"content-type": kind} | low, content, at)


def at(seconds):
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


# --- telnyx -------------------------------------------------------------------
def test_telnyx_as_its_library_signs():
    good, old = vectors("telnyx")["made"]

    def asked(case):
        signed = call(case["body"], case["headers"], at=at(case["now"]))
        return read(telnyx, signed, [case["public_key_base64"]])

    assert asked(good).text == "STOP"
    with pytest.raises(Stale):
        asked(old)


@pytest.mark.parametrize(
    ("said", "understood"),
    [("STOP", "opt_out"), ("START", "opt_in"), ("HELP", "help"), (None, "")],
)
def test_telnyx_says_what_it_has_answered_itself(said, understood):
    event = signing.sample(
        "telnyx_message_received.json",
        (("data", "payload", "autoresponse_type"), said),
        (("data", "payload", "type"), "MMS"),
    )

    message = telnyx.parse(call(json.dumps(event)))

    assert (message.understood, message.channel) == (understood, "mms")
    assert not message.answerable


# --- vonage -------------------------------------------------------------------
@pytest.mark.parametrize("method", ["md5hash", "md5", "sha1", "sha256", "sha512"])
def test_vonage_by_every_method(method):
    case = vectors("vonage")["published"]
    said = case["params"] | {"sig": case["signatures"][method]}
    signed = call(urlencode(said), kind=FORM, at=at(int(said["timestamp"])))

    assert vonage.verify(signed, [case["secret"]])
    assert not vonage.verify(signed, ["another"])


@pytest.mark.parametrize(
    "case", vectors("vonage")["made"], ids=lambda case: case["name"]
)
@pytest.mark.parametrize("form", [True, False])
def test_vonage_inbound(case, form):
    body = urlencode(case["params"]) if form else json.dumps(case["params"])

    message = read(
        vonage, call(body, kind=FORM if form else JSON), ["new", case["secret"]]
    )

    assert (message.sender, message.text) == ("+12025550117", "STOP")
    with pytest.raises(Stale):
        read(
            vonage, call(body, kind=FORM if form else JSON, at=at(0)), [case["secret"]]
        )


def test_vonage_in_the_address():
    case = vectors("vonage")["made"][0]
    asked = call(b"", url=f"{HERE}?{urlencode(case['params'])}", kind="")

    assert (
        read(vonage, asked, [case["secret"]]).carrier_message_id == "0A0000000000AA02"
    )


def messages_api(**claims):
    body = (DATA / "samples" / "vonage_messages_api_inbound.json").read_bytes()
    told = {"iat": int(SAID.timestamp()), "payload_hash": hash_of(body)} | claims
    return call(body, {"Authorization": f"Bearer {signing.token('s', told)}"})


def hash_of(body):
    return hashlib.sha256(body).hexdigest()


def test_vonage_messages_api():
    message = read(vonage, messages_api(), ["s"])

    assert message.carrier_message_id == "66666666-6666-4666-8666-666666666666"
    for wrong, refusal in (
        ({"payload_hash": "0" * 64}, Forged),
        ({"payload_hash": None}, Forged),
        ({"iat": int(SAID.timestamp()) - 3600}, Stale),
        ({"iat": "now"}, Stale),
    ):
        with pytest.raises(refusal):
            read(vonage, messages_api(**wrong), ["s"])
    with pytest.raises(Forged):
        read(vonage, messages_api(), ["t"])


# --- plivo, sinch ---------------------------------------------------------------
def test_plivo_as_its_library_signs():
    (case,) = vectors("plivo")["made"]
    signed = call(
        urlencode(case["params"]), case["headers"], url=case["url"], kind=FORM
    )

    assert read(plivo, signed, [case["auth_token"]]).sender == "+12025550117"
    elsewhere = call(
        urlencode(case["params"]), case["headers"], url=case["url"] + "?a=1", kind=FORM
    )
    assert not plivo.verify(elsewhere, [case["auth_token"]])


@pytest.mark.parametrize(
    ("query", "body", "signed"),
    [
        ("?b=2&a=1", "To=1", "https://a.example/p?a=1&b=2.To1.n"),
        ("?b=2&a=1", "", "https://a.example/p?a=1&b=2.n"),
        ("", "", "https://a.example/p.n"),
    ],
)
def test_plivo_covers_the_query_and_several_signatures(query, body, signed):
    headers = {
        "X-Plivo-Signature-V3": f"bm9uZQ==, {signing.keyed('s', signed.encode())}",
        "X-Plivo-Signature-V3-Nonce": "n",
    }
    asked = call(body, headers, url=f"https://a.example/p{query}", kind=FORM)

    assert plivo.verify(asked, ["s"])


def said_by_plivo(**more):
    body = {"From": "12025550117", "To": "12025550100", "MessageUUID": "u1"} | more
    return plivo.parse(call(urlencode(body), {}, url="https://a.example/p", kind=FORM))


def test_the_words_of_a_picture_are_read_where_plivo_puts_them():
    said = said_by_plivo(Type="mms", Body="STOP", Media0="https://a.example/1.jpg")

    assert (said.text, said.channel) == ("STOP", "mms")


@pytest.mark.parametrize(
    ("intent", "meaning"),
    [("optout", "opt_out"), ("optin", "opt_in"), ("help", "help"), ("", ""), ("x", "")],
)
def test_what_plivo_took_a_message_for_is_what_it_has_answered(intent, meaning):
    assert said_by_plivo(Text="UNSUB", MessageIntent=intent).understood == meaning


def test_plivo_never_says_whether_it_brings_a_message_again():
    assert said_by_plivo(Text="START").may_be_late == plivo.RETRIES


def test_sinch_as_it_publishes_and_as_made():
    case = vectors("sinch")["published"]
    headers = {
        "x-sinch-webhook-signature": case["signature"],
        "x-sinch-webhook-signature-nonce": case["nonce"],
        "x-sinch-webhook-signature-timestamp": case["timestamp"],
    }
    signed = call(case["body"], headers, at=at(int(case["timestamp"])))
    assert sinch.verify(signed, [case["secret"]])
    with pytest.raises(NobodyWrote):
        sinch.parse(signed)

    (made,) = vectors("sinch")["made"]
    message = read(sinch, call(made["body"], made["headers"]), [made["secret"]])
    assert message.text == "STOP"


# --- messagebird ------------------------------------------------------------------
@pytest.mark.parametrize("case", vectors("messagebird"), ids=lambda case: case["name"])
def test_messagebird_as_published(case):
    signed = call(
        case.get("payload", ""),
        {"MessageBird-Signature-JWT": case["token"]},
        url=case["url"],
        at=dt.datetime.fromisoformat(case["timestamp"]),
    )

    try:
        verdict = messagebird.verify(signed, [case.get("secret", "any")])
    except Stale:
        verdict = False

    assert verdict is case["valid"]


# --- aws ----------------------------------------------------------------------------
@pytest.fixture
def amazon(monkeypatch, settings):
    """Amazon's certificate; what was fetched, in order."""
    asked = []

    def fetch(address):
        asked.append(address)
        return signing.certificate(SAID)

    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    }
    cache.clear()
    monkeypatch.setattr(aws, "fetch", fetch)
    return asked


def envelope(version="2", **changed):
    said = signing.sample("aws_sns_envelope.json") | changed
    return signing.sns(said, signing.TOPIC, version=version)


def sns(said, moment=SAID):
    return call(json.dumps(said), kind="text/plain", at=moment)


@pytest.mark.parametrize("version", ["1", "2"])
def test_aws_by_both_versions_with_one_look_at_the_certificate(amazon, version):
    for subject in ({}, {"Subject": "An inbound message"}):
        message = read(aws, sns(envelope(version, **subject)), [signing.TOPIC])

    assert (message.sender, message.text) == ("+12025550117", "STOP")
    assert amazon == [signing.CERTIFICATE]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "http://sns.us-east-1.amazonaws.com/SimpleNotificationService-0000.pem",
        "https://sns.us-east-1.amazonaws.com.evil.example/SimpleNotificationService-0.pem",
        "https://evil.example/SimpleNotificationService-0000.pem",
        "https://sns.us-east-1.amazonaws.com@evil.example/SimpleNotificationService-0.pem",
        "https://bucket.s3.amazonaws.com/SimpleNotificationService-0000.pem",
        "https://sns.us-east-1.amazonaws.com:8443/SimpleNotificationService-0000.pem",
        "https://sns.us-east-1.amazonaws.com/other/SimpleNotificationService-0.pem",
        "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0000.pem?x=1",
        "file:///etc/passwd",
    ],
)
def test_aws_certificates_come_from_nobody_else(amazon, address):
    said = envelope() | {"SigningCertURL": address}

    with pytest.raises(Forged):
        read(aws, sns(said), [signing.TOPIC])
    assert amazon == []


@pytest.mark.parametrize(
    "changed",
    [{"SignatureVersion": "3"}, {"Signature": "bm9uZQ=="}, {"Subject": "added"}],
)
def test_aws_refuses_what_was_not_signed_so(amazon, changed):
    with pytest.raises(Forged):
        read(aws, sns(envelope() | changed), [signing.TOPIC])


def test_aws_refuses_a_certificate_that_has_ended(amazon):
    late = SAID + dt.timedelta(days=2)

    with pytest.raises(Forged):
        read(aws, sns(envelope(), late), [signing.TOPIC])


def test_aws_refuses_another_topic_that_amazon_signed(amazon):
    with pytest.raises(Forged):
        read(aws, sns(envelope()), ["arn:aws:sns:us-east-1:000000000000:ours"])
    assert amazon == []


def test_aws_without_its_certificate_is_to_try_again(amazon, monkeypatch):
    monkeypatch.setattr(aws, "fetch", lambda address: b"not a certificate")

    with pytest.raises(NoCertificate):
        read(aws, sns(envelope()), [signing.TOPIC])


@pytest.mark.parametrize("status", [0, 302, 404])
def test_aws_takes_no_redirect_and_no_refusal_for_a_certificate(monkeypatch, status):
    def post(url, body, headers, *, method):
        assert (url, body, method) == (signing.CERTIFICATE, None, "GET")
        return status, b"anybody's certificate"

    monkeypatch.setattr(outgoing, "post", post)
    with pytest.raises(NoCertificate):
        aws.fetch(signing.CERTIFICATE)


@pytest.mark.django_db
def test_aws_subscriptions_are_confirmed_by_staff_and_visited_by_nobody(
    amazon, settings, monkeypatch
):
    now = timezone.now()
    monkeypatch.setattr(aws, "fetch", lambda address: signing.certificate(now))
    settings.CARRIER_SECRETS = {"AWS_SNS_TOPIC_ARN": [signing.TOPIC]}
    visit = "https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&Token=t"
    said = envelope(
        Type="SubscriptionConfirmation",
        Message="You have chosen to subscribe.",
        SubscribeURL=visit,
        Token="t",
        Timestamp=now.isoformat(),
    )

    answer = Client().post(
        "/webhooks/aws", data=json.dumps(said), content_type="text/plain"
    )

    assert answer.status_code == 200
    assert "audit trail" in answer.content.decode()
    row = AuditEvent.objects.get()
    assert (row.action, row.subject) == ("carrier.asked_to_confirm", "carrier:aws")
    assert visit in row.payload
    assert not Identifier.objects.exists()


@pytest.mark.parametrize(
    "changed",
    [
        {"Type": "UnsubscribeConfirmation"},
        {"Type": "SubscriptionConfirmation", "SubscribeURL": "https://evil.example/?a"},
    ],
)
def test_aws_other_envelopes_are_no_messages(changed):
    with pytest.raises(NobodyWrote) as refusal:
        aws.parse(sns(envelope(**changed)))
    assert type(refusal.value) is NobodyWrote


def test_aws_timestamps_that_are_none_are_stale(amazon):
    with pytest.raises(Stale):
        read(aws, sns(envelope(Timestamp="yesterday")), [signing.TOPIC])


# --- what is no message from a person -------------------------------------------------
@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("telnyx", {"data": {"event_type": "message.finalized"}}),
        ("bandwidth", [{"type": "message-delivered"}]),
        ("vonage", {"messageId": "1", "msisdn": "1", "status": "delivered"}),
        ("vonage", {"message_uuid": "1", "status": "delivered"}),
        ("sinch", {"type": "delivery_report_sms"}),
        ("standard", {"type": "message.sent", "data": {}}),
    ],
)
def test_receipts_are_taken_without_a_row(name, body):
    with pytest.raises(NobodyWrote):
        CARRIERS[name].parse(call(json.dumps(body)))


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("telnyx", []),
        ("telnyx", {"data": []}),
        ("telnyx", {"data": {"event_type": "message.received", "payload": {"to": []}}}),
        ("bandwidth", {}),
        ("bandwidth", []),
        ("bandwidth", [1]),
        ("bandwidth", [{"type": "message-received"}]),
        ("vonage", {}),
        ("sinch", []),
        ("messagebird", {}),
        ("messagebird", {"id": "x" * 65, "originator": "1", "recipient": "12345678"}),
        ("standard", {"type": "message.received"}),
        ("standard", {"type": "message.received", "data": {"channel": "voice"}}),
    ],
)
def test_bodies_of_another_shape_are_malformed(name, body):
    with pytest.raises(Malformed):
        CARRIERS[name].parse(call(json.dumps(body)))


def test_a_picture_message_of_sinch_and_of_bandwidth():
    picture = {"message": "STOP", "media": []}
    said = signing.sample(
        "sinch_mo_text.json", (("type",), "mo_media"), (("body",), picture)
    )
    assert sinch.parse(call(json.dumps(said))).text == "STOP"
    event = signing.sample(
        "bandwidth_message_received.json", ((0, "message", "media"), ["a.jpg"])
    )
    assert bandwidth.parse(call(json.dumps(event))).channel == "mms"


# --- RCS ----------------------------------------------------------------------
def rcs_of_telnyx(body):
    said = signing.sample("telnyx_message_received.json")
    payload = said["data"]["payload"]
    payload.pop("text", None)
    agent = {"agent_id": "Acme_Alerts_1", "agent_name": "Acme"}
    return said | {"data": said["data"] | {"payload": payload | {
        "type": "RCS", "body": body, "to": [agent],
    }}}  # fmt: skip


def rcs_of_vonage(**said):
    return signing.sample("vonage_messages_api_inbound.json") | {
        "channel": "rcs", "to": "Acme_Alerts_1", **said,
    }  # fmt: skip


def rcs_of_standard(to):
    data = {"id": "m1", "from": ADA, "to": to, "text": "STOP", "channel": "rcs"}
    return {"type": "message.received", "data": data}


TAPPED = {"suggestion_response": {"text": "STOP", "postback_data": "x"}}


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("telnyx", rcs_of_telnyx({"text": "STOP"})),
        ("telnyx", rcs_of_telnyx(TAPPED)),
        ("vonage", rcs_of_vonage(text="STOP")),
        ("vonage", rcs_of_vonage(text=None, reply={"id": "1", "title": "STOP"})),
        ("standard", rcs_of_standard("Acme_Alerts_1")),
        ("standard", rcs_of_standard("rcs:Acme_Alerts_1")),
    ],
)
def test_an_rcs_message_to_an_agent_is_one_with_picture_messages(name, body):
    message = CARRIERS[name].parse(call(json.dumps(body)))

    assert (message.channel, message.text) == ("mms", "STOP")
    assert message.recipient == "rcs:Acme_Alerts_1"
    assert message.sender.startswith("+1")


def test_an_rcs_message_by_twilio_says_so_in_its_addresses():
    said = signing.form(
        "twilio_inbound_text.form", Body="STOP", From=f"rcs:{ADA}", To="rcs:acme_1"
    )
    message = twilio.parse(call(urlencode(said), kind=signing.FORM))

    assert (message.sender, message.recipient) == (ADA, "rcs:acme_1")
    assert (message.channel, message.text) == ("mms", "STOP")


def test_an_rcs_message_to_a_number_of_ours_keeps_it():
    message = CARRIERS["standard"].parse(
        call(json.dumps(rcs_of_standard("+12025550100")))
    )
    assert (message.recipient, message.channel) == ("+12025550100", "mms")


@pytest.mark.parametrize("to", ["rcs:", "rcs:a b", "rcs:" + "x" * 61, ""])
def test_what_is_no_agent_is_malformed(to):
    with pytest.raises(Malformed):
        CARRIERS["standard"].parse(call(json.dumps(rcs_of_standard(to))))
