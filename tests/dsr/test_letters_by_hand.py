"""Letters that no machine can send: where they go, who prints them, when they went."""

import datetime as dt
import json

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format

from dsr import intake, links, messages, notices, receipts, requests
from dsr.models import Notice, Ticket
from privacy import identifiers
from privacy.models import AuditEvent
from tests.dsr.factories import ADA, ADAS_MAIL, LENA, asked, vouched
from tests.privacy.factories import ARI, SAM, signed_in

pytestmark = pytest.mark.django_db
LIST = "admin:dsr_ticket_by_hand"
HOME = "1 Example Street\nSampletown"


def refused(**asks):
    now = timezone.now()
    facts = {"regime": "EU-GDPR", "received_at": now, "now": now} | asks
    ticket = vouched(asked("restriction", **facts))
    requests.refuse(
        ticket=ticket, reason="No.", ground="UNFOUNDED", by=LENA, now=timezone.now()
    )
    return Notice.objects.get(ticket=ticket)


def written_to_her_house():
    now = timezone.now()
    (ticket,) = intake.receive(
        rights=["restriction"], regime="EU-GDPR", marks=[identifiers.phone(ADA)],
        received_at=now, source="post", by=LENA, now=now, name="Ada Sample", post=HOME,
        known_by="Her signature", language="de",
    )  # fmt: skip
    requests.refuse(ticket=ticket, reason="No.", ground="UNFOUNDED", by=LENA, now=now)
    return Notice.objects.get(ticket=ticket)


def settled(client, notice, **form):
    path = reverse("admin:dsr_ticket_settle", args=[notice.ticket_id])
    form = {"notice": notice.pk, "was": "by_hand"} | form
    answer = client.post(path, form, follow=True)
    notice.refresh_from_db()
    return answer.text


def tile(client):
    today = client.get(reverse("admin:index")).context["today"]
    return [(url, n) for label, url, n in today if label.startswith("Print and send")]


def test_a_letter_that_no_machine_can_send_is_a_task_until_somebody_sent_it():
    refused(marks=[identifiers.email(ADAS_MAIL)])  # goes by mail
    notice = written_to_her_house()
    lena = signed_in(LENA)

    assert notices.to_post() == [notice]
    assert tile(lena) == [(reverse(LIST), 1)]
    listed = lena.get(reverse(LIST)).text
    assert str(notice.ticket) in listed
    assert "Ada Sample<br>1 Example Street<br>Sampletown" in listed

    path = reverse("admin:dsr_ticket_printed", args=[notice.ticket_id])
    printed = lena.get(path, {"letter": notice.pk}).text
    assert "Sampletown" in printed
    assert 'lang="de"' in printed
    assert notice.text.open().split("\n")[0] in printed
    with translation.override("de"):
        assert date_format(timezone.localdate(), "DATE_FORMAT") in printed

    said = settled(lena, notice, list="yes")
    assert "Noted: it was sent by hand." in said
    assert "No letter waits for a person." in said
    assert tile(lena) == [(reverse(LIST), 0)]


def test_only_the_letters_of_the_ticket_are_printed_from_it():
    mine, other = written_to_her_house(), refused()
    path = reverse("admin:dsr_ticket_printed", args=[mine.ticket_id])

    for wrong in (other.pk, "", "x"):
        assert signed_in(LENA).get(path, {"letter": wrong}).status_code == 404
    assert signed_in(SAM).get(path, {"letter": mine.pk}).status_code == 403
    assert signed_in(SAM).get(reverse(LIST)).status_code == 403
    assert "I have sent it" not in signed_in(ARI).get(reverse(LIST)).text


def test_the_day_on_which_it_went_is_stored_and_recorded(settings):
    notice = refused()
    written = timezone.now() - dt.timedelta(days=5)
    Notice.objects.update(written_at=written)
    lena, today = signed_in(LENA), timezone.localdate()

    for day in (today + dt.timedelta(days=1), today - dt.timedelta(days=9), "soon"):
        said = settled(lena, notice, on=day)
        assert "between the day on which it was written and today" in said
        assert notice.sent_at is None
    settled(lena, notice, on=today - dt.timedelta(days=2))

    assert timezone.localdate(notice.sent_at) == today - dt.timedelta(days=2)
    event = AuditEvent.objects.get(action="notice.sent_by_hand")
    assert dt.datetime.fromisoformat(sent_of(event)) == notice.sent_at


def sent_of(event):
    return json.loads(event.payload)["details"]["sent"]


FORM = {
    "rights": ["erasure"],
    "regime": "US-CA",
    "phone": "(202) 555-0143",
    "received_at": "2026-11-23 09:00",
    "source": "post",
}


@pytest.mark.parametrize(
    ("said", "email", "post"),
    [
        ({}, "", ""),
        ({"email": ADAS_MAIL}, ADAS_MAIL, ""),  # of which an erasure leaves nothing
        ({"email": ADAS_MAIL, "reply_to": "b@example.org"}, "b@example.org", ""),
        ({"email": ADAS_MAIL, "post": HOME}, "", HOME),
        ({"post": HOME}, "", HOME),
    ],
)
def test_staff_say_where_we_answer(said, email, post):
    signed_in(LENA).post(reverse("admin:dsr_ticket_receive"), FORM | said)

    stored = json.loads(Ticket.objects.get().requester.open())

    assert stored["email"] == email
    assert stored.get("post", "").splitlines() == post.splitlines()


def test_who_wants_letters_by_post_gets_no_mail_about_them():
    form = FORM | {"email": ADAS_MAIL, "post": HOME}
    signed_in(LENA).post(reverse("admin:dsr_ticket_receive"), form)

    assert notices.address_of(Ticket.objects.get()) == ""


def test_a_message_that_reaches_nobody_is_listed_until_it_was_sent():
    now = timezone.now()
    told = {"regime": "EU-GDPR", "received_at": now, "now": now}
    silent, mailed = asked(**told), asked(email="ada@example.com", **told)
    reading = asked(**told)
    links.make(ticket=reading, language="en", now=now)
    for each in (silent, mailed, reading):
        messages.write(ticket=each, text="Which number is it?", by=LENA, now=now)
    lena = signed_in(LENA)

    (message,) = messages.to_post()
    assert message.ticket == silent
    assert "Messages that nobody can read" in lena.get(reverse(LIST)).text
    assert tile(lena) == [(reverse(LIST), 1)]

    path = reverse("admin:dsr_ticket_mailed", args=[silent.pk])
    form = {"message": message.pk, "was": "by_hand"}
    said = lena.post(path, form, follow=True).text
    again = lena.post(path, form, follow=True).text

    assert "Noted: it was sent by hand." in said
    assert "has been sent" in again
    assert messages.to_post() == []
    assert AuditEvent.objects.filter(action="message.sent_by_hand").count() == 1


def test_a_receipt_that_only_a_person_can_give_is_listed_until_it_was_given():
    now = timezone.now()
    by_phone = asked("access", received_at=now, now=now)
    asked("access", received_at=now, now=now, email="ada@example.com")
    lena = signed_in(LENA)

    assert receipts.to_tell() == [by_phone]
    assert tile(lena) == [(reverse(LIST), 1)]
    assert "Receipts to confirm" in lena.get(reverse(LIST)).text

    lena.post(reverse("admin:dsr_ticket_acknowledged", args=[by_phone.pk]))
    assert receipts.to_tell() == []
