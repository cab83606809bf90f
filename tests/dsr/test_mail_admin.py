"""The queue of mails on the screen: added, read with a reason, decided, recorded."""

import datetime as dt
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from consent.models import Event
from dsr import mailbox, tickets
from dsr.models import Mail, Ticket
from privacy import identifiers
from privacy.models import AuditEvent, Hold
from tests.dsr.factories import asked
from tests.dsr.mails import ADDRESS, mail, of
from tests.privacy.factories import ARI, LENA, MAX, SAM, signed_in

pytestmark = pytest.mark.django_db
Verdict = Mail.Verdict
BEN = "+12025550117"
UNCLEAR = "My wardrobe is blue. You can reach me at (202) 555-0143."
REASON = {"reason": "To decide what to do with it"}
DECISIONS = ["open_request", "join", "opt_out", "hold", "set_aside", "download"]


def url(name, *args):
    return reverse(f"admin:dsr_mail_{name}", args=args)


def text(answer):
    return answer.content.decode()


@pytest.fixture
def waiting(now):
    return mailbox.ingest(mail(UNCLEAR), by="mailbox", now=now).mail


@pytest.fixture
def lena():
    return signed_in(LENA)


@pytest.fixture
def read(lena, waiting):
    """The mail that waits, after Lena has read it."""
    lena.post(url("read", waiting.pk), REASON)
    return waiting


# --- the list -------------------------------------------------------------------
def test_the_list_reads_no_mail(lena, waiting):
    with CaptureQueriesContext(connection) as asked:
        lena.get(url("changelist"))

    assert any('"dsr_mail"."verdict"' in each["sql"] for each in asked)
    assert not any('"dsr_mail"."raw"' in each["sql"] for each in asked)


def test_the_mails_that_wait_come_first_and_the_others_are_one_step_away(
    lena, waiting, now
):
    mailbox.ingest(of("v123_spam"), by="mailbox", now=now)

    first, all_ = (
        text(lena.get(url("changelist"))),
        text(lena.get(url("changelist"), {"became": "all"})),
    )

    assert "Mails waiting" in first
    assert "No rule recognises" in first
    assert "spam" not in first
    assert "spam" in all_


def test_what_legal_must_read_has_a_list_of_its_own(lena, waiting, now):
    mailbox.ingest(of("v113_subpoena"), by="mailbox", now=now)

    shown = text(lena.get(url("changelist"), {"became": "legal"}))

    assert "legal process" in shown
    assert "No rule recognises" not in shown


def test_neither_list_nor_mail_shows_what_is_sealed(lena, waiting):
    for shown in (url("changelist"), url("change", waiting.pk)):
        page = text(lena.get(shown))
        assert "wardrobe" not in page
        assert ADDRESS not in page
        assert "0143" not in page


# --- add ------------------------------------------------------------------------
def test_a_mail_that_came_another_way_is_added_from_its_file(lena):
    file = SimpleUploadedFile("it.eml", mail("CCPA: please delete my data."))

    lena.post(url("add"), {"file": file})

    assert Ticket.objects.get().opened_by == LENA
    assert Mail.objects.get().verdict == Verdict.REQUEST


@pytest.mark.parametrize(
    ("content", "sentence"), [(b"junk", "not an e-mail"), (b"", "empty")]
)
def test_a_file_that_is_no_mail_is_refused_beside_the_field(lena, content, sentence):
    answer = lena.post(url("add"), {"file": SimpleUploadedFile("it.eml", content)})

    assert sentence in text(answer)
    assert not Mail.objects.exists()


def test_a_mail_that_is_added_twice_is_there_once(lena):
    raw = mail("CCPA: please delete my data.")
    for _ in range(2):
        lena.post(url("add"), {"file": SimpleUploadedFile("it.eml", raw)})

    assert (Mail.objects.count(), Ticket.objects.count()) == (1, 1)


# --- read -----------------------------------------------------------------------
def test_a_mail_is_read_with_a_reason_that_is_recorded(lena, waiting):
    refused = text(lena.post(url("read", waiting.pk), {"reason": "x"}))
    shown = lena.post(url("read", waiting.pk), REASON)

    assert "wardrobe" not in refused
    assert "wardrobe" in text(shown)
    assert "no-store" in shown.headers["Cache-Control"]
    trail = AuditEvent.objects.get(action="mail.read")
    assert (trail.by, trail.subject) == (LENA, f"mail:{waiting.pk}")


def test_only_reading_is_offered_to_who_has_not_read_it(lena, waiting):
    before = text(lena.get(url("change", waiting.pk)))
    lena.post(url("read", waiting.pk), REASON)
    after = text(lena.get(url("change", waiting.pk)))

    for name in ("open_request", "join", "set_aside", "download"):
        address = url(name, waiting.pk)
        assert (address in before, address in after) == (False, True), name


def test_what_strangers_write_is_never_taken_for_a_page(lena, now):
    row = mailbox.ingest(of("v149_formula"), by="mailbox", now=now).mail

    shown = text(lena.post(url("read", row.pk), REASON))

    assert "<script>alert" not in shown
    assert "&lt;script&gt;" in shown
    assert "{{ settings.SECRET_KEY }}" in shown


@pytest.mark.parametrize("name", DECISIONS)
def test_nobody_decides_about_a_mail_that_they_have_not_read(waiting, name):
    signed_in(LENA).post(url("read", waiting.pk), REASON)
    max_ = signed_in(MAX)

    shown = text(max_.get(url(name, waiting.pk), follow=True))

    assert "Read the mail first" in shown
    assert "0143" not in shown


@pytest.mark.parametrize("name", ["read", *DECISIONS])
@pytest.mark.parametrize("person", [SAM, ARI])
def test_who_may_not_settle_mails_may_not_read_them(waiting, person, name):
    assert signed_in(person).get(url(name, waiting.pk)).status_code == 403
    assert signed_in(person).post(url(name, waiting.pk), REASON).status_code == 403


def test_who_may_not_settle_mails_may_not_add_one():
    assert signed_in(SAM).get(url("add")).status_code == 403


# --- decide ---------------------------------------------------------------------
def test_the_form_of_a_request_is_filled_in_with_what_was_read(lena, read):
    shown = text(lena.get(url("open_request", read.pk)))

    assert "+12025550143" in shown
    assert ADDRESS in shown
    assert 'value="2026-11-02 10:00:00"' in shown


def test_a_person_opens_a_request_for_each_right(lena, read):
    lena.post(
        url("open_request", read.pk),
        {
            "rights": ["access", "erasure"],
            "regime": "US-CA",
            "people": "(202) 555-0143\n",
            "received_at": "2026-11-02 10:00",
        },
    )

    read.refresh_from_db()
    assert {ticket.right for ticket in read.tickets.all()} == {"access", "erasure"}
    assert (read.verdict, read.settled_by) == (Verdict.REQUEST, LENA)
    assert AuditEvent.objects.filter(action="mail.request", by=LENA).exists()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"rights": []}, "required"),
        ({"people": "me\n"}, "Line 1"),
        ({"received_at": "2099-01-01 10:00"}, "received in the future"),
    ],
)
def test_a_bad_form_is_one_sentence_and_opens_nothing(lena, read, change, sentence):
    form = {
        "rights": ["erasure"],
        "regime": "US-CA",
        "people": "(202) 555-0143",
        "received_at": "2026-11-02 10:00",
    }

    answer = lena.post(url("open_request", read.pk), form | change)

    assert sentence in text(answer)
    assert not Ticket.objects.exists()


def test_a_mail_is_joined_to_the_request_that_it_belongs_to(lena, read, now):
    known = mailbox.ingest(mail("CCPA: delete my data"), by="mailbox", now=now)
    ticket = known.mail.tickets.get()

    missing = lena.post(url("join", read.pk), {"reference": "R-1999-000001"})
    lena.post(url("join", read.pk), {"reference": str(ticket)})

    read.refresh_from_db()
    assert "no request with that number" in text(missing)
    assert (read.verdict, read.tickets.get()) == (Verdict.FOLLOW_UP, ticket)


def test_the_sender_s_own_requests_come_first_and_the_open_one_is_filled_in(
    lena, waiting, now
):
    """A reply without a thread and without a number."""
    facts = {"marks": [identifiers.email(ADDRESS)], "by": LENA, "now": now}
    older, open_, closed = [
        asked("access", received_at=now - dt.timedelta(days=days), **facts)
        for days in (9, 5, 1)
    ]
    tickets.withdraw(ticket=closed, reason="She called", by=LENA, now=now)
    asked("access", received_at=now, **(facts | {"marks": [identifiers.phone(BEN)]}))

    shown = text(lena.post(url("read", waiting.pk), REASON))
    form = text(lena.get(url("join", waiting.pk)))
    chosen = text(lena.get(url("join", waiting.pk), {"to": str(older)}))
    stranger = text(lena.get(url("join", waiting.pk), {"to": '"><b>'}))

    offered = re.findall(r"Add to (R-\d+-\d+)", shown)
    assert offered == [str(each) for each in (open_, older, closed)]
    assert f'value="{open_}"' in form
    assert f'value="{older}"' in chosen
    assert f'value="{open_}"' in stranger
    assert "<b>" not in stranger


def test_an_opt_out_that_a_person_read_is_recorded(lena, read):
    lena.post(url("opt_out", read.pk), {"who": "(202) 555-0143"})

    read.refresh_from_db()
    event = Event.objects.get()
    assert read.verdict == Verdict.OPT_OUT
    assert identifiers.value(event.identifier).value == "+12025550143"
    assert event.recorded_by == LENA


def test_a_mail_is_set_aside_with_a_reason_and_once(lena, read):
    lena.post(url("set_aside", read.pk), {"reason": "x"})
    assert Mail.objects.get().verdict == Verdict.QUEUE
    lena.post(url("set_aside", read.pk), {"reason": "It asks for nothing."})

    read.refresh_from_db()
    assert (read.verdict, read.decision) == (Verdict.SET_ASIDE, "It asks for nothing.")
    assert AuditEvent.objects.filter(action="mail.set_aside", by=LENA).exists()


def test_what_became_a_request_is_not_set_aside(lena, read):
    lena.post(url("opt_out", read.pk), {"who": "(202) 555-0143"})

    answer = lena.post(url("set_aside", read.pk), {"reason": "It asks for nothing."})

    assert "already dealt with this mail" in text(answer)


def test_a_preservation_letter_can_start_a_hold_and_waits_on(lena, now):
    row = mailbox.ingest(of("v112_preservation"), by="mailbox", now=now).mail
    lena.post(url("read", row.pk), REASON)
    filled = text(lena.get(url("hold", row.pk)))

    form = {"matter": "Case 26-118", "people": "+44 20 7946 0133"}
    lena.post(url("hold", row.pk), form)

    row.refresh_from_db()
    held = Hold.objects.get(matter="Case 26-118").identifiers.get()
    assert "+442079460133" in filled
    assert identifiers.value(held).value == "+442079460133"
    assert row.verdict == Verdict.QUEUE


def test_the_whole_mail_can_be_taken_to_a_mail_program(lena, now):
    raw = of("v145_pdf_only")
    row = mailbox.ingest(raw, by="mailbox", now=now).mail
    lena.post(url("read", row.pk), REASON)

    answer = lena.get(url("download", row.pk))

    assert answer.content == raw
    assert "attachment" in answer.headers["Content-Disposition"]
    assert AuditEvent.objects.filter(action="mail.downloaded", by=LENA).exists()
