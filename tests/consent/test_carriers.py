"""The contract of every carrier, over HTTP: signed, in time and once, or not at all."""

import datetime as dt
import json
import logging

import pytest
from django.test import Client
from django.utils import timezone

from consent import carriers, keeping, review
from consent.carriers import CARRIERS, aws, kept
from consent.models import Event, InboundMessage, Standing
from privacy import identifiers
from privacy.models import AuditEvent, Identifier
from tests.consent import signing
from tests.consent.factories import ADA, ProgramFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("known_keywords")]
HOST = "https://portal.example.com"
EVERY = sorted(CARRIERS)
# Whose signature covers no time: a replay is known by the message's id alone.
TIMELESS = {"twilio", "plivo", "bandwidth"}
# What its signature covers: Bandwidth has none, its password is all there is.
UNSIGNED = {"bandwidth"}
COVERS_ADDRESS = {"twilio", "plivo", "messagebird"}
# Whose documents let an account choose GET: the message is then in the address.
BY_GET = {"twilio", "vonage", "plivo", "messagebird"}


@pytest.fixture(autouse=True)
def connected(settings, monkeypatch):
    settings.PUBLIC_URL = HOST
    settings.CARRIER_SECRETS = {
        name: [secret] for name, secret, _ in signing.SECRETS.values()
    }
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    }
    here = timezone.now()
    monkeypatch.setattr(aws, "fetch", lambda address: signing.certificate(here))


def deliver(name, *, path=None, body=None, at=None, query="", **said):
    """What the carrier signed, or with another body or address than it signed."""
    at = at or timezone.now()
    url = f"{HOST}/webhooks/{name}"
    signed, kind, headers = signing.request(name, at=at, url=url, **said)
    return Client().post(
        path or f"/webhooks/{name}{query}",
        data=signed if body is None else body(signed),
        content_type=kind,
        headers=headers,
    )


def left_no_trace(caplog):
    rows = (Event, InboundMessage, Standing, Identifier, AuditEvent)
    said = "".join(row.getMessage() for row in caplog.records)
    return not any(model.objects.exists() for model in rows) and "0117" not in said


def refused(answer, status):
    text = answer.content.decode()
    assert answer.status_code == status, text
    assert text.count("\n") == 1
    assert "555" not in text
    return text


def test_every_carrier_of_the_contract_is_in_the_table():
    assert set(CARRIERS) == set(signing.SECRETS)


@pytest.mark.parametrize("name", EVERY)
def test_what_the_carrier_signed_is_obeyed(name, caplog):
    caplog.set_level(logging.INFO)
    ProgramFactory()

    answer = deliver(name)

    assert answer.status_code == 200, answer.content
    message = InboundMessage.objects.get()
    assert (message.carrier, message.meaning) == (name, "opt_out")
    assert message.body.open() == "STOP"
    assert message.our_number == "+12025550100"
    assert Standing.objects.get(channel="sms").state == "opt_out"
    assert "0117" not in "".join(row.getMessage() for row in caplog.records)
    assert review.signature(message) == (
        kept.UNSIGNED if name in UNSIGNED else kept.FITS
    )
    assert "password" not in message.call.open()


@pytest.mark.parametrize("name", sorted(set(EVERY) - UNSIGNED))
def test_a_kept_call_that_was_changed_or_whose_secret_is_gone_fits_no_more(
    name, settings
):
    deliver(name)
    row = InboundMessage.objects.get()
    variable, _, other = signing.SECRETS[name]

    forged = row.call.open().replace("STOP", "HELP")
    assert carriers.verified_again(name, forged, row.received_at) == kept.FITS_NO_MORE
    settings.CARRIER_SECRETS = {variable: [other]}
    assert review.signature(row) == kept.FITS_NO_MORE


def test_a_call_goes_with_the_text_with_the_number_and_when_it_is_too_long():
    for number in range(2):
        deliver("standard", number=number)
    deliver("standard", number=2, text="STOP " + "x" * kept.MOST)
    first, second, long = InboundMessage.objects.order_by("pk")
    assert (bool(first.call), bool(second.call), long.call) == (True, True, None)
    assert review.signature(long) == kept.NOT_KEPT

    keeping.end_words([first.pk], "system", timezone.now())
    assert InboundMessage.objects.get(pk=first.pk).call is None
    identifiers.forget(identifier=second.identifier, by="system", now=timezone.now())
    assert InboundMessage.objects.get(pk=second.pk).call is None

    deliver("standard", number=3)  # nor of one who has been erased
    assert not InboundMessage.objects.exclude(call=None).exists()


def test_a_stop_to_an_rcs_agent_ends_the_texts_of_its_program():
    program = ProgramFactory(numbers=["+12025550100", "rcs:Acme_Alerts_1"])
    here = timezone.now()
    said = signing.content("standard", "STOP", 1, ADA, here)
    said["data"] |= {"to": "Acme_Alerts_1", "channel": "rcs"}
    signed, url = json.dumps(said).encode(), f"{HOST}/webhooks/standard"
    secret = signing.SECRETS["standard"][1]
    headers = signing.headers("standard", said, signed, here, url, secret)

    answer = Client().post(
        "/webhooks/standard", data=signed, content_type=signing.JSON, headers=headers
    )

    assert answer.status_code == 200, answer.content
    message = InboundMessage.objects.get()
    assert (message.program, message.our_number) == (program, "rcs:Acme_Alerts_1")
    event = Event.objects.get()
    assert (event.kind, event.channel, event.program) == ("opt_out", "mms", program)
    assert Standing.objects.get(channel="sms").state == "opt_out"


@pytest.mark.parametrize("name", EVERY)
def test_start_and_help_are_taken_too(name):
    deliver(name, text="START", number=1)
    deliver(name, text="HELP", number=2)

    assert list(
        InboundMessage.objects.order_by("pk").values_list("meaning", flat=True)
    ) == ["opt_in", "help"]


@pytest.mark.parametrize("name", EVERY)
def test_a_replay_changes_nothing(name):
    deliver(name)
    rows = AuditEvent.objects.count()

    again = deliver(name)

    assert again.status_code == 200
    assert Event.objects.count() == InboundMessage.objects.count() == 1
    assert AuditEvent.objects.count() == rows


@pytest.mark.parametrize("name", EVERY)
def test_another_secret_is_refused(name, caplog):
    caplog.set_level(logging.INFO)

    answer = deliver(name, secret=signing.SECRETS[name][2])

    assert "signature does not match" in refused(answer, 403)
    assert left_no_trace(caplog)


@pytest.mark.parametrize("name", EVERY)
def test_while_a_secret_is_rotated_both_count(name, settings):
    variable, old, new = signing.SECRETS[name]
    settings.CARRIER_SECRETS = {variable: [new, f" {old} "]}

    assert deliver(name, secret=old, number=1).status_code == 200
    assert deliver(name, secret=new, number=2).status_code == 200


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("secrets", [[], [""], [" "]])
def test_without_a_secret_nothing_is_trusted(name, secrets, settings, caplog):
    settings.CARRIER_SECRETS = {signing.SECRETS[name][0]: secrets}

    assert "no secret for this carrier" in refused(deliver(name), 503)
    assert left_no_trace(caplog)


@pytest.mark.parametrize("name", sorted(set(EVERY) - UNSIGNED))
def test_a_body_changed_on_the_way_is_refused(name, caplog):
    caplog.set_level(logging.INFO)

    answer = deliver(name, body=lambda signed: signed.replace(b"STOP", b"START"))

    refused(answer, 403)
    assert left_no_trace(caplog)


@pytest.mark.parametrize("name", sorted(COVERS_ADDRESS))
def test_another_address_than_was_signed_is_refused(name, caplog):
    refused(deliver(name, query="?tenant=2"), 403)
    assert left_no_trace(caplog)


@pytest.mark.parametrize("name", sorted(set(EVERY) - TIMELESS))
@pytest.mark.parametrize("hours", [-2, 2])
def test_an_old_signature_and_one_of_tomorrow_are_refused(name, hours, caplog):
    caplog.set_level(logging.INFO)

    answer = deliver(name, at=timezone.now() + dt.timedelta(hours=hours))

    assert "too old, or from the future" in refused(answer, 403)
    assert left_no_trace(caplog)


@pytest.mark.parametrize("name", EVERY)
def test_clocks_may_differ_by_some_seconds(name):
    early = timezone.now() + dt.timedelta(seconds=20)

    assert deliver(name, at=early).status_code == 200


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize(
    ("body", "statuses"),
    [
        (b"x" * 10_485_760, {413}),
        (b"", {400, 403, 415}),
        (b"\xff\xfe\x00", {400, 403}),
        (b"{", {400, 403}),
        (b"[" * 100_000, {400, 403}),
        (b'{"text": "\\ud800"}', {400, 403}),
        (b"null", {400, 403}),
    ],
    ids=["huge", "empty", "binary", "broken", "deep", "surrogate", "null"],
)
def test_a_body_that_is_no_message_is_refused(name, body, statuses, caplog):
    caplog.set_level(logging.INFO)

    answer = deliver(name, body=lambda signed: body)

    assert answer.status_code in statuses
    refused(answer, answer.status_code)
    assert left_no_trace(caplog)


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("sender", ["ACME", "12345", "+1202555CALL", ""])
def test_a_sender_that_is_no_phone_number_is_refused(name, sender, caplog):
    assert "phone number" in refused(deliver(name, sender=sender), 400)
    assert left_no_trace(caplog)


@pytest.mark.parametrize("name", EVERY)
def test_another_content_type_is_refused(name, caplog):
    body, _, headers = signing.request(
        name, at=timezone.now(), url=f"{HOST}/webhooks/{name}"
    )

    answer = Client().post(
        f"/webhooks/{name}", data=body, content_type="image/png", headers=headers
    )

    assert "a different content type" in refused(answer, 415)
    assert left_no_trace(caplog)


@pytest.mark.parametrize("name", EVERY)
def test_signatures_that_are_none_are_refused(name, caplog):
    body, kind, headers = signing.request(
        name, at=timezone.now(), url=f"{HOST}/webhooks/{name}"
    )
    if name in ("aws", "vonage"):  # theirs is in the body
        body = b"{}"
    for wrong in ("", "x", "é", "=" * 5000, "a.b.c", "bnVsbA.bnVsbA.bnVsbA"):
        answer = Client().post(
            f"/webhooks/{name}",
            data=body,
            content_type=kind,
            headers=dict.fromkeys(headers, wrong),
        )
        refused(answer, 403)
    assert left_no_trace(caplog)


# --- in the address --------------------------------------------------------------
def ask(name, change=lambda address: address, **said):
    url = f"{HOST}/webhooks/{name}"
    address, headers = signing.asked(name, at=timezone.now(), url=url, **said)
    return Client().get(change(address).removeprefix(HOST), headers=headers)


@pytest.mark.parametrize("name", sorted(BY_GET))
def test_what_the_carrier_signed_in_the_address_is_obeyed_once(name, caplog):
    caplog.set_level(logging.INFO)

    answers = [ask(name, text="Stop, s'il vous plaît") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    message = InboundMessage.objects.get()
    assert (message.carrier, message.meaning) == (name, "opt_out")
    assert message.body.open() == "Stop, s'il vous plaît"
    assert Event.objects.count() == 1
    assert "0117" not in "".join(row.getMessage() for row in caplog.records)


@pytest.mark.parametrize("name", sorted(BY_GET))
def test_an_address_changed_on_the_way_is_refused(name, caplog):
    caplog.set_level(logging.INFO)

    refused(ask(name, lambda address: address.replace("STOP", "START")), 403)
    refused(ask(name, secret=signing.SECRETS[name][2]), 403)
    refused(ask(name, lambda address: address + "&a=b"), 403)
    assert ask(name, lambda address: address + "&a=b" * 501).status_code in (400, 403)
    bare = ask(name, lambda address: address.partition("?")[0])
    assert bare.status_code in (403, 415)
    assert left_no_trace(caplog)


@pytest.mark.parametrize("name", sorted(set(EVERY) - BY_GET))
def test_the_other_carriers_post(name):
    answer = Client().get(f"/webhooks/{name}")

    assert (answer.status_code, answer["Allow"]) == (405, "POST")


# --- what a carrier says about itself ----------------------------------------
@pytest.mark.parametrize("name", ["twilio", "plivo"])
def test_an_answer_goes_back_in_the_carriers_own_xml(name):
    program = ProgramFactory(opt_out_text="Acme & Co: you are out.")

    answer = deliver(name).content.decode()

    assert "Acme &amp; Co: you are out." in answer
    assert program.opt_out_text.replace("&", "&amp;") in answer


def test_the_platform_gets_the_answer_as_json():
    program = ProgramFactory()

    assert deliver("standard").json() == {"reply": program.opt_out_text}


def test_a_number_that_wrote_is_the_one_recorded():
    for name in EVERY:
        deliver(name)

    assert Identifier.objects.count() == 1
    assert Event.objects.count() == len(EVERY)
    assert Identifier.objects.get().value.open() == ADA
