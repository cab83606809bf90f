"""Steps beside the procedure: time, letters in doubt, the end of a restriction."""

import datetime as dt
import io
import json

import pytest
from django.contrib.auth.models import Group, User
from django.core import mail
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from dsr import links, messages, notices, requests
from dsr.models import Letter, Message, Notice, Ticket
from privacy import identifiers
from privacy.models import AuditEvent, Hold, Provider
from tests.dsr.factories import ADAS_MAIL, LENA, asked, vouched

pytestmark = pytest.mark.django_db
ADAS = [identifiers.email(ADAS_MAIL)]


def signed_in(client, name, group):
    user, _ = User.objects.get_or_create(username=name, is_staff=True)
    user.groups.set([Group.objects.get(name=group)])
    client.force_login(user)
    return client


@pytest.fixture
def lena(client):
    return signed_in(client, "lena", "Legal")


@pytest.fixture
def ticket():
    now = timezone.now()
    return vouched(
        asked("restriction", regime="EU-GDPR", marks=ADAS, received_at=now, now=now)
    )


def page(verb, ticket):
    return reverse(f"admin:dsr_ticket_{verb}", args=[ticket.pk])


def text(answer):
    return answer.content.decode()


def is_recorded(action):
    return AuditEvent.objects.filter(action=action, by="lena").exists()


# --- time -----------------------------------------------------------------------------
def test_a_ticket_is_extended_with_a_reason_and_they_are_told(lena, ticket):
    before = ticket.due_date
    assert "Extend it, with the reason" in text(lena.get(page("change", ticket)))
    assert "required" in text(lena.post(page("extend", ticket), {"reason": ""}))

    lena.post(page("extend", ticket), {"reason": "Many databases."})

    ticket.refresh_from_db()
    shown = text(lena.get(page("change", ticket)))
    assert ticket.due_date > before
    assert "Many databases." in Notice.objects.get(kind="extension").text.open()
    assert "Extend it, with the reason" not in shown
    assert "Many databases." in shown
    assert is_recorded("ticket.extended")


def test_a_question_stops_the_clock_until_it_is_answered(lena):
    received = timezone.now() - dt.timedelta(days=10)
    ticket = asked("access", regime="UK-GDPR", marks=ADAS, received_at=received)
    first = ticket.due_date
    today = timezone.now().date()

    lena.post(page("asked", ticket), {"on": today - dt.timedelta(days=8)})
    assert "no answer yet" in text(lena.get(page("change", ticket)))
    lena.post(page("told", ticket), {"on": today - dt.timedelta(days=2)})

    ticket.refresh_from_db()
    assert ticket.due_date > first
    nonsense = lena.post(page("identified", ticket), {"on": "2001-01-01"})
    assert "before the request" in text(nonsense)
    lena.post(page("identified", ticket), {"on": today})
    ticket.refresh_from_db()
    assert ticket.identified_on == today


def test_a_receipt_by_telephone_is_noted(lena):
    ticket = asked("access", received_at=timezone.now(), now=timezone.now())
    assert "We must confirm receipt by" in text(lena.get(page("change", ticket)))

    lena.post(page("acknowledged", ticket))

    ticket.refresh_from_db()
    assert ticket.acknowledged_at
    assert is_recorded("ticket.acknowledged")


# --- letters --------------------------------------------------------------------------
@pytest.fixture
def letter(ticket):
    requests.refuse(
        ticket=ticket, reason="No.", ground="UNFOUNDED", by=LENA, now=timezone.now()
    )
    return Notice.objects.get()


def settled(lena, ticket, letter, was):
    form = {"notice": letter.pk, "was": was}
    answer = lena.post(page("settle", ticket), form, follow=True)
    letter.refresh_from_db()
    return text(answer)


def test_a_letter_in_doubt_is_settled_by_what_the_log_says(lena, ticket, letter):
    assert "is not in doubt" in settled(lena, ticket, letter, "sent")
    long_ago = timezone.now() - dt.timedelta(hours=1)
    Notice.objects.update(tried_at=long_ago)
    shown = text(lena.get(page("answer", ticket)))
    assert "In doubt" in shown
    assert notices.message_id(letter).strip("<>") in shown

    assert "it was sent" in settled(lena, ticket, letter, "sent")

    assert letter.sent_at
    assert is_recorded("notice.settled")
    assert "In doubt" not in text(lena.get(page("answer", ticket)))


def test_a_letter_that_was_not_sent_goes_out_once(lena, ticket, letter, mailoutbox):
    ticket.request.requester = '{"name": "", "email": "ada@example.net"}'
    ticket.request.save()
    Notice.objects.update(tried_at=timezone.now() - dt.timedelta(hours=1))

    settled(lena, ticket, letter, "not_sent")
    stored = Ticket.objects.get(pk=ticket.pk)
    notices.send_waiting(ticket=stored, now=timezone.now())
    notices.send_waiting(ticket=stored, now=timezone.now())

    assert len(mail.outbox) == 1


def test_a_letter_without_an_address_is_sent_by_hand_once(lena, client):
    ticket = vouched(asked("restriction", regime="EU-GDPR"))
    requests.refuse(
        ticket=ticket, reason="No.", ground="UNFOUNDED", by=LENA, now=timezone.now()
    )
    letter = Notice.objects.get()
    assert "I have sent it by hand" in text(lena.get(page("answer", ticket)))

    assert "by hand" in settled(lena, ticket, letter, "by_hand")
    assert "has been sent" in settled(lena, ticket, letter, "by_hand")

    assert letter.sent_at
    assert AuditEvent.objects.filter(action="notice.sent_by_hand").count() == 1


def test_a_letter_of_somebody_else_is_not_settled_here(lena, ticket, letter):
    other = asked("access")
    Notice.objects.update(tried_at=timezone.now() - dt.timedelta(hours=1))

    settled(lena, other, letter, "sent")

    assert letter.sent_at is None


# --- a restriction ends ---------------------------------------------------------------
def test_a_restriction_is_announced_and_then_lifted(lena, ticket, mailoutbox):
    requests.decide(
        ticket=ticket, outcome="whole", reason="Yes.", by=LENA, now=timezone.now()
    )
    requests.fulfil(ticket=ticket, clock=timezone.now)
    assert "Announce its end" in text(lena.get(page("change", ticket)))
    early = lena.post(page("lift", ticket), follow=True)
    assert "told before a restriction ends" in text(early)
    hold = reverse("admin:privacy_hold_release", args=[Hold.objects.get().pk])
    assert "from its request, once" in text(lena.post(hold, follow=True))
    assert Hold.objects.get().released_at is None

    lena.post(page("announce", ticket), {"reason": "The data is right."})
    letter = Notice.objects.get(kind="lifting")
    assert "The data is right." in letter.text.open()
    said = text(lena.post(page("lift", ticket), follow=True))

    assert "Lifted: their data is used again as before." in said
    assert "Lifted on" in said
    assert "Lift the restriction" not in said
    assert is_recorded("restriction.announced")


def test_an_answer_of_a_recipient_is_noted_on_the_ticket(lena, ticket):
    recipient = Provider.objects.create(
        name="Carrier Ltd", way="task", owner="Legal", duties=["restrict"]
    )
    requests.decide(
        ticket=ticket, outcome="whole", reason="Yes.", by=LENA, now=timezone.now()
    )
    requests.fulfil(ticket=ticket, clock=timezone.now)
    row = recipient.instructions.get()
    where = f"{page('heard', ticket)}?from={row.pk}"
    assert where in text(lena.get(page("change", ticket)))
    assert "errorlist" in text(lena.post(where, {"state": "unable"}))

    lena.post(where, {"state": "unable", "answer": "We closed last year."})

    shown = text(lena.get(page("change", ticket)))
    assert "We closed last year." in shown
    assert lena.get(f"{page('heard', ticket)}?from=nobody").status_code == 404


def test_the_page_says_when_no_code_can_be_texted(lena, settings):
    ticket = asked("access", regime="EU-GDPR")
    assert "t text a code to their phone" in text(lena.get(page("change", ticket)))
    assert "t text a code to their phone" in text(lena.get(page("who", ticket)))

    settings.TEXTS_URL = "https://sender.example/texts"
    settings.CARRIER_SECRETS = {"STANDARD_WEBHOOKS_SECRET": ["whsec_x"]}

    assert "t text a code to their phone" not in text(lena.get(page("change", ticket)))


# --- words, not codes -----------------------------------------------------------------
def test_laws_languages_and_rights_stand_in_words(lena, ticket):
    shown = text(lena.get(page("change", ticket)))
    desk = text(lena.get(reverse("admin:dsr_ticket_desk")))
    free = text(lena.get(reverse("admin:dsr_frequencyrule_changelist")))
    grounds = text(lena.get(reverse("admin:dsr_ground_changelist")))
    month = f"?month={ticket.due_date:%Y-%m}"
    calendar = text(lena.get(reverse("admin:dsr_ticket_month") + month))

    assert "General Data Protection Regulation (EU) · EU-GDPR" in shown
    assert "General Data Protection Regulation (EU)" in desk
    assert "California Consumer Privacy Act" in free
    assert "Every law" in grounds
    assert "Restriction of processing" in calendar


@pytest.mark.parametrize(
    ("asked_under", "words"),
    [
        ("", "Our own promise (no law named)"),
        ("US-VA", "Our own promise, because US-VA gave no such right"),
    ],
)
def test_a_request_under_no_law_says_so_without_a_code(lena, asked_under, words):
    mine = asked("access", regime="unspecified")
    Ticket.objects.update(asked_under=asked_under)

    for where in (page("change", mine), reverse("admin:dsr_ticket_desk")):
        shown = text(lena.get(where))
        assert words in shown
        assert "unspecified" not in shown


def test_the_history_of_a_ticket_is_its_trail(lena, ticket):
    answer = lena.get(page("history", ticket), follow=True)

    assert "Ticket received" in text(answer)
    assert str(ticket) in text(answer)


def test_a_letter_in_doubt_stands_on_the_desk(lena, ticket, letter):
    assert "Letters and messages in doubt" not in text(
        lena.get(reverse("admin:dsr_ticket_desk"))
    )
    Notice.objects.update(tried_at=timezone.now() - dt.timedelta(hours=1))

    desk = text(lena.get(reverse("admin:dsr_ticket_desk")))

    assert "Letters and messages in doubt" in desk
    assert page("answer", ticket) in desk


# --- commands -------------------------------------------------------------------------
def said(*words):
    out = io.StringIO()
    call_command(*words, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_letters_that_wait_are_listed_and_settled_by_command(ticket, letter):
    Notice.objects.update(tried_at=timezone.now() - dt.timedelta(hours=1))
    (waiting,) = said("letters", "waiting")
    assert (waiting["request"], waiting["state"]) == (str(ticket), "in doubt")
    assert waiting["message_id"] == notices.message_id(letter)

    said("letters", "settle", str(letter.pk), "--was", "sent")

    assert said("letters", "waiting") == []
    with pytest.raises(CommandError, match="is not in doubt"):
        said("letters", "settle", str(letter.pk), "--was", "sent")
    with pytest.raises(CommandError, match="no such letter"):
        said("letters", "settle", "999999", "--was", "by-hand")


def test_messages_in_doubt_are_listed_and_settled_by_command(ticket):
    message = messages.write(ticket=ticket, text="Hello", by=LENA, now=timezone.now())
    row = Message.objects.filter(pk=message.pk)
    row.update(tried_at=timezone.now() - dt.timedelta(hours=1))
    number = f"message-{message.pk}"
    found = {each["number"]: each for each in said("letters", "waiting")}
    assert found[number]["state"] == "in doubt"
    assert found[number]["message_id"] == messages.message_id(message)

    with pytest.raises(CommandError, match="sent, or not-sent"):
        said("letters", "settle", number, "--was", "by-hand")
    said("letters", "settle", number, "--was", "not-sent")

    assert row.get().tried_at is None
    assert number not in {each["number"] for each in said("letters", "waiting")}
    with pytest.raises(CommandError, match="is not in doubt"):
        said("letters", "settle", number, "--was", "sent")


def test_a_restriction_ends_by_command(ticket, mailoutbox):
    requests.decide(
        ticket=ticket, outcome="whole", reason="Yes.", by=LENA, now=timezone.now()
    )
    requests.fulfil(ticket=ticket, clock=timezone.now)
    with pytest.raises(CommandError, match="told before"):
        said("dsr", "lift", str(ticket))
    with pytest.raises(CommandError, match="from its request, once"):
        said("holds", "release", str(Hold.objects.get().pk))

    said("dsr", "announce", str(ticket), "--reason", "The data is right.")
    said("dsr", "lift", str(ticket))

    with pytest.raises(CommandError, match="no restriction in force"):
        said("dsr", "lift", str(ticket))


# --- who may --------------------------------------------------------------------------
STEPS = ("extend", "asked", "told", "identified", "acknowledged", "settle", "lift")


@pytest.mark.parametrize("verb", [*STEPS, "announce"])
@pytest.mark.parametrize("group", ["Support", "Auditor"])
def test_who_only_looks_can_do_none_of_it(client, ticket, verb, group):
    sam = signed_in(client, "sam", group)

    assert sam.post(page(verb, ticket), {"reason": "x"}).status_code == 403
    shown = text(sam.get(page("change", ticket)))
    assert f"/{verb}/" not in shown


@pytest.mark.parametrize("verb", ["extend", "refuse", "decide"])
def test_whoever_writes_sees_which_language_they_read(lena, ticket, verb):
    links.make(ticket=ticket, language="fr", now=timezone.now())

    assert "They read French" in text(lena.get(page(verb, ticket)))


def test_an_auditor_reads_letters_and_conversations_and_is_offered_nothing(
    client, ticket
):
    ari = signed_in(client, "ari", "Auditor")
    letter = Letter.objects.get(code="identity", language="de")

    said = ari.get(reverse("admin:dsr_letter_change", args=[letter.pk]))
    conversation = text(ari.get(page("conversation", ticket)))

    assert "Guten Tag" in text(said)
    assert "/write/" not in conversation
