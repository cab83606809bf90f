"""Webhooks over HTTP: signed messages are obeyed, everything else leaves no row."""

import base64
import hashlib
import hmac
import threading
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client

from consent import check
from consent.models import Event, InboundMessage, Standing
from privacy import identifiers
from privacy.models import AuditEvent, Identifier
from tests.consent.factories import ADA, OUR_NUMBER, ProgramFactory

pytestmark = pytest.mark.django_db
TOKEN = "a token for tests"
FORM = "application/x-www-form-urlencoded"
PATH = "/webhooks/twilio"


@pytest.fixture(autouse=True)
def connected(settings, known_keywords):
    settings.CARRIER_SECRETS = {"TWILIO_AUTH_TOKEN": [TOKEN]}
    settings.PUBLIC_URL = "https://portal.example.com"


def message(text="STOP", **changed):
    return {
        "MessageSid": "SM" + "1" * 32,
        "AccountSid": "AC" + "1" * 32,
        "From": ADA,
        "To": OUR_NUMBER,
        "Body": text,
        "SomethingNew": "signed as well",
    } | changed


def signature(fields, path=PATH, token=TOKEN):
    signed = "https://portal.example.com" + path
    signed += "".join(name + fields[name] for name in sorted(fields))
    digest = hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def post(fields, *, path=PATH, body=None, content_type=FORM, sign=None, client=None):
    return (client or Client()).post(
        path,
        data=urlencode(fields) if body is None else body,
        content_type=content_type,
        headers={"x-twilio-signature": sign or signature(fields, path)},
    )


def nothing_changed():
    rows = (Event, InboundMessage, Standing, Identifier)
    told = AuditEvent.objects.filter(action__startswith="consent.")
    return not (any(model.objects.exists() for model in rows) or told.exists())


def test_a_signed_stop_is_obeyed_and_confirmed_as_twiml(now):
    program = ProgramFactory()

    answer = post(message())

    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/xml")
    assert f"<Message>{program.opt_out_text}</Message>" in answer.content.decode()
    assert Standing.objects.get(channel="sms").state == "opt_out"


@pytest.mark.parametrize(("text", "state"), [("START", "opt_in"), ("HELP", None)])
def test_start_and_help_too(text, state):
    answer = post(message(text))

    assert "<Message>" in answer.content.decode()
    row = Standing.objects.filter(channel="sms").first()
    assert (row and row.state) == state


def test_the_query_of_the_address_is_signed_too():
    assert post(message(), path=f"{PATH}?tenant=1").status_code == 200


def test_delivered_again_it_changes_nothing():
    post(message())

    again = post(message())

    assert again.status_code == 200
    assert "<Message>" not in again.content.decode()
    assert Event.objects.count() == 1


def test_an_old_message_replayed_does_not_undo_what_came_after():
    post(message("START", MessageSid="SM" + "2" * 32))
    post(message("STOP", MessageSid="SM" + "3" * 32))

    post(message("START", MessageSid="SM" + "2" * 32))

    assert Standing.objects.get(channel="sms").state == "opt_out"


# --- what is refused ----------------------------------------------------------
@pytest.mark.parametrize(
    ("changed", "status", "sentence"),
    [
        ({"sign": "forged"}, 403, "signature does not match"),
        ({"sign": signature(message(), token="another")}, 403, "signature"),
        ({"body": urlencode(message("hello"))}, 403, "signature"),
        ({"content_type": "text/plain"}, 415, "a different content type"),
        ({"content_type": "application/json"}, 403, "signature"),
        ({"body": b"\xff\xfe=%zz%ff"}, 400, "not a message"),
        ({"body": b""}, 415, "a different content type"),
        ({"body": b"a" * 10_485_760}, 413, "larger than any message"),
        ({"path": "/webhooks/pigeon"}, 404, "no messages from a carrier"),
        ({"fields": message(From="ACME")}, 400, "not a phone number"),
        ({"fields": message(From="12345")}, 400, "not a phone number"),
        ({"fields": message(From="+1202555CALL")}, 400, "not a phone number"),
        ({"fields": message(From="+9992025550117")}, 400, "not a phone number"),
        ({"fields": message(MessageSid="x")}, 400, "not a message"),
    ],
)
def test_one_plain_sentence_and_no_row(changed, status, sentence, caplog):
    caplog.set_level("DEBUG")

    answer = post(**({"fields": message()} | changed))

    assert answer.status_code == status
    text = answer.content.decode()
    assert sentence in text
    assert text.count("\n") == 1
    assert answer["Content-Type"].startswith("text/plain")
    assert nothing_changed()
    assert "555" not in caplog.text
    assert "555" not in text


def test_without_a_secret_nothing_is_trusted(settings):
    settings.CARRIER_SECRETS = {"TWILIO_AUTH_TOKEN": []}

    answer = post(message())

    assert answer.status_code == 503
    assert "no secret for this carrier" in answer.content.decode()
    assert nothing_changed()


@pytest.mark.parametrize("method", ["head", "put", "delete", "options"])
def test_no_other_method_than_get_and_post(method):
    assert getattr(Client(), method)(PATH).status_code == 405


def test_a_stop_leaves_no_number_in_the_logs(caplog):
    caplog.set_level("DEBUG")

    post(message())

    ours = [row for row in caplog.records if not row.name.startswith("django.db")]
    assert "0117" not in "".join(row.getMessage() for row in ours)


# --- all at once --------------------------------------------------------------
def at_once(count, work):
    def run(each):
        try:
            work(each)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[each]) for each in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.django_db(transaction=True)
def test_twenty_deliveries_at_once_leave_one_event_and_one_answer():
    answers = []

    at_once(20, lambda _: answers.append(post(message())))

    assert [answer.status_code for answer in answers] == [200] * 20
    replied = [answer for answer in answers if b"<Message>" in answer.content]
    assert len(replied) == 1
    assert Event.objects.count() == InboundMessage.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_many_stops_of_one_person_at_once_are_confirmed_once(now):
    answers = []

    at_once(8, lambda each: answers.append(post(message(MessageSid=f"SM{each:032x}"))))

    assert sum(b"<Message>" in answer.content for answer in answers) == 1
    assert Event.objects.count() == 8
    mark = identifiers.phone(ADA)
    last = Event.objects.order_by("-occurred_at").first().occurred_at
    assert not check.may_contact(mark, channel="sms", now=last).allowed
