"""However a request comes in, who asks for somebody else is recorded, and asked."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from dsr import attachments, identity, intake, mailbox, notices, receipts
from dsr.mailbox import queue
from dsr.models import Mail, Representative, Ticket, Upload
from dsr.representatives import Acting, UnknownCapacity
from privacy import apikeys, identifiers
from tests.dsr.factories import ADA, ADAS_MAIL, NOW
from tests.dsr.mails import ADDRESS, mail

pytestmark = pytest.mark.django_db
AGENT = "agent@example.org"
PERMISSION = "may act for them (signed permission)"


def received(acting, **changed):
    facts = {
        "rights": ["erasure", "access"],
        "regime": "EU-GDPR",
        "marks": [identifiers.phone(ADA), identifiers.email(ADAS_MAIL)],
        "received_at": NOW,
        "source": "post",
        "by": "lena",
        "now": NOW,
        "acting": acting,
    }
    return intake.receive(**(facts | changed))


def missing(ticket):
    return " ".join(identity.standing(ticket).missing)


def test_the_permission_is_asked_for_each_right_and_letters_go_to_who_asks(mailoutbox):
    opened = received(Acting("agent", "Al Agent", email=AGENT), email=AGENT)
    receipts.write_waiting(now=NOW)

    assert all(PERMISSION in missing(ticket) for ticket in opened)
    (letter,) = mailoutbox
    assert (letter.to, "signed permission" in letter.body) == ([AGENT], True)


@pytest.mark.parametrize("may_act", [False, True])
def test_who_knows_the_person_has_not_therefore_seen_a_permission(may_act):
    acting = Acting("agent", "Al Agent", may_act=may_act)
    ticket, _ = received(acting, known_by="We called her")

    assert identity.standing(ticket).is_enough is may_act


def test_no_letter_goes_to_an_address_that_an_agent_only_names(mailoutbox):
    acting = Acting("agent", "Al Agent")
    silent, written = received(acting), received(acting, name="Ada", post="1 Sample St")
    silent, written = (Ticket.objects.get(pk=each[0].pk) for each in (silent, written))
    assert notices.address_of(silent) == ""
    assert notices.envelope_of(written) == "Al Agent\n1 Sample St"

    receipts.write_waiting(now=NOW)
    assert mailoutbox == []


def test_a_capacity_that_there_is_not_opens_nothing():
    with pytest.raises(UnknownCapacity):
        received(Acting("neighbour"))
    assert not Ticket.objects.exists()


FOR_A_CLIENT = "We act as authorized agent of Ada, +12025550143. Erase her data."


def test_a_mail_of_an_agent_proposes_that_and_asks_for_the_permission(lena):
    taken = mailbox.ingest(mail(FOR_A_CLIENT), by="mailbox", now=NOW).mail
    assert taken.verdict == Mail.Verdict.QUEUE
    page = reverse("admin:dsr_mail_open_request", args=[taken.pk])
    row = Mail.objects.get(pk=taken.pk)
    queue.read(mail=row, reason="To decide", by="lena", now=NOW)
    assert '<option value="agent" selected>' in lena.get(page).text

    form = {
        "rights": ["erasure"],
        "regime": "US-CA",
        "people": ADA,
        "capacity": "agent",
        "received_at": "2026-11-24 09:00",
    }
    assert lena.post(page, form).status_code == 302

    ticket = Ticket.objects.get()
    assert PERMISSION in missing(ticket)
    assert notices.address_of(ticket) == ADDRESS
    assert Representative.objects.get().capacity == "agent"


def test_what_an_agent_sends_along_is_kept_as_what_lets_them_act():
    ticket, _ = received(Acting("parent", email=ADDRESS), email=ADDRESS)
    raw = mail(
        "--b\nContent-Type: text/plain\n\nHere it is.\n--b\nContent-Type: "
        'application/pdf\nContent-Disposition: attachment; filename="birth.pdf"\n\n'
        "%PDF-1.7 certificate\n--b--",
        **{"Subject": f"Re: {ticket}", "Content-Type": "multipart/mixed; boundary=b"},
    )
    taken = mailbox.ingest(raw, by="mailbox", now=NOW).mail
    attachments.file(mail=Mail.objects.get(pk=taken.pk), now=NOW)

    assert Upload.objects.get().purpose == Upload.Purpose.AUTHORITY


LETTER = {
    "rights": ["erasure"],
    "regime": "US-CA",
    "phone": ADA,
    "received_at": "2026-11-24 09:00",
    "source": "post",
    "capacity": "executor",
    "acting_name": "Eve Executor",
    "post": "1 Sample Street",
}


def test_staff_enter_who_asks_with_every_page_of_the_letter(lena):
    scans = [SimpleUploadedFile(f"{n}.pdf", b"%PDF-1.7 page") for n in (1, 2)]
    page = reverse("admin:dsr_ticket_receive")

    assert lena.post(page, LETTER | {"scan": scans}).status_code == 302

    assert "letters of administration" in missing(Ticket.objects.get())
    purposes = Upload.objects.values_list("purpose", flat=True)
    assert list(purposes) == [Upload.Purpose.AUTHORITY] * 2


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"capacity": ""}, "Say as what they ask"),
        ({"may_act": "on"}, "Say what you have seen"),
        ({"capacity": "neighbour"}, "Select a valid choice"),
    ],
)
def test_half_of_it_is_refused_in_words(lena, changed, words):
    page = reverse("admin:dsr_ticket_receive")

    assert words in lena.post(page, LETTER | changed).text
    assert not Ticket.objects.exists()


def test_a_partner_says_who_asks(client):
    scopes = ["requests:write"]
    secret = apikeys.create(name="crm", scopes=scopes, by="pia", now=timezone.now())
    asked = {
        "rights": ["erasure"],
        "regime": "EU-GDPR",
        "phones": [ADA],
        "reply_to": AGENT,
        "verified": True,
        "acting": {"capacity": "agent", "name": "Al Agent"},
    }
    made = client.post(
        "/api/v1/requests",
        asked,
        content_type="application/json",
        headers={"Authorization": f"Bearer {secret}"},
    )

    assert made.status_code == 201
    ticket = Ticket.objects.get()
    assert PERMISSION in missing(ticket)
    assert notices.correspondents(ticket) == {AGENT}


def test_a_command_says_who_asks():
    call_command(
        "dsr", "new", "--right", "erasure", "--regime", "CCPA", "--phone", ADA,
        "--acting", "agent", "--acting-name", "Al", "--reply-to", AGENT,
    )  # fmt: skip

    assert PERMISSION in missing(Ticket.objects.get())
