"""A mail is taken once, and becomes a request, a follow-up, an opt-out, or waits."""

import base64
import datetime as dt
import time
import zlib

import pytest
from django.db import IntegrityError, transaction

from consent.models import Event
from dsr import desk, mailbox, messages, notices, receipts, requests, tickets
from dsr.mailbox import addresses, letter, understanding
from dsr.models import Mail, Representative, Ticket
from privacy import audit, identifiers
from privacy.models import AuditEvent, Hold, LegalProcess, Plan
from privacy.providers import gate
from tests.dsr.factories import vouched
from tests.dsr.mails import ADDRESS, mail, of

pytestmark = pytest.mark.django_db
Verdict = Mail.Verdict
HIDING = "=?utf-8?q?a=0D=0ABcc:_b@example.org?="
DELETE = "Under the CCPA please delete my personal data. My number is (202) 555-0143."


@pytest.fixture
def take(now):
    def ingest(raw, at=now):
        return mailbox.ingest(raw, by="mailbox", now=at)

    return ingest


# --- a request ----------------------------------------------------------------
def test_a_clear_request_becomes_a_ticket_about_the_person(take, now):
    taken = take(mail(DELETE))

    ticket = Ticket.objects.get()
    assert taken.mail.verdict == Verdict.REQUEST
    assert (ticket.right, ticket.regime, ticket.source) == ("erasure", "US-CA", "mail")
    assert {identifiers.value(i).value for i in ticket.identifiers.all()} == {
        ADDRESS,
        "+12025550143",
    }
    assert list(taken.mail.tickets.all()) == [ticket]
    assert ticket.words.open() == DELETE


def test_the_clock_starts_when_our_server_had_it(take):
    take(mail(DELETE))

    had_it = dt.datetime(2026, 11, 2, 10, tzinfo=dt.UTC)
    assert Ticket.objects.get().received_at == had_it


def test_a_date_in_the_future_does_not_move_the_clock(take, now):
    take(mail(DELETE, Date="Mon, 02 Nov 2099 10:00:00 +0000"))

    assert Ticket.objects.get().received_at == now


def test_two_rights_become_two_tickets_of_one_mail(take):
    taken = take(mail("CCPA: send me a copy of my data, and delete my data after."))

    assert {t.right for t in taken.mail.tickets.all()} == {"access", "erasure"}


LITIGATION = (
    "We represent a client and anticipate litigation. Please preserve all records and"
    " evidence about the number (202) 555-0143 until further notice."
)


def test_a_letter_of_preservation_starts_a_hold_and_goes_to_legal(take):
    taken = take(mail(LITIGATION, Subject="Litigation hold"))

    hold = Hold.objects.get()
    assert LegalProcess.objects.get().hold == hold
    assert (taken.mail.verdict, taken.mail.for_legal) == (Verdict.QUEUE, True)
    assert "on hold until Legal has read it" in taken.mail.reason
    assert [row.kind for row in hold.identifiers.all()] == ["phone"]
    assert hold.matter == f"Mail {taken.mail.pk}"
    assert not Ticket.objects.exists()
    take(mail(LITIGATION, **{"Message-ID": "<again@example.org>"}))
    assert Hold.objects.count() == 2


def test_a_letter_of_preservation_may_name_an_address(take):
    words = LITIGATION.replace(
        "the number (202) 555-0143",
        "carla.custody@example.com (our clerk is clerk@example.org)",
    )
    take(mail(words, Subject="Litigation hold"))

    marks = [
        identifiers.value(row).value for row in Hold.objects.get().identifiers.all()
    ]
    assert marks == ["carla.custody@example.com"]


@pytest.mark.parametrize(
    "words",
    [
        "I am the father of Tim, who is 12. Under the CCPA, delete my data and my "
        "son's data: (202) 555-0117.",
        "CCPA: delete my daughter's information, number (202) 555-0117, and my data.",
        "Je suis la mère de Léa. RGPD : effacez toutes mes données personnelles et les "
        "siennes.",
        "Ich bin der Vater von Tim. Löschen Sie nach der DSGVO alle meine Daten.",
    ],
)
def test_who_writes_for_a_child_waits(take, words):
    taken = take(mail(words))

    assert taken.described()["agent"]["kind"] == "parent"
    assert taken.mail.verdict == Verdict.QUEUE


def test_a_letter_of_preservation_that_names_nobody_is_in_the_register(take, now):
    words = LITIGATION.replace(" about the number (202) 555-0143", "")
    taken = take(mail(words, Subject="Litigation hold"))

    assert taken.mail.for_legal
    assert not Hold.objects.exists()
    kept = LegalProcess.objects.get()
    assert (kept.kind, kept.hold, kept.reference) == (
        "letter",
        None,
        f"Mail {taken.mail.pk}",
    )
    assert "register of legal process" in taken.mail.reason
    named = {"process": kept.reference}
    wanted = gate.Transfer("Doe LLP", "legal", (gate.CONTACT,), **named)
    verdict = gate.check(wanted, now=now)
    assert verdict.reason == "unknown_process"


def test_the_same_mail_again_changes_nothing(take):
    raw = mail(DELETE)
    take(raw)
    before = AuditEvent.objects.count()

    again = take(raw)

    assert not again.is_new
    assert again.described()["is_repeat"]
    assert (Mail.objects.count(), Ticket.objects.count()) == (1, 1)
    assert AuditEvent.objects.count() == before


def test_another_mail_under_the_same_id_is_not_lost(take):
    take(mail("Nothing much.", **{"Message-ID": "<constant@example.org>"}))
    take(mail(DELETE, **{"Message-ID": "<constant@example.org>"}))
    take(mail(DELETE, **{"Message-ID": "<constant@example.org>"}))

    assert (Mail.objects.count(), Ticket.objects.count()) == (2, 1)


def test_what_fails_half_way_leaves_nothing(take, monkeypatch):
    def stop(**facts):
        raise RuntimeError

    monkeypatch.setattr("dsr.mailbox.deciding.audit.record", stop)
    with pytest.raises(RuntimeError):
        take(mail(DELETE))

    assert not Mail.objects.exists()
    assert not Ticket.objects.exists()


def test_the_row_holds_no_words_of_the_person(take):
    taken = take(mail(DELETE))

    row = Mail.objects.filter(pk=taken.mail.pk).values().get()
    for name in ("raw", "understood"):
        assert repr(row.pop(name)) == "<sealed>"
    assert "0143" not in repr(row)
    assert ADDRESS not in repr(row)
    assert ADDRESS not in "".join(AuditEvent.objects.values_list("payload", flat=True))


def test_the_mail_comes_back_as_it_was(take):
    raw = mail("Grüße").replace("Grüße".encode(), b"Gr\xfc\xdfe \xff\x00")

    taken = take(raw)

    taken.mail.refresh_from_db()
    assert taken.mail.raw.open().encode("latin-1") == raw


# --- who must look --------------------------------------------------------------
@pytest.mark.parametrize(
    ("words", "more", "why"),
    [
        ("Please erase my mother's data. She is Edith, (202) 555-0172.", {}, "else"),
        (DELETE, {"Authentication-Results": "mx; dmarc=fail"}, "authenticated"),
        (DELETE, {"From": "a@example.org, b@example.org"}, "authenticated"),
        ("CCPA: please delete my data. Both of us.", {}, "several people"),
        (f"{DELETE} {'So it was. ' * 1200}", {}, "too long"),
        ("My wardrobe is blue.", {}, "No rule"),
        ("Data removal, details: 202 555 0133", {}, "not clear"),
    ],
)
def test_what_is_not_sure_waits_with_its_reason(take, words, more, why):
    taken = take(mail(words, **more))

    assert taken.mail.verdict == Verdict.QUEUE
    assert why in taken.mail.reason
    assert not Ticket.objects.exists()


@pytest.mark.parametrize(
    ("item", "types", "verdict"),
    [
        ("My name is wrong, correct it.", ["access", "rectification"], Verdict.REQUEST),
        (
            "My number to be off every system of yours.",
            ["access", "erasure"],
            Verdict.QUEUE,
        ),
    ],
)
def test_each_item_of_a_list_is_read(take, item, types, verdict):
    taken = take(mail(f"UK GDPR:\n- Send me a copy of my data.\n- {item}"))

    assert (taken.understood.types, taken.mail.verdict) == (types, verdict)


def test_an_item_that_no_rule_knows_waits_with_its_list_on_a_page_too(take):
    items = "<li>Send me a copy of my data.<li>The rest only for visits and never else."
    page = f"<p>UK GDPR:<ul>{items}</ul>"

    taken = take(mail(page, **{"Content-Type": "text/html; charset=utf-8"}))

    assert (taken.understood.types, taken.mail.verdict) == (["access"], Verdict.QUEUE)


@pytest.mark.parametrize(
    ("law", "verdict"),
    [("RGPD", Verdict.QUEUE), ("artículo 17 RGPD", Verdict.REQUEST)],
)
def test_the_laws_number_and_the_words_beside_it_are_two_witnesses(take, law, verdict):
    words = f"Quitad mi nombre, mi número y las conversaciones conmigo, {law}."

    assert take(mail(words)).mail.verdict == verdict


def test_every_right_that_is_clearly_asked_becomes_a_ticket(take):
    take(mail("CCPA: correct my name, it is wrong."))

    assert Ticket.objects.get().right == "rectification"


def test_a_law_without_a_rule_for_the_day_waits(take, monkeypatch):
    monkeypatch.setattr("dsr.mailbox.laws.named", lambda *_: "XX")

    taken = take(mail(DELETE))

    assert (taken.mail.verdict, Ticket.objects.count()) == (Verdict.QUEUE, 0)
    assert "not a law we know" in taken.mail.reason


def test_a_preservation_letter_waits_for_legal_and_is_no_request(take):
    taken = take(of("v112_preservation"))

    assert (taken.mail.verdict, taken.mail.for_legal) == (Verdict.QUEUE, True)
    assert not Ticket.objects.exists()


# --- machines -------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("v121_ooo", "auto_reply"),
        ("v122_bounce", "bounce"),
        ("v117_newsletter", "newsletter"),
        ("v118_vendor_pitch", "vendor_pitch"),
        ("v123_spam", "spam"),
    ],
)
def test_machines_and_sellers_are_set_aside_and_never_answered(
    take, mailoutbox, name, category
):
    taken = take(of(name))

    assert (taken.mail.verdict, taken.mail.category) == (Verdict.SET_ASIDE, category)
    assert taken.mail.reason
    assert mailoutbox == []


FORM = """<p>We act as an authorized agent (CCPA) for the consumer below.</p><table>
<tr><td>Consumer</td><td>Jolene Boone</td></tr>
<tr><td>E-mail</td><td>j.boone@example.org</td></tr>
<tr><td>Request: access, a copy of my data</td><td>NOT REQUESTED</td></tr>
<tr><td>Request: delete my personal information</td><td>REQUESTED</td></tr>
</table>"""


def test_the_form_that_an_agents_program_sends_is_read(take):
    said = {"Auto-Submitted": "auto-generated", "Content-Type": "text/html"}
    taken = take(mail(FORM, **said))

    assert taken.mail.verdict == Verdict.QUEUE
    assert taken.understood.types == ["erasure"]
    assert taken.understood.subject.emails == ["j.boone@example.org"]


def test_what_a_program_answers_is_set_aside_whatever_it_says(take):
    words = "Delete my data, says your mail. I am away until Monday."
    taken = take(mail(words, **{"Auto-Submitted": "auto-replied"}))

    assert taken.mail.verdict == Verdict.SET_ASIDE


def test_a_bounce_of_our_answer_waits_beside_its_request(take):
    ticket = take(mail(DELETE)).mail.tickets.get()
    raw = of("v122_bounce").replace(b"PR-1020", str(ticket).encode())

    taken = take(raw)

    assert taken.mail.verdict == Verdict.QUEUE
    assert list(taken.mail.tickets.all()) == [ticket]


# --- what goes on ---------------------------------------------------------------
def test_the_same_request_again_joins_the_open_one(take):
    first = take(mail(DELETE))

    second = take(mail("CCPA: delete my data, please. 202 555 0143"))

    assert second.mail.verdict == Verdict.FOLLOW_UP
    assert list(second.mail.tickets.all()) == list(first.mail.tickets.all())
    assert second.described()["expects"] == "link_to_existing"


def test_a_second_right_opens_only_what_is_missing(take):
    take(mail(DELETE))

    second = take(mail("CCPA: send me a copy of my data and delete my data."))

    assert second.mail.verdict == Verdict.REQUEST
    assert Ticket.objects.count() == 2


def test_another_address_that_names_the_same_number_waits(take):
    take(mail(DELETE))

    taken = take(mail(DELETE, **{"From": "mallory@example.com"}))

    assert taken.mail.verdict == Verdict.QUEUE
    assert "Another address" in taken.mail.reason
    assert Ticket.objects.count() == 1


def test_a_closed_request_is_not_joined(take, now):
    take(mail(DELETE))
    Ticket.objects.update(
        status="withdrawn", outcome="none", decision="She said so.", closed_at=now
    )

    assert take(mail(f"{DELETE} Again.")).mail.verdict == Verdict.REQUEST


@pytest.mark.parametrize(
    "headers",
    [
        {"In-Reply-To": "<first@example.org>"},
        {"References": "<x@y> <first@example.org>"},
        {"Subject": "Re: Your request R-2026-000001"},
    ],
)
def test_a_reply_joins_its_conversation_and_waits_to_be_read(take, headers, now):
    ticket = take(
        mail(DELETE, **{"Message-ID": "<first@example.org>"})
    ).mail.tickets.get()

    reply = take(mail("The second page is missing.", **headers))
    messages.thread_mails(now=now)

    assert reply.mail.verdict == Verdict.FOLLOW_UP
    message = ticket.messages.get()
    assert (message.text.open(), message.read_at) == (
        "The second page is missing.",
        None,
    )
    assert [each.queue for each in desk.placed(on=now.date())] == ["answer"]


def test_an_answer_to_a_letter_or_message_of_ours_is_known_by_its_id(take, now):
    ticket = take(mail(DELETE)).mail.tickets.get()
    receipts.write_waiting(now=now)
    ours = notices.message_id(ticket.notices.get())
    asked = messages.write(ticket=ticket, text="Which number?", by="lena", now=now)

    for answered in (ours, messages.message_id(asked)):
        taken = take(mail("The one that ends in 43.", **{"In-Reply-To": answered}))
        assert taken.mail.verdict == Verdict.FOLLOW_UP
        assert list(taken.mail.tickets.all()) == [ticket]
    other = ours.replace("@", "@mail.")
    assert not take(mail("Yes.", **{"In-Reply-To": other})).mail.tickets.exists()


def test_what_we_write_answers_the_last_mail_of_the_thread(take, now, mailoutbox):
    """So that it stands below what they wrote, in their mail program."""
    headers = {"Message-ID": "<first@example.org>", "Subject": "My data"}
    ticket = take(mail(DELETE, **headers)).mail.tickets.get()
    headers = {"Message-ID": "<last@example.org>", "In-Reply-To": "<first@example.org>"}
    take(mail("Are you there?", Subject="Re: My data", **headers))
    ours = messages.write(ticket=ticket, text="We are.", by="lena", now=now)

    messages.send_waiting(now=now)

    sent = mailoutbox[-1].message()
    assert sent["In-Reply-To"] == sent["References"] == "<last@example.org>"
    assert sent["Message-ID"] == messages.message_id(ours)
    assert sent["Subject"] == f"Re: My data ({ticket})"
    take(mail("Good.", Subject=f"AW: Re: My data ({ticket})"))
    messages.write(ticket=ticket, text="Yes.", by="lena", now=now)
    messages.send_waiting(now=now)
    assert mailoutbox[-1].subject == f"Re: My data ({ticket})"
    assert sent["To"] == ADDRESS


@pytest.mark.parametrize(
    ("words", "headers"),
    [
        ("Of course.", {"From": "mallory@example.com"}),
        ("Of course.", {"Authentication-Results": "mx; dmarc=fail"}),
        ("CCPA: now send me a copy of my data, too.", {}),
        ("Also stop texting me. My number: (202) 555-0143", {}),
        ("I appeal against your decision.", {}),
    ],
)
def test_who_is_not_the_writer_or_asks_anew_does_not_join_by_itself(
    take, words, headers
):
    ticket = take(mail(DELETE)).mail.tickets.get()

    taken = take(mail(words, **{"Subject": f"Re: {ticket}", **headers}))

    assert taken.mail.verdict == Verdict.QUEUE
    assert list(taken.mail.tickets.all()) == [ticket]


def test_an_answer_to_a_closed_request_is_read_by_somebody(take, now):
    ticket = take(mail(DELETE)).mail.tickets.get()
    tickets.withdraw(ticket=ticket, reason="She said so.", by="lena", now=now)

    taken = take(mail("That is wrong.", Subject=f"Re: {ticket}"))

    assert taken.mail.verdict == Verdict.QUEUE


def test_who_asks_for_somebody_else_may_answer(take, now):
    ticket = take(mail(DELETE)).mail.tickets.get()
    details = audit.canonical({"email": "Agent@example.com"})
    Representative.objects.create(ticket=ticket, capacity="agent", details=details)
    headers = {"From": "agent@example.com", "Subject": f"Re: {ticket}"}

    assert take(mail("Here it is.", **headers)).mail.verdict == Verdict.FOLLOW_UP


def test_an_answer_that_takes_the_request_back_joins_and_stops_it(town, take, now):
    ticket = vouched(take(mail(DELETE)).mail.tickets.get())
    requests.plan(ticket=ticket, by="lena", now=now)

    taken = take(mail("I changed my mind.", Subject=f"Re: {ticket}"))

    ticket.refresh_from_db()
    assert (taken.mail.verdict, ticket.plan) == (Verdict.FOLLOW_UP, None)
    assert "Its plan is paused" in taken.mail.reason


def test_thanks_for_a_request_need_nobody(take):
    take(mail(DELETE, **{"Message-ID": "<first@example.org>"}))
    thanks = mail("All good now, thanks.", **{"In-Reply-To": "<first@example.org>"})

    assert take(thanks).mail.verdict == Verdict.FOLLOW_UP


def test_a_reminder_without_a_word_of_which_finds_the_open_request(take):
    first = take(mail(DELETE))

    reminder = take(mail("I have not heard from you yet."))

    assert reminder.mail.verdict == Verdict.QUEUE
    assert list(reminder.mail.tickets.all()) == list(first.mail.tickets.all())


def test_who_takes_the_request_back_stops_what_was_planned(town, take, now):
    ticket = vouched(take(mail(DELETE)).mail.tickets.get())
    plan = requests.plan(ticket=ticket, by="lena", now=now)
    requests.approve(ticket=ticket, by="max", now=now)

    taken = take(mail("I changed my mind, please don't delete my account."))

    ticket.refresh_from_db()
    plan.refresh_from_db()
    assert "Its plan is paused" in taken.mail.reason
    assert (ticket.status, ticket.plan) == (Ticket.Status.RECEIVED, None)
    assert plan.status == Plan.Status.CANCELLED


def test_a_stranger_does_not_stop_what_was_planned(town, take, now):
    ticket = take(mail(DELETE)).mail.tickets.get()
    requests.plan(ticket=ticket, by="lena", now=now)
    headers = {"From": "mallory@example.com", "Subject": f"Re: {ticket}"}

    taken = take(mail("I changed my mind, don't delete my account.", **headers))

    ticket.refresh_from_db()
    assert taken.mail.verdict == Verdict.QUEUE
    assert ticket.status == Ticket.Status.PLANNED


# --- STOP -----------------------------------------------------------------------
def test_stop_by_mail_is_recorded_for_the_number_at_once(take):
    taken = take(mail("Stop texting me. My number: (202) 555-0117"))

    event = Event.objects.get()
    assert taken.mail.verdict == Verdict.OPT_OUT
    assert (event.kind, event.route) == ("opt_out", "mail")
    assert identifiers.value(event.identifier).value == "+12025550117"
    assert "voice" in event.covers


@pytest.mark.parametrize(
    "words",
    [
        "I replied STOP to a text by mistake. Please turn the club messages on again "
        "for 202 555 0117.",
        "I sent stop last week, but I do want the clinic reminders back. 202 555 0117",
    ],
)
def test_who_tells_of_a_stop_and_wants_the_messages_back_is_not_opted_out(take, words):
    assert take(mail(words)).mail.verdict == Verdict.QUEUE
    assert not Event.objects.exists()


def test_leaving_a_list_is_recorded_for_the_address(take):
    taken = take(mail("Please unsubscribe me."))

    event = Event.objects.get()
    assert taken.mail.verdict == Verdict.OPT_OUT
    assert (event.covers, identifiers.value(event.identifier).value) == (
        ["email"],
        ADDRESS,
    )


def test_what_stands_between_two_quotations_is_read(take):
    """Only the quotations are left out."""
    said = (
        'You asked me to "treat yourself" again. I want you to erase all my personal '
        "data under the GDPR, Art. 17. I will not install an "
        '"app" for it.'
    )

    assert take(mail(said)).understood.types == ["erasure"]


@pytest.mark.parametrize(
    ("words", "headers"),
    [
        ("Stop texting me!", {}),
        ("Stop texting 202 555 0117", {"Authentication-Results": "mx; dmarc=fail"}),
    ],
)
def test_stop_for_nobody_knows_which_number_waits(take, words, headers):
    assert take(mail(words, **headers)).mail.verdict == Verdict.QUEUE
    assert not Event.objects.exists()


def test_an_erasure_with_a_stop_does_both(take):
    take(mail(f"{DELETE} And stop texting me."))

    assert (Ticket.objects.count(), Event.objects.count()) == (1, 1)


# --- what is no mail --------------------------------------------------------------
@pytest.mark.parametrize(
    ("raw", "refusal"),
    [
        (b"", letter.NotAMail),
        (b"\x00\xff\xfe\x80" * 99, letter.NotAMail),
        (b"Just a note.", letter.NotAMail),
        (mail("x", Subject=HIDING), letter.HidesHeaders),
        (b"From: a@example.org\n\n" + b"x" * letter.LARGEST, letter.TooLarge),
    ],
)
def test_what_is_no_mail_is_refused_and_changes_nothing(take, raw, refusal):
    with pytest.raises(refusal) as refused:
        take(raw)

    assert str(refused.value).endswith(".")
    assert not Mail.objects.exists()
    assert not AuditEvent.objects.exists()


# --- what the database keeps ------------------------------------------------------
@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"reason": ""}, "dsr_mail_has_a_reason"),
        ({"settled_by": ""}, "dsr_mail_settled_by_somebody"),
        ({"settled_at": None}, "dsr_mail_settled_by_somebody"),
        ({"verdict": "queue"}, "dsr_mail_settled_by_somebody"),
        ({"message_id": "taken"}, "dsr_mail_message_id"),
    ],
)
def test_the_database_refuses_a_row_that_does_not_hang_together(take, change, name):
    row = take(mail(DELETE)).mail
    other = take(mail("Nothing much.")).mail
    Mail.objects.filter(pk=other.pk).update(message_id="taken")

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Mail.objects.filter(pk=row.pk).update(**change)


def test_our_own_mail_that_comes_back_opens_nothing(take):
    taken = take(mail(DELETE, From="Privacy <privacy@msgplatform.example>"))

    assert taken.mail.verdict == Verdict.QUEUE
    assert "the same address it was sent to" in taken.mail.reason
    assert not Ticket.objects.exists()


def test_a_request_that_somebody_outside_forwards_waits_with_its_right(take):
    words = (
        "see below\n\n---------- Forwarded message ---------\n"
        "From: Una <una@example.com>\nDate: Thu, 29 Oct 2026\n"
        "Subject: me\n\nPlease erase all my personal data."
    )
    taken = take(mail(words, Subject="Fwd: me"))

    assert taken.understood.types == ["erasure"]
    assert taken.mail.verdict == Verdict.QUEUE


def test_a_long_mail_of_request_words_is_read_in_time(take):
    started = time.process_time()

    take(mail("please send me a copy of " * 4000))

    assert time.process_time() - started < 30


def paper(content, kind="application/pdf"):
    body = base64.encodebytes(content).decode()
    form = {"Content-Type": kind, "Content-Transfer-Encoding": "base64"}
    return mail(body, **form)


def stream(content):
    return b"stream\n" + zlib.compress(content) + b"\nendstream\n"


MADE_TO_KEEP_BUSY = {
    "spaces before no address": mail("x", To=" " * 4000 + "b"),
    "an address of one letter": mail("x", Cc="a" * 60_000),
    "quotes that nothing closes": mail("x", To='"' + '\\"' * 30_000),
    "a subject without end": mail("x", Subject="my data " * 8000),
    "brackets in a paper": paper(stream(b"[" * 2_000_000)),
    "strings in a paper that nothing closes": paper(stream(b"(\\(" * 700_000)),
    "a paper that begins again and again": paper(b"stream\n" * 200_000),
    "a table of long cells": paper(
        b"phone\n" + b"1-202-" * 9000 + b"\n" + b"1" * 200_000, "text/csv"
    ),
    "a paper that unpacks without end": paper(stream(b"(" * 2_000_000) * 2000),
}


@pytest.mark.parametrize("raw", MADE_TO_KEEP_BUSY.values(), ids=MADE_TO_KEEP_BUSY)
def test_a_mail_made_to_keep_a_machine_busy_is_read_in_time(raw):
    started = time.process_time()

    understanding.understand(letter.open_(raw))

    assert time.process_time() - started < 15


def test_a_paper_is_read_where_it_shows_words():
    shown = b"BT /F1 9 Tf (Please ) Tj [(era) -20 (se \\(all\\))] TJ (no) xx (my) ' ET"
    raw = paper(stream(shown) + b"stream\n(data) Tj\nendstream\n")

    assert letter.open_(raw).in_files == "Please \nerase (all)\nmy\ndata"


def test_a_page_with_a_declaration_of_no_kind_is_read(take):
    form = {"Content-Type": "text/html; charset=utf-8"}
    page = f"<p>{DELETE}</p><![CDATA x <p>and no more</p>"

    assert take(mail(page, **form)).mail.verdict == Verdict.REQUEST


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("Ann <A@b.example>", [("Ann", "a@b.example")]),
        ('"Last, First" <a@b.example>', [("Last, First", "a@b.example")]),
        (
            'a@b.example, "B" <b@b.example>;c@b.example',
            [("", "a@b.example"), ("B", "b@b.example"), ("", "c@b.example")],
        ),
        ('Ann "the" Ada <a@b.example>', [('Ann "the" Ada', "a@b.example")]),
        ('5" Ann <a@b.example>', [('5" Ann', "a@b.example")]),
        ("Ann <nobody>, <b@b.example", [("", "b@b.example")]),
        ('"b@b.example" <a@b.example>', [("b@b.example", "a@b.example")]),
    ],
)
def test_names_and_addresses_of_a_header(header, found):
    assert addresses.of(header) == found
