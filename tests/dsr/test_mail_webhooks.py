"""Mail that a provider hands on: taken once when it is signed, and no row when not."""

import base64
import hashlib
import hmac
import json

import pytest
from django.urls import reverse

from dsr import webhooks
from dsr.models import Mail, Ticket
from tests.dsr.mails import mail

pytestmark = pytest.mark.django_db
KEY = "key-of-the-provider"
DELETE = "Under the CCPA please delete my personal data. My number is (202) 555-0143."


@pytest.fixture(autouse=True)
def secrets(settings):
    settings.ANYMAIL = {
        "WEBHOOK_SECRET": ["portal:long-password"],
        "MAILGUN_WEBHOOK_SIGNING_KEY": KEY,
        "MAILERSEND_INBOUND_SECRET": KEY,
        "POSTAL_WEBHOOK_KEY": "",
    }


def mailgun(raw, key=KEY, **changed):
    token, stamp = "t" * 50, "1795000000"
    said = hmac.new(key.encode(), f"{stamp}{token}".encode(), hashlib.sha256)
    return {
        "token": token,
        "timestamp": stamp,
        "signature": said.hexdigest(),
        "sender": "somebody@example.org",
        "recipient": "privacy@msgplatform.example",
        "body-mime": raw.decode(),
    } | changed


def test_a_signed_mail_is_taken_once_and_becomes_a_request(client):
    said = mailgun(mail(DELETE))

    for _ in range(2):
        assert client.post("/webhooks/mail/mailgun", said).status_code == 200

    assert Mail.objects.count() == 1
    ticket = Ticket.objects.get()
    assert (ticket.right, ticket.regime, ticket.source) == ("erasure", "US-CA", "mail")


@pytest.mark.parametrize(
    "changed",
    [
        {"signature": "0" * 64},
        {"timestamp": "1795000001"},
        {"token": ""},
        {"signature": ""},
    ],
)
def test_a_wrong_signature_leaves_no_row(client, changed):
    answer = client.post("/webhooks/mail/mailgun", mailgun(mail(DELETE), **changed))

    assert answer.status_code == 403
    assert not Mail.objects.exists()


def test_a_provider_without_its_secret_lets_nobody_in(client, settings):
    settings.ANYMAIL = {**settings.ANYMAIL, "MAILGUN_WEBHOOK_SIGNING_KEY": ""}
    said = mailgun(mail(DELETE), key="")

    assert client.post("/webhooks/mail/mailgun", said).status_code == 403
    assert not Mail.objects.exists()


@pytest.mark.parametrize("name", ["nobody", "twilio", *webhooks.PROVIDERS])
def test_without_proof_no_provider_is_let_in(client, name):
    answer = client.post(
        f"/webhooks/mail/{name}", b"{}", content_type="application/json"
    )
    assert answer.status_code in (400, 403)
    assert not Mail.objects.exists()


def postmark(client, raw, known_as="portal:long-password"):
    told = base64.b64encode(known_as.encode()).decode()
    return client.post(
        "/webhooks/mail/postmark",
        json.dumps({"RawEmail": raw.decode(), "FromFull": {}, "Headers": []}),
        content_type="application/json",
        headers={"Authorization": f"Basic {told}"},
    )


def test_a_provider_that_signs_nothing_is_known_by_its_password(client):
    assert postmark(client, mail(DELETE), "portal:guess").status_code == 403
    assert not Mail.objects.exists()
    assert postmark(client, mail(DELETE)).status_code == 200
    assert Mail.objects.count() == 1


def test_a_mail_larger_than_other_requests_is_read(client):
    assert postmark(client, mail(DELETE + " x" * 800_000)).status_code == 200
    assert Mail.objects.count() == 1


@pytest.mark.parametrize("said", ["[]", "7", "null", '[1, {"a": null}]', "{", '{"a'])
@pytest.mark.parametrize("name", ["postmark", "mailjet", "amazon_ses", "sparkpost"])
def test_what_is_of_another_shape_is_no_error_of_ours(client, name, said):
    told = base64.b64encode(b"portal:long-password").decode()
    answer = client.post(
        f"/webhooks/mail/{name}",
        said,
        content_type="application/json",
        headers={"Authorization": f"Basic {told}"},
    )
    assert answer.status_code in (200, 400)
    assert not Mail.objects.exists()


class Unread:
    """A body that must not be touched."""

    def read(self, *_):
        raise AssertionError("It was read before it was known from whom it is.")

    readline = read


@pytest.mark.parametrize(
    ("name", "length", "status"),
    [
        ("postmark", 50_000_000, 403),
        ("mailersend", 50_000_000, 403),
        ("postal", 50_000_000, 403),
        ("mailgun", 70_000_000, 413),
        ("mailgun", 50_000_000, 403),
    ],
)
def test_who_shows_nothing_sends_nothing(client, settings, name, length, status):
    settings.ANYMAIL = {**settings.ANYMAIL, "POSTAL_WEBHOOK_KEY": KEY}
    answer = client.post(
        f"/webhooks/mail/{name}",
        b"",
        content_type="application/json",
        **{"wsgi.input": Unread(), "CONTENT_LENGTH": str(length)},
    )
    assert answer.status_code == status


def test_what_can_not_be_read_is_not_lost_and_waits_for_a_person(client, lena):
    """The provider tries it no second time, and keeps nothing."""
    for _ in range(2):
        answer = client.post("/webhooks/mail/mailgun", mailgun(b"no mail at all"))
        assert answer.status_code == 200

    kept = Mail.objects.get()
    assert (kept.verdict, kept.category) == ("queue", "unreadable")
    assert kept.reason.startswith("That is not an e-mail")

    def page(verb):
        return reverse(f"admin:dsr_mail_{verb}", args=[kept.pk])

    assert "it has no sender" in lena.post(page("read"), {"reason": "To see it"}).text
    assert b"no mail at all" in lena.get(page("download")).getvalue()
    lena.post(page("set_aside"), {"reason": "It was nothing"})
    kept.refresh_from_db()
    assert kept.verdict == "set_aside"


def test_what_the_provider_sends_half_is_an_error(client):
    said = mailgun(mail(DELETE), attachments="[]")
    assert client.post("/webhooks/mail/mailgun", said).status_code == 400
    assert not Mail.objects.exists()


def test_a_provider_may_look_whether_the_address_is_there(client):
    assert client.head("/webhooks/mail/mailgun").status_code == 200
    assert client.get("/webhooks/mail/mailgun").status_code == 405


def mailersend(client, signature):
    return client.post(
        "/webhooks/mail/mailersend",
        b"{}",
        content_type="application/json",
        headers={"Signature": signature},
    )


@pytest.mark.parametrize("signature", ["", "x", "0" * 63, "Z" * 64])
def test_what_is_no_signature_has_no_body_read(client, monkeypatch, signature):
    def read(*_):
        raise AssertionError("The body is read.")

    monkeypatch.setattr(webhooks, "_read", read)
    assert mailersend(client, signature).status_code == 403


def test_who_signs_wrongly_has_the_body_read_a_few_times_and_no_more(
    client, monkeypatch
):
    for _ in range(3):
        assert mailersend(client, "0" * 64).status_code == 403

    def read(*_):
        raise AssertionError("The body is read.")

    monkeypatch.setattr(webhooks, "_read", read)
    assert mailersend(client, "0" * 64).status_code == 429
