"""A recipient that only one of us can tell is told when somebody has told it."""

import datetime as dt
import io
import json

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.urls import reverse

from config import board
from dsr import recipients, requests
from privacy import providers
from privacy.models import (
    AuditEvent,
    Category,
    Certificate,
    Disclosure,
    Instruction,
    Provider,
)
from privacy.providers import byhand, register, telling
from tests.dsr.factories import ADA, ADAS_MAIL, LENA, NOW, approved, clock
from tests.privacy.factories import PIA, signed_in, staff

pytestmark = pytest.mark.django_db
State = Instruction.State
TODAY = NOW.date()


def left_to_us(**changed):
    """Ada is erased here; Store-It, which has a copy, has no way of its own."""
    facts = {"name": "Store-It", "way": "task", "owner": LENA} | changed
    Provider.objects.create(**facts)
    said = {"regime": "EU-GDPR", "email": ADAS_MAIL}
    ticket = requests.fulfil(ticket=approved("erasure", **said), clock=clock)
    mail.outbox.clear()
    return ticket, Instruction.objects.get()


def days(number):
    return NOW + dt.timedelta(days=number)


def test_nobody_is_called_told_before_one_of_us_has_told_them(town):
    staff(LENA)
    ticket, row = left_to_us()

    assert providers.tell_waiting(now=NOW) == 1
    assert providers.tell_waiting(now=NOW) == 0

    row.refresh_from_db()
    assert (row.state, row.told_at, row.reminders) == (State.WAITING, None, 0)
    assert recipients.sentences(ticket, "en") == ["Store-It has not been told yet."]
    (said,) = json.loads(Certificate.objects.get().document)["recipients"]
    assert (said["state"], said["told_at"]) == ("waiting", None)


def test_the_owner_is_asked_by_mail_that_names_nobody_and_asked_again(town):
    for name in (LENA, "max"):
        staff(name)
    ticket, row = left_to_us()

    providers.tell_waiting(now=NOW)
    providers.tell_waiting(now=days(6))
    providers.tell_waiting(now=days(7))

    first, again = mail.outbox
    assert first.to == again.to == ["lena@example.com"]
    assert first.subject == f"{ticket.reference}: tell Store-It"
    assert reverse("admin:privacy_instruction_change", args=[row.pk]) in first.body
    assert "2025550143" not in first.body + first.subject


@pytest.mark.parametrize(
    ("owner", "asked"),
    [
        ("", {"max@example.com", "lena@example.com"}),
        ("gone", {"max@example.com", "lena@example.com"}),
        (PIA, {"max@example.com", "lena@example.com", "pia@example.com"}),
    ],
)
def test_legal_is_asked_where_the_owner_is_nobody_or_may_not_note_it(
    town, owner, asked
):
    for name in (LENA, "max", PIA, "sam"):
        staff(name)
    left_to_us(owner=owner)
    providers.tell_waiting(now=NOW)

    assert set(mail.outbox[0].to) == asked


def test_it_is_told_on_the_day_and_by_whom_somebody_notes(town):
    staff(LENA)
    ticket, row = left_to_us()
    providers.tell_waiting(now=NOW)

    byhand.told(instruction=row, on=TODAY, by=LENA, now=NOW)
    recipients.follow_answers(now=NOW)

    assert (row.state, row.told_by, row.told_at) == (State.TOLD, LENA, NOW)
    assert "was told on 24 November 2026" in recipients.sentences(ticket, "en")[0]
    (said,) = json.loads(Certificate.objects.get().supplement)["recipients"]
    assert (said["state"], said["by_hand"]) == ("told", True)
    entry = Disclosure.objects.get()
    assert (entry.provider, entry.people) == (row.provider, 1)


def test_who_told_it_is_asked_for_its_answer_and_a_reminder_counts_once_noted(town):
    staff(LENA)
    _, row = left_to_us()
    byhand.told(instruction=row, on=TODAY, by=LENA, now=NOW)
    assert providers.tell_waiting(now=days(6)) == 0
    assert providers.tell_waiting(now=days(7)) == 1

    assert "ask for the answer of Store-It" in mail.outbox[0].subject
    row.refresh_from_db()
    assert row.reminders == 0
    byhand.told(instruction=row, on=days(8).date(), by=LENA, now=days(8))
    assert (row.reminders, row.told_at) == (1, NOW)


@pytest.mark.parametrize("day", [-1, 1])
def test_nobody_was_told_before_the_erasure_or_tomorrow(town, day):
    _, row = left_to_us()
    with pytest.raises(byhand.NotThen):
        byhand.told(instruction=row, on=days(day).date(), by=LENA, now=NOW)
    row.refresh_from_db()
    assert row.state == State.WAITING


@pytest.mark.parametrize("state", ["done", "nothing"])
def test_who_has_done_it_is_told_no_more(town, state):
    _, row = left_to_us()
    providers.answered(instruction=row, state=state, by=LENA, now=NOW)
    with pytest.raises(byhand.NothingToTell):
        byhand.told(instruction=row, on=TODAY, by=LENA, now=NOW)
    with pytest.raises(byhand.NothingToTell):
        byhand.words(instruction=row, by=LENA, now=NOW)


def test_what_may_be_on_its_way_by_mail_is_looked_up_first(town):
    _, row = left_to_us(way="mail", address="dpo@store-it.example")
    Instruction.objects.update(tried_at=NOW)
    with pytest.raises(byhand.OnItsWay):
        byhand.told(instruction=row, on=TODAY, by=LENA, now=NOW)


def test_what_the_gate_stopped_is_left_to_one_of_us_who_is_asked_once(town):
    staff(LENA)
    _, row = left_to_us(way="mail", address="dpo@store-it.example", changed_by=["pia"])
    for minutes in (0, 5, 15):
        providers.tell_waiting(now=NOW + dt.timedelta(minutes=minutes))

    assert [each.to for each in mail.outbox] == [["lena@example.com"]]
    assert list(byhand.waiting()) == [row]
    byhand.told(instruction=row, on=TODAY, by=LENA, now=NOW)
    assert not Disclosure.objects.exists()
    Provider.objects.update(changed_by=[])
    providers.tell_waiting(now=days(8))
    assert mail.outbox[-1].to == ["lena@example.com"]


def test_what_to_tell_names_the_person_and_is_on_record(town):
    _, row = left_to_us()
    lena, pia = signed_in(LENA), signed_in(PIA)
    page = reverse("admin:privacy_instruction_words", args=[row.pk])

    assert pia.post(page).status_code == 403
    assert ADA not in lena.get(page, follow=True).text
    assert ADA in lena.post(page).text
    event = AuditEvent.objects.get(action="provider.words_read")
    assert "2025550143" not in event.payload


def test_the_first_page_and_the_request_lead_to_who_must_be_told(town):
    ticket, row = left_to_us()
    lena = signed_in(LENA)
    label = "Tell by hand: recipients of data that nothing else reaches"
    found = {name: (url, n) for name, url, n in board.today(staff(LENA), NOW)}
    url, number = found[label]

    assert number == 1
    assert "Store-It" in lena.get(url).text
    change = reverse("admin:privacy_instruction_change", args=[row.pk])
    around = lena.get(reverse("admin:dsr_ticket_change", args=[ticket.pk])).text
    assert change in around
    assert "I have told it" in lena.get(change).text
    tell = reverse("admin:privacy_instruction_tell", args=[row.pk])
    assert "not before it was to be told" in lena.post(tell, {"on": "2020-01-01"}).text
    Instruction.objects.update(made_at=NOW - dt.timedelta(days=30))
    assert lena.post(tell, {"on": TODAY.isoformat()}).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.told_by) == (State.TOLD, LENA)
    assert dict((n, c) for n, _, c in board.today(staff(LENA), NOW))[label] == 0


def test_a_mail_server_that_is_down_leaves_it_waiting(town, monkeypatch):
    staff(LENA)
    _, row = left_to_us()

    def down(_):
        raise ConnectionRefusedError

    with monkeypatch.context() as patch:
        patch.setattr(byhand, "ask", down)
        assert providers.tell_waiting(now=NOW) == 0
    row.refresh_from_db()
    assert row.asked_at is None
    assert providers.tell_waiting(now=NOW + telling.LEASE) == 1


def test_a_correction_by_hand_names_only_what_the_recipient_has():
    row = Provider.objects.create(name="Store-It", way="task")
    row.categories.set([Category.objects.get(pk="profile_contact")])
    changes = [
        {"field": "city", "after": "Elsewhere", "category": "profile_contact"},
        {"field": "device", "after": "X-19", "category": "device_technical"},
    ]
    (told,) = providers.instruct(
        duty="correct", subject="ticket:R-2026-000001", marks=[], plan=None,
        asked_at=NOW, regime="EU-GDPR", by=LENA, now=NOW, changes=changes,
    )  # fmt: skip
    text = byhand.words(instruction=told, by=LENA, now=NOW)

    assert "Elsewhere" in text
    assert "X-19" not in text


def test_an_owner_is_somebody_of_the_staff():
    with pytest.raises(register.NoSuchColleague):
        register.add(
            name="Store-It", contract="", purposes=[], categories=[], ends=None,
            owner="nobody", by=LENA, now=NOW,
        )  # fmt: skip


def test_a_command_lists_who_waits_and_notes_who_was_told(town):
    staff(LENA)
    _, row = left_to_us()

    def said(*words):
        out = io.StringIO()
        call_command("providers", *words, "--by", LENA, "--json", stdout=out)
        return json.loads(out.getvalue())

    assert [each["number"] for each in said("waiting")] == [str(row.pk)]
    with pytest.raises(CommandError):
        said("told", str(row.pk), "--on", "2020-01-01")
    assert said("told", str(row.pk), "--on", f"{row.made_at:%Y-%m-%d}")["by_hand"]
    assert said("waiting") == []
