"""Nobody who asked waits without knowing: a receipt, its page, and what is missing."""

import re

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db import IntegrityError
from django.urls import reverse

from dsr import intake, links, mailbox, notices, receipts
from dsr.mailbox import queue
from dsr.models import Mail, Notice, Representative, Ticket
from privacy import audit, identifiers
from tests.dsr.factories import ADA, ADAS_MAIL, NOW, asked, vouched
from tests.dsr.mails import ADDRESS, mail

pytestmark = pytest.mark.django_db
LAWS = ("EU-GDPR", "UK-GDPR", "US-VA", "unspecified", "US-CA")
DELETE = "Under the GDPR please delete my personal data. My number is +12025550143."
MISSING = "before we are sure that it is you"


def read(raw, by="lena", at=NOW):
    """A mail that waits, read by somebody."""
    taken = Mail.objects.get(pk=mailbox.ingest(raw, by="mailbox", now=at).mail.pk)
    queue.read(mail=taken, reason="To decide", by=by, now=at)
    return taken


def opened(raw, **changed):
    facts = {
        "mail": read(raw, by=changed.get("by", "lena")),
        "rights": ["access"],
        "regime": "UK-GDPR",
        "marks": [identifiers.phone(ADA)],
        "received_at": NOW,
        "by": "lena",
        "now": NOW,
    }
    return queue.open_requests(**(facts | changed))[0]


@pytest.mark.parametrize("regime", LAWS)
def test_every_law_has_a_receipt_with_the_page_and_what_is_missing(regime, mailoutbox):
    ticket = asked("access", regime=regime, email=ADAS_MAIL, source="mail")

    assert [receipts.write_waiting(now=NOW) for _ in range(2)] == [1, 0]

    (letter,) = mailoutbox
    assert letter.to == [ADAS_MAIL]
    assert links.address_of(ticket) in letter.body
    assert MISSING in letter.body
    ticket.refresh_from_db()
    assert ticket.acknowledged_at == NOW


def test_a_mail_that_the_portal_opens_by_itself_is_answered(mailoutbox):
    mailbox.ingest(mail(DELETE), by="mailbox", now=NOW)
    receipts.write_waiting(now=NOW)

    (letter,) = mailoutbox
    assert (letter.to, Ticket.objects.get().regime) == ([ADDRESS], "EU-GDPR")
    assert re.search("/privacy/request/[A-Za-z0-9_-]{43}", letter.body)


def test_two_who_open_the_same_mail_open_one_request(mailoutbox):
    said = {"raw": mail("Hm.")}
    opened(**said)

    with pytest.raises(queue.OpenAlready):
        opened(**said, by="max")
    opened(**said, rights=["erasure"])
    opened(**said, marks=[identifiers.phone("+12025550188")])

    assert Ticket.objects.count() == 3


@pytest.mark.parametrize(
    ("headers", "to"),
    [
        ({}, [ADDRESS]),
        ({"From": "noreply@example.org"}, []),
        ({"Auto-Submitted": "auto-generated"}, []),
        ({"Return-Path": "<>"}, []),
    ],
)
def test_what_staff_open_is_answered_unless_a_program_wrote(headers, to, mailoutbox):
    opened(mail("What of mine is with you?", **headers))
    receipts.write_waiting(now=NOW)

    assert [address for letter in mailoutbox for address in letter.to] == to


def test_nothing_is_said_to_be_missing_where_nothing_is(mailoutbox):
    vouched(asked("access", email=ADAS_MAIL))
    asked("opt_out_sale", email="ben@example.com")  # no proof may be asked for
    receipts.write_waiting(now=NOW)

    assert len(mailoutbox) == 2
    assert not any(MISSING in letter.body for letter in mailoutbox)


@pytest.mark.parametrize(
    ("capacity", "word"),
    [("agent", "signed permission"), ("parent", "birth cert"), ("executor", "death")],
)
def test_who_asks_for_somebody_else_is_asked_for_what_lets_them(
    capacity, word, mailoutbox
):
    ticket = asked("access", regime="EU-GDPR", email="agent@example.org")
    Representative.objects.create(
        ticket=ticket, capacity=capacity, details=audit.canonical({})
    )
    receipts.write_waiting(now=NOW)

    assert word in mailoutbox[0].body


def test_whose_address_is_a_street_gets_a_letter_to_print(mailoutbox):
    marks = [identifiers.phone(ADA)]
    (ticket,) = intake.receive(
        rights=["access"],
        regime="EU-GDPR",
        marks=marks,
        received_at=NOW,
        source="post",
        by="lena",
        now=NOW,
        post="1 Sample Street",
    )
    receipts.write_waiting(now=NOW)

    assert [row.ticket for row in notices.to_post()] == [ticket]
    assert mailoutbox == []


def test_a_worker_that_dies_before_the_letter_leaves_it_to_the_next(
    mailoutbox, monkeypatch
):
    asked("access", regime="EU-GDPR", email=ADAS_MAIL)
    with monkeypatch.context() as patch:
        patch.setattr(notices, "send_waiting", lambda **_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            receipts.write_waiting(now=NOW)

    receipts.write_waiting(now=NOW)
    sent = [notices.send_waiting(ticket=t, now=NOW) for t in notices.unsent()]

    assert (sent, len(mailoutbox)) == ([1], 1)


def test_a_request_has_one_receipt_and_one_page():
    ticket = asked("access", regime="EU-GDPR", email=ADAS_MAIL)
    token = links.make(ticket=ticket, language="en", now=NOW)
    receipts.write_waiting(now=NOW)

    assert links.secret_of(ticket) == token
    assert ticket.links.count() == Notice.objects.count() == 1
    with pytest.raises(IntegrityError):
        receipts.give(ticket=ticket, language="en", now=NOW)


def test_what_staff_enter_wakes_the_worker(
    client, monkeypatch, django_capture_on_commit_callbacks
):
    woken = []
    monkeypatch.setattr("dsr.tasks.acknowledge.delay", lambda: woken.append(1))
    lena = User.objects.create_user("lena", is_staff=True)
    lena.groups.set([Group.objects.get(name="Legal")])
    client.force_login(lena)
    taken = read(mail("What of mine is with you?"))
    form = {
        "rights": ["access"],
        "regime": "UK-GDPR",
        "people": ADA,
        "received_at": "2026-11-24 09:00",
    }

    with django_capture_on_commit_callbacks(execute=True):
        path = reverse("admin:dsr_mail_open_request", args=[taken.pk])
        assert client.post(path, form).status_code == 302

    assert woken == [1]


@pytest.mark.parametrize("dry", [False, True])
def test_what_a_command_takes_in_wakes_the_worker(
    dry, tmp_path, monkeypatch, django_capture_on_commit_callbacks
):
    """Else it waited for the clock, and the desk said that nobody had told them."""
    woken = []
    monkeypatch.setattr("dsr.tasks.acknowledge.delay", lambda: woken.append(1))
    file = tmp_path / "a.eml"
    file.write_bytes(mail("What of mine is with you?"))
    entered = "--right", "access", "--regime", "UK-GDPR", "--phone", ADA

    with django_capture_on_commit_callbacks(execute=True):
        call_command("mail", "ingest", str(file), *["--dry-run"] * dry)
        if not dry:
            call_command("dsr", "new", *entered)

    assert woken == ([] if dry else [1, 1])
