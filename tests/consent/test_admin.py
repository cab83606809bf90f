"""The other consent screens: facts are read, settings are saved and recorded."""

import datetime as dt
import html

import pytest

from consent import check
from consent.models import Event, InboundMessage, Keyword, MessageLog, Program
from privacy import identifiers
from privacy.models import AuditEvent, Column, Store, Table
from tests.consent.factories import ADA, ProgramFactory, later, sent, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("known_keywords")]
SCREENS = ["event", "standing", "inboundmessage", "program", "keyword"]


def text_of(answer):
    return html.unescape(answer.content.decode())


@pytest.fixture
def story(now):
    """One person: a program, a STOP, an unclear message, a call to support."""
    program = ProgramFactory()
    sent("STOP", later(now, days=-2))
    sent("Don't stop, I love these", later(now, days=-1))
    told("opt_out", now, words="She called me, quite angry")
    return program


@pytest.mark.parametrize("screen", SCREENS)
def test_every_list_and_every_row_opens_and_shows_no_number(story, superuser, screen):
    shown = text_of(superuser.get(f"/admin/consent/{screen}/"))
    models = {"event": Event, "inboundmessage": InboundMessage, "program": Program}
    rows = models.get(screen, Keyword).objects.values_list("pk", flat=True)[:2]
    if screen != "standing":
        pages = [superuser.get(f"/admin/consent/{screen}/{pk}/change/") for pk in rows]
        assert [page.status_code for page in pages] == [200] * len(rows)
        shown += "".join(text_of(page) for page in pages)

    assert ADA not in shown
    assert "angry" not in shown
    assert "I love these" not in shown


@pytest.mark.parametrize("screen", SCREENS)
def test_without_a_role_nothing_opens(story, stranger, screen):
    assert stranger.get(f"/admin/consent/{screen}/").status_code == 403


@pytest.mark.parametrize("screen", ["event", "standing", "inboundmessage"])
def test_facts_can_not_be_added_or_deleted(story, superuser, screen):
    assert superuser.get(f"/admin/consent/{screen}/add/").status_code == 403
    assert superuser.get(f"/admin/consent/{screen}/1/delete/").status_code == 403


# --- reading with a reason ----------------------------------------------------
def test_an_unclear_message_is_read_with_a_reason(story, superuser):
    row = InboundMessage.objects.get(meaning="ambiguous")
    path = f"/admin/consent/inboundmessage/{row.pk}/read/"

    refused = text_of(superuser.post(path, {"reason": "x"}))
    words = text_of(superuser.post(path, {"reason": "Daily review"}))

    assert superuser.get(path).status_code == 200
    assert "I love these" not in refused
    assert "Don't stop, I love these" in words
    assert AuditEvent.objects.get(action="message.read").subject == (
        f"inboundmessage:{row.pk}"
    )


def test_an_unclear_message_is_taken_for_a_stop(story, superuser):
    row = InboundMessage.objects.get(meaning="ambiguous")
    path = f"/admin/consent/inboundmessage/{row.pk}/heed/"

    assert "as an opt-out" in text_of(superuser.get(path))
    superuser.post(path)

    event = Event.objects.get(idempotency_key=f"twilio:{row.carrier_message_id}")
    assert (event.kind, event.occurred_at) == ("opt_out", row.received_at)


def test_an_unclear_message_that_asks_for_no_stop_holds_nothing_up(superuser, now):
    told("opt_in", later(now, days=-2))
    sent("Don't stop, I love these", later(now, days=-1))
    row = InboundMessage.objects.get()

    def asked():
        noon = later(now, hours=8)
        return check.may_send(identifiers.understand(ADA), channel="sms", now=noon)

    assert asked().reason == "held_for_review"
    where = "/admin/consent/inboundmessage/"
    assert work_of(superuser) == 1

    superuser.post(f"{where}{row.pk}/set_aside/")

    assert asked().allowed
    assert work_of(superuser) == 0
    assert not list(superuser.get(f"{where}?waits=yes").context["cl"].result_list)
    event = AuditEvent.objects.get(action="message.set_aside")
    assert event.subject == f"inboundmessage:{row.pk}"
    again = superuser.post(f"{where}{row.pk}/set_aside/", follow=True)
    assert "somebody has read it since" in text_of(again)


DECIDE = "/admin/consent/inboundmessage/decide/"


def test_what_waits_is_decided_one_after_the_other_with_a_press_each(support, now):
    ProgramFactory()
    for number, text in enumerate(["Leave off will u", "Hmm ok then", "Who is this"]):
        told("opt_in", later(now, days=-2), number=f"+1202555011{number}")
        sent(text, later(now, hours=number - 9), number=f"+1202555011{number}")
    InboundMessage.objects.update(meaning="ambiguous")
    first, second, third = InboundMessage.objects.order_by("pk")
    assert "3 messages wait" in text_of(support.get(DECIDE))
    assert not AuditEvent.objects.filter(action="message.read").exists()

    shown = text_of(support.post(DECIDE))
    assert "Leave off will u" in shown
    assert "+12025550110" not in shown
    after = support.post(DECIDE, {"row": first.pk, "decision": "opt_out"})
    assert "Hmm ok then" in text_of(after)
    after = support.post(DECIDE, {"row": second.pk, "decision": "opt_in"})
    assert "Help: help@example.com" in text_of(after)
    after = support.post(DECIDE, {"row": third.pk, "decision": ""})
    assert "1 still waits, because nobody was sure" in text_of(after)
    after = support.post(DECIDE, {"row": third.pk, "decision": "neither"})
    assert "Nothing waits any more" in text_of(after)

    keys = [f"twilio:{row.carrier_message_id}" for row in (first, second, third)]
    made = Event.objects.filter(idempotency_key__in=keys).order_by("sequence")
    assert [(row.kind, row.recorded_by) for row in made] == [
        ("opt_out", "sam"), ("opt_in", "sam"),
    ]  # fmt: skip
    assert AuditEvent.objects.filter(action="message.read").count() == 3
    again = support.post(DECIDE, {"row": third.pk, "decision": "opt_in"})
    assert "somebody has read it since" in text_of(again)


def test_of_two_readings_of_one_message_the_stop_counts(support, now):
    """Whoever comes second."""
    sent("Leave off will u", later(now, hours=-9))
    row = InboundMessage.objects.get()
    support.post(DECIDE, {"row": row.pk, "decision": "opt_in"})
    listed = text_of(support.get(f"/admin/consent/inboundmessage/{row.pk}/change/"))

    for _ in range(2):
        after = support.post(DECIDE, {"row": row.pk, "decision": "opt_out"})

    assert "Treat as an opt-out" in listed
    assert "Opt-out recorded" in text_of(after)
    assert [each.kind for each in Event.objects.order_by("pk")] == ["opt_in", "opt_out"]
    ada = identifiers.understand(ADA)
    assert not check.may_send(ada, channel="sms", now=now).allowed


def test_a_start_that_may_be_older_than_a_stop_is_settled_by_the_carriers_log(
    superuser, now
):
    sent("STOP", later(now, minutes=-5))
    late = dt.timedelta(minutes=8)
    sent("START", later(now, minutes=-4), may_be_late=late)
    row = InboundMessage.objects.get(meaning="ambiguous")
    where = "/admin/consent/inboundmessage/"

    assert (
        "which came last" in text_of(superuser.get(f"{where}{row.pk}/change/")).lower()
    )
    page = text_of(superuser.get(f"{where}{row.pk}/believe/"))
    superuser.post(f"{where}{row.pk}/believe/")

    assert row.carrier_message_id in page
    event = Event.objects.get(kind="opt_in")
    assert event.evidence["rule"] == "the carrier's log"
    again = superuser.post(f"{where}{row.pk}/believe/", follow=True)
    assert "somebody has read it since" in text_of(again)


def work_of(client):
    """Of the messages that wait, on the first page and behind its link."""
    _, url, number = next(
        each
        for each in client.get("/admin/").context["today"]
        if "text messages that are unclear" in each[0]
    )
    assert len(client.get(url).context["cl"].result_list) == number
    return number


def test_a_clear_message_is_not_taken_twice(story, superuser):
    row = InboundMessage.objects.get(meaning="opt_out")

    path = f"/admin/consent/inboundmessage/{row.pk}/heed/"
    answer = superuser.post(path, follow=True)

    assert "was acted on when it came" in text_of(answer)


def test_what_was_said_on_the_phone_is_read_with_a_reason(story, superuser):
    event = Event.objects.get(utterance__isnull=False)
    path = f"/admin/consent/event/{event.pk}/read/"

    words = text_of(superuser.post(path, {"reason": "A complaint"}))

    assert "quite angry" in words
    assert AuditEvent.objects.filter(action="words.read").exists()


def test_an_event_without_words_says_so(story, superuser):
    event = Event.objects.filter(utterance=None).first()
    path = f"/admin/consent/event/{event.pk}/read/"

    page = text_of(superuser.post(path, {"reason": "A complaint"}))

    assert "No message text was kept with this event" in page


@pytest.mark.parametrize("page", ["inboundmessage/1/read", "event/1/read"])
def test_words_stay_sealed_without_the_permission(story, stranger, page):
    assert stranger.post(f"/admin/consent/{page}/", {}).status_code == 403
    for page in ("heed", "believe"):
        where = f"/admin/consent/inboundmessage/1/{page}/"
        assert stranger.post(where).status_code == 403


# --- settings -----------------------------------------------------------------
def saved(client, path, row, fields, **changed):
    typed = {name: getattr(row, name) or "" for name in fields} | changed
    return client.post(path, typed)


def test_a_program_is_saved_and_the_save_is_recorded(story, superuser):
    fields = ["name", "organization", "purpose", "help_text", "opt_out_text"]
    fields += ["opt_in_text", "monthly_cap"]
    path = f"/admin/consent/program/{story.pk}/change/"

    numbers = ",".join(story.numbers)
    saved(superuser, path, story, fields, numbers=numbers, monthly_cap="30")
    refused = saved(superuser, path, story, fields, numbers="555-0100")

    assert Program.objects.get().monthly_cap == 30
    assert AuditEvent.objects.filter(action="program.changed").count() == 1
    assert "Write 555-0100 as +12025550100" in text_of(refused)
    assert f'<option value="{story.organization}">{story.name}</option>' in text_of(
        refused
    )
    assert 'textarea name="help_text"' in text_of(refused)


def test_a_keyword_is_added_with_its_key(superuser):
    typed = {
        "text": "Basta ya!",
        "meaning": "opt_out",
        "language": "es",
        "rule": "product.spanish",
        "citation": "Product choice",
        "valid_from": "2026-01-01",
    }

    superuser.post("/admin/consent/keyword/add/", typed)
    again = superuser.post("/admin/consent/keyword/add/", typed)
    signs = superuser.post("/admin/consent/keyword/add/", typed | {"text": "!!"})

    assert Keyword.objects.get(text="Basta ya!").key == "bastaya"
    assert AuditEvent.objects.filter(action="keyword.added").count() == 1
    assert "already has a row that begins on that day" in text_of(again)
    assert "signs alone mean nothing" in text_of(signs)


def test_a_keyword_does_not_disappear(superuser):
    pk = Keyword.objects.first().pk

    assert superuser.post(f"/admin/consent/keyword/{pk}/delete/").status_code == 403


# --- words, not codes -----------------------------------------------------------
def test_senders_languages_and_evidence_stand_in_words(story, superuser, now):
    event = told(
        "opt_out", now, organization=story.organization, evidence={"rule_name": "x"}
    )
    Keyword.objects.filter(language="en").update(language="mul")

    listed = text_of(superuser.get("/admin/consent/event/"))
    shown = text_of(superuser.get(f"/admin/consent/event/{event.pk}/change/"))
    words = text_of(superuser.get("/admin/consent/keyword/?q=QUIT"))
    wordings = text_of(superuser.get("/admin/consent/wording/"))

    program = text_of(superuser.get(f"/admin/consent/program/{story.pk}/change/"))

    assert f"{story.name} ({story.numbers[0]})" in program
    assert story.name in listed
    assert "Rule name: x" in shown
    assert '{"' not in shown
    assert "several languages" in words
    assert ">mul<" not in words
    assert "TCPA: Per se" in words
    assert "tcpa.per_se" not in words
    assert "An offer (German)" in wordings
    assert "advertising_de" not in wordings


def test_a_table_is_marked_as_the_log_of_messages_by_its_own_columns(superuser, now):
    store = Store.objects.create(
        name="crm", address="postgres://crm", place="crm", connected_at=now
    )
    table = Table.objects.create(store=store, name="texts")
    for name in ("to_number", "sent_at"):
        Column.objects.create(table=table, name=name, kind="TextField")
    typed = {"table": table.pk, "recipient": "to_number", "sent_at": "sent"}
    add = "/admin/consent/messagelog/add/"

    refused = superuser.post(add, typed | {"marketing": "yes"})
    superuser.post(add, typed | {"sent_at": "sent_at"})

    assert "crm.texts has no column sent." in text_of(refused)
    assert "Name the column and its value, or neither." in text_of(refused)
    assert MessageLog.objects.get().sent_at == "sent_at"
    assert AuditEvent.objects.filter(action="messagelog.added").count() == 1
