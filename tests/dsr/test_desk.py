"""The desk: each open ticket in one queue, a thousand of them fast."""

import datetime as dt
import re

import icalendar
import pytest
from django.contrib.admin import site
from django.contrib.auth.models import Group, User
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dsr import (
    desk,
    identity,
    intake,
    links,
    mailbox,
    messages,
    receipts,
    requests,
    tickets,
    uploads,
)
from dsr.desk import chores, letters, reminding
from dsr.models import (
    Assignment,
    Letter,
    Message,
    Note,
    Proof,
    Reminder,
    Representative,
    Task,
    Ticket,
)
from dsr.uploads import File
from privacy import audit, identifiers
from privacy.models import AuditEvent
from tests.dsr.factories import (
    ADA,
    ADAS_MAIL,
    LENA,
    MAX,
    NOW,
    asked,
    many,
    vouched,
)
from tests.dsr.mails import mail as mail_of

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
OF_A_PIECE = ("paper", "heard", "printed")  # about a paper, a recipient or a letter
ADAS = [identifiers.email(ADAS_MAIL)]


@pytest.fixture
def max_():
    user = User.objects.create_user("max", email="max@example.com", is_staff=True)
    user.groups.set([Group.objects.get(name="Legal")])
    return user


def page(verb, *args):
    return reverse(f"admin:dsr_ticket_{verb}", args=args)


def queue_of(ticket):
    (found,) = [p.queue for p in desk.placed(on=TODAY) if p.ticket == ticket]
    return found


# --- what to do next ------------------------------------------------------------------
def test_whom_nobody_told_what_is_missing_is_asked_and_then_waited_for(lena):
    by_phone, written = asked("access"), asked("access", regime="EU-GDPR")
    on_a_page = asked("access", source=Ticket.Source.FORM)
    assert queue_of(by_phone) == queue_of(written) == "ask"
    assert queue_of(on_a_page) == "person"
    for ticket in (by_phone, written):
        shown = lena.get(page("change", ticket.pk)).text
        assert "Ask them by letter" in shown
        assert "We told them by phone or on paper what is missing" in shown

    lena.post(page("acknowledged", by_phone.pk))
    messages.write(ticket=written, text="Who are you?", by=LENA, now=NOW)

    assert queue_of(by_phone) == queue_of(written) == "person"


def test_a_representative_or_a_shared_number_is_for_somebody_to_look_at():
    acting, shared = asked("access", source=Ticket.Source.FORM), asked("access")
    Representative.objects.create(
        ticket=acting, capacity="parent", details=audit.canonical({})
    )
    Proof.objects.create(
        ticket=shared,
        identifier=shared.identifiers.get(),
        method="text_in",
        state="confirmed",
        asked_at=NOW,
        expires_at=NOW,
        confirmed_at=NOW,
        checked_at=NOW,
        is_shared=True,
    )

    assert queue_of(acting) == queue_of(shared) == "identity"


def test_the_procedure_leads_from_queue_to_queue(town):
    ticket = vouched(asked("erasure"))
    assert queue_of(ticket) == "plan"
    requests.plan(ticket=ticket, by=LENA, now=NOW)
    assert queue_of(ticket) == "approve"
    requests.approve(ticket=ticket, by=MAX, now=NOW)
    assert queue_of(ticket) == "work"


def test_what_a_person_weighs_is_decided_and_what_is_at_once_is_under_way():
    assert queue_of(vouched(asked("objection", regime="EU-GDPR"))) == "decide"
    assert queue_of(asked("opt_out_sale")) == "work"


def test_who_writes_after_the_end_is_at_the_desk_until_somebody_has_read_it(lena):
    ticket = vouched(asked("erasure"))
    tickets.withdraw(ticket=ticket, reason="She said so.", by=LENA, now=NOW)
    late = TODAY + dt.timedelta(days=400)
    assert desk.placed(on=late) == []
    messages.write(ticket=ticket, text="And now?", now=NOW)

    (placed,) = desk.placed(on=late)
    assert (placed.queue, placed.left, placed.state) == ("answer", "closed", "calm")
    assert desk.look(queue="", whose="", on=late).late == 0
    assert str(ticket) in lena.get(page("desk")).text

    messages.conversation(ticket=ticket, by=LENA, now=NOW)
    assert desk.placed(on=late) == []


def test_a_mail_that_may_belong_to_it_is_on_the_page_of_the_ticket(lena):
    ticket = asked("access")
    taken = mailbox.ingest(
        mail_of("Hm.", Subject=f"Re: {ticket}"), by="mailbox", now=NOW
    ).mail

    shown = lena.get(page("change", ticket.pk)).text
    assert "1 mail that may belong to it waits to be read" in shown
    where = reverse("admin:dsr_mail_changelist") + f"?tickets__id__exact={ticket.pk}"
    assert where in shown
    assert reverse("admin:dsr_mail_change", args=[taken.pk]) in lena.get(where).text


def test_a_message_is_answered_first():
    ticket = vouched(asked("erasure"))
    messages.write(ticket=ticket, text="Hello?", now=NOW)
    assert queue_of(ticket) == "answer"

    messages.conversation(ticket=ticket, by=LENA, now=NOW)

    assert queue_of(ticket) == "plan"
    assert AuditEvent.objects.filter(action="conversation.read", by=LENA).exists()


@pytest.mark.parametrize(
    ("days", "state", "words"),
    [
        (-2, "late", "2 days late"),
        (0, "soon", "due today"),
        (3, "soon", "3 days left"),
        (10, "near", "10 days left"),
        (11, "calm", "11 days left"),
    ],
)
def test_time_left_is_words_as_well_as_a_colour(days, state, words):
    ticket = asked("access")
    day = ticket.due_date - dt.timedelta(days=days)
    (placed,) = desk.placed(on=day)

    assert (placed.state, placed.left) == (state, words)


# --- a thousand of them ---------------------------------------------------------------
@pytest.fixture
def thousand():
    return many(1000)


def test_pages_about_a_thousand_ask_less_than_twenty_queries(lena, thousand):
    own = [each for each in site.get_model_admin(Ticket).pages if not each.at_once]
    desks = ["changelist", *(each.name for each in own if each.on == "list")]
    tickets = ["change", "history"]
    tickets += [
        each.name for each in own if each.on == "object" and each.name not in OF_A_PIECE
    ]
    lists = [
        reverse("admin:dsr_ticket_desk") + "?queue=plan&whose=lena",
        reverse("admin:dsr_ticket_changelist") + "?q=R-2026-100007",
        reverse("admin:dsr_ticket_changelist") + "?q=%2B12025550143",
        reverse("admin:dsr_task_changelist"),
        reverse("admin:dsr_mail_changelist"),
    ]
    asked = {}
    for url in [
        *map(page, desks), *(page(verb, thousand[0].pk) for verb in tickets), *lists
    ]:  # fmt: skip
        with CaptureQueriesContext(connection) as queries:
            assert (url, lena.get(url).status_code) in [(url, 200), (url, 302)]
        asked[url] = len(queries)

    assert max(asked.values()) < 20, asked


def test_the_desk_sorts_a_thousand(lena, thousand):
    shown = lena.get(page("desk") + "?queue=plan&whose=lena").content.decode()

    counts = dict(re.findall(r"<strong>(\d+)</strong> ([\w ]+)</a>", shown)[::-1])
    assert counts["167"] == "Answer a message"
    assert counts["333"] == "Plan"
    assert "And 233 more" in shown


# --- many at once ---------------------------------------------------------------------
def test_ticked_requests_are_given_to_somebody(lena, max_):
    tickets = [asked("access"), asked("erasure")]
    form = {"do": "assign", "to": "max", "tickets": [t.pk for t in tickets]}

    said = lena.post(page("desk"), form).content.decode()

    assert "2 requests are now assigned to max" in said
    assert Assignment.objects.filter(to="max", by="lena").count() == 2
    assert AuditEvent.objects.filter(action="ticket.assigned").count() == 2


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"do": "assign", "to": "lena"}, "Tick at least one request"),
        ({"do": "assign", "to": "mallory", "tickets": True}, "Nobody with that name"),
        ({"do": "write", "tickets": True}, "Choose a letter"),
        ({"do": "dance", "tickets": True}, "dance"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(lena, form, sentence):
    ticket = asked("access")
    if "tickets" in form:
        form = form | {"tickets": [ticket.pk]}

    assert sentence in lena.post(page("desk"), form).content.decode()
    assert not Assignment.objects.exists()


def test_support_sees_the_desk_and_moves_nothing(client):
    sam = User.objects.create_user("sam", is_staff=True)
    sam.groups.set([Group.objects.get(name="Support")])
    client.force_login(sam)
    ticket = asked("access")

    assert client.get(page("desk")).status_code == 200
    form = {"do": "assign", "to": "sam", "tickets": [ticket.pk]}
    assert client.post(page("desk"), form).status_code == 403


# --- letters --------------------------------------------------------------------------
def test_a_letter_is_filled_in_with_the_facts_of_the_request():
    ticket = asked("access", name="Ada Sample")
    links.make(ticket=ticket, language="de", now=NOW)
    letter = letters.of(code="identity", language="de")

    text = letters.filled(letter=letter, ticket=ticket, now=NOW)

    assert str(ticket) in text
    assert "Meine Daten sehen" in text
    assert "/privacy/request/" in text
    assert "{" not in text


def stored(ticket):
    """As a page reads it: what is sealed is sealed."""
    return Ticket.objects.get(pk=ticket.pk)


def test_a_missing_fact_is_refused_by_name():
    ticket = stored(asked("access"))
    letter = letters.of(code="identity", language="en")

    with pytest.raises(letters.MissingFact, match="the address of the request page"):
        letters.filled(letter=letter, ticket=ticket, now=NOW)


def test_one_request_without_the_fact_stops_the_letter_for_all(lena):
    good, bad = stored(asked("access")), stored(asked("erasure"))
    links.make(ticket=good, language="en", now=NOW)

    with pytest.raises(letters.MissingFact, match=str(bad)):
        desk.write_each(tickets=[good, bad], code="identity", by=LENA, now=NOW)

    assert not Message.objects.exists()


def test_each_reads_a_letter_in_their_language(lena, mailoutbox):
    tickets = [asked("access", email="a@example.com"), asked("erasure")]
    for ticket, language in zip(tickets, ("fr", "es"), strict=True):
        links.make(ticket=ticket, language=language, now=NOW)
    letter = Letter.objects.get(code="progress", language="en")
    form = {"do": "write", "letter": letter.pk, "tickets": [t.pk for t in tickets]}

    said = lena.post(page("desk"), form).content.decode()
    messages.send_waiting(now=NOW)

    texts = sorted(m.text.open() for m in Message.objects.all())
    assert "2 people were written to" in said
    assert texts[0].startswith("Bonjour")
    assert texts[1].startswith("Hola")
    assert [letter.to for letter in mail.outbox] == [["a@example.com"]]


@pytest.mark.parametrize("text", ["{card_number}", "{0}", "{reference", "{}"])
def test_a_letter_has_only_places_that_we_can_fill_in(lena, text):
    form = {"title": "T", "code": "t", "language": "en", "text": text}

    answer = lena.post(reverse("admin:dsr_letter_add"), form)

    assert answer.status_code == 200
    assert not Letter.objects.filter(code="t").exists()


def test_every_letter_is_there_in_every_language():
    codes = set(Letter.objects.values_list("code", flat=True))

    assert Letter.objects.count() == 4 * len(codes)
    assert letters.load() == 0
    for letter in Letter.objects.all():
        assert letters.places(letter.text)


def test_a_letter_is_previewed_and_then_sent(lena, mailoutbox):
    ticket = asked("access", email="ada.writes@example.com")
    links.make(ticket=ticket, language="en", now=NOW)
    letter = letters.of(code="identity", language="en")

    preview = lena.get(page("write", ticket.pk) + f"?letter={letter.pk}")
    assert "/privacy/request/" in preview.content.decode()
    assert not Message.objects.exists()
    lena.post(page("write", ticket.pk), {"text": "Please show us who you are."})
    assert messages.send_waiting(now=NOW) == 1
    assert messages.send_waiting(now=NOW) == 0

    (sent,) = mail.outbox
    assert sent.to == ["ada.writes@example.com"]
    assert "Please show us who you are." in sent.body
    assert str(ticket) in sent.subject


def test_a_mail_server_that_is_down_loses_no_message(monkeypatch, mailoutbox):
    ticket = asked("access", email="ada.writes@example.com")
    messages.write(ticket=ticket, text="Hello", by=LENA, now=NOW)

    def away(self):
        raise ConnectionRefusedError

    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.backends.locmem.EmailBackend.open", away)
        assert messages.send_waiting(now=NOW) == 0

    assert messages.send_waiting(now=NOW) == 1


def test_whom_no_mail_reaches_keeps_nobody_else_waiting(monkeypatch, mailoutbox):
    monkeypatch.setattr(messages, "A_ROUND", 1)
    for email in ("", "ada.writes@example.com"):
        ticket = asked("access", email=email)
        messages.write(ticket=ticket, text="Hello", by=LENA, now=NOW)

    assert messages.send_waiting(now=NOW) == 1


# --- who it is, on its page -----------------------------------------------------------
def test_legal_decides_who_it_is_on_the_page(lena):
    ticket = asked("erasure", regime="EU-GDPR")
    shown = lena.get(page("who", ticket.pk)).content.decode()
    assert "0 of 1 proofs" in shown

    lena.post(page("who", ticket.pk), {"accepted": "yes", "reason": ""})
    assert not identity.standing(ticket).is_enough
    lena.post(page("who", ticket.pk), {"accepted": "yes", "reason": "Called back"})

    assert identity.standing(ticket).is_enough


def test_a_paper_is_an_attachment_and_opening_it_is_recorded(lena):

    ticket = asked("erasure")
    pdf = b"%PDF-1.7 x"
    (upload,) = uploads.keep(
        ticket=ticket,
        files=[File("Ada.pdf", pdf, len(pdf))],
        purpose="identity",
        now=NOW,
    )

    answer = lena.get(page("paper", ticket.pk) + f"?file={upload.pk}")

    assert answer.content == pdf
    assert "Ada" not in answer["Content-Disposition"]
    assert answer["Content-Disposition"].startswith("attachment")
    assert AuditEvent.objects.filter(action="upload.opened", by="lena").exists()
    other = asked("access", marks=ADAS)
    assert lena.get(page("paper", other.pk) + f"?file={upload.pk}").status_code == 404


# --- notes and tasks ------------------------------------------------------------------
def test_a_note_is_sealed_and_stands_on_the_page(lena):
    ticket = asked("access")
    lena.post(page("note", ticket.pk), {"text": "She called about Ada."})

    assert (
        "She called about Ada." in lena.get(page("change", ticket.pk)).content.decode()
    )
    assert "Ada" not in str(list(Note.objects.values()))


def test_a_task_goes_to_a_team_and_comes_back_done(lena, max_):
    ticket = asked("access")
    form = {
        "title": "Look in the archive",
        "team": "Privacy engineer",
        "due_date": dt.datetime.now(dt.UTC).date() + dt.timedelta(days=2),
    }
    lena.post(page("give", ticket.pk), form)
    task = Task.objects.get()
    where = reverse("admin:dsr_task_finish", args=[task.pk])
    lena.post(where, {"result": "Nothing was there"})

    task.refresh_from_db()
    assert (task.done_by, task.result) == ("lena", "Nothing was there")
    with pytest.raises(chores.AlreadyDone):
        chores.finish(task=task, result="Again", by=LENA, now=NOW)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"title": " "}, chores.NothingWritten),
        ({"team": "Cleaners"}, chores.NoSuchTeam),
        ({"owner": "mallory"}, chores.NoSuchOwner),
        ({"due_date": dt.date(2026, 11, 1)}, chores.InThePast),
    ],
)
def test_a_task_that_makes_no_sense_is_refused(change, refusal):
    facts = {"title": "T", "team": "Legal", "owner": "", "due_date": TODAY} | change

    with pytest.raises(refusal):
        chores.give(ticket=asked("access"), **facts, by=LENA, now=NOW)


# --- days -----------------------------------------------------------------------------
def test_a_month_has_what_is_due(lena):
    ticket = asked("access")

    shown = lena.get(page("month") + f"?month={ticket.due_date:%Y-%m}")
    nonsense = lena.get(page("month") + "?month=9999-99")

    assert str(ticket) in shown.content.decode()
    assert nonsense.status_code == 200


def test_the_feed_has_days_and_names_nobody(lena, client):
    ticket = asked("access", name="Ada Sample", email=ADAS_MAIL)
    facts = {"title": "T", "team": "Legal", "owner": "", "due_date": TODAY}
    chores.give(ticket=ticket, **facts, by=LENA, now=NOW)
    shown = lena.post(page("month")).content.decode()
    path = re.search(r"/calendar/[\w-]+\.ics", shown)[0]

    answer = client.get(path)

    assert answer["Content-Type"].startswith("text/calendar")
    read = icalendar.Calendar.from_ical(answer.content)
    answer_due, receipt, task = read.walk("VEVENT")
    assert answer_due.decoded("dtstart") == ticket.due_date
    assert str(ticket) in str(answer_due["summary"])
    assert receipt.decoded("dtstart") == ticket.acknowledge_date
    assert task.decoded("dtstart") == TODAY
    assert len({str(each["uid"]) for each in (answer_due, receipt, task)}) == 3
    assert "Ada" not in answer.content.decode()
    lena.post(page("month"))
    assert client.get(path).status_code == 404


def test_the_feed_of_whoever_left_is_no_longer_there(lena, client):
    shown = lena.post(page("month")).text
    path = re.search(r"/calendar/[\w-]+\.ics", shown)[0]
    assert client.get(path).status_code == 200

    User.objects.filter(username=LENA).update(is_active=False)

    assert client.get(path).status_code == 404


def test_whoever_has_it_is_reminded_once_an_occasion(lena, max_, mailoutbox):
    ticket = asked("access", marks=ADAS, regime="EU-GDPR")
    desk.assign(tickets=[ticket], to="max", by=LENA, now=NOW)
    week = _days_before(ticket, 7)

    assert reminding.remind(now=_days_before(ticket, 20)) == 0
    assert reminding.remind(now=week) == 1
    assert reminding.remind(now=week + dt.timedelta(hours=1)) == 0
    assert [letter.to for letter in mail.outbox] == [["max@example.com"]]
    assert str(ticket) in mail.outbox[0].subject
    assert reminding.remind(now=_days_before(ticket, 3)) == 1
    assert mail.outbox[1].to == ["lena@example.com", "max@example.com"]
    assert reminding.remind(now=_days_before(ticket, -1)) == 1
    assert "1 day late" in mail.outbox[2].subject
    assert ADAS_MAIL not in "".join(letter.body for letter in mail.outbox)


def test_what_nobody_has_is_told_to_legal(lena, mailoutbox):
    ticket = asked("access", regime="EU-GDPR")

    reminding.remind(now=_days_before(ticket, 14))

    assert mail.outbox[0].to == ["lena@example.com"]


def test_a_reminder_that_no_server_took_is_tried_again(lena, mailoutbox, monkeypatch):
    ticket = asked("access", regime="EU-GDPR")
    at = _days_before(ticket, 7)

    def away(self):
        raise ConnectionRefusedError

    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.EmailMessage.send", away)
        assert reminding.remind(now=at) == 0
    assert not Reminder.objects.exists()

    assert reminding.remind(now=at) == 1


def test_a_receipt_that_nobody_could_send_is_reminded_of_twice(lena, mailoutbox):
    ticket = asked("access")
    day = ticket.acknowledge_date
    ats = [
        dt.datetime.combine(day + dt.timedelta(days=n), dt.time(9), dt.UTC)
        for n in (-4, -3, 0, 1, 2)
    ]

    sent = [reminding.remind(now=at) for at in ats]

    assert sent == [0, 1, 0, 1, 0]
    assert "confirm that we have it, due in 3 days" in mail.outbox[0].subject
    assert "1 day late" in mail.outbox[1].subject
    shown = lena.get(page("month") + f"?month={day:%Y-%m}").content.decode()
    assert "confirm that we have it" in shown
    receipts.told_otherwise(ticket=ticket, by=LENA, now=NOW)
    shown = lena.get(page("month") + f"?month={day:%Y-%m}").content.decode()
    assert "confirm that we have it" not in shown


def test_an_open_task_reminds_its_owner_every_day(lena, mailoutbox):
    ticket = asked("access")
    due = TODAY + dt.timedelta(days=3)
    facts = {"title": "T", "team": "Legal", "owner": "lena", "due_date": due}
    chores.give(ticket=ticket, **facts, by=LENA, now=NOW)

    days = [reminding.remind(now=NOW + dt.timedelta(days=n)) for n in range(4)]

    assert days == [0, 1, 1, 1]


def _days_before(ticket, days):
    day = ticket.due_date - dt.timedelta(days=days)
    return dt.datetime.combine(day, dt.time(9), dt.UTC)


def test_a_request_of_several_rights_shows_the_others(lena):
    first, second = intake.receive(
        rights=["access", "erasure"],
        regime="EU-GDPR",
        marks=[identifiers.phone(ADA)],
        received_at=NOW,
        source="post",
        by=LENA,
        now=NOW,
    )

    assert str(second) in lena.get(page("change", first.pk)).content.decode()
