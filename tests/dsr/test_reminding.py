"""What is late is told until it is done; mails that nobody has read have a day."""

import datetime as dt

import pytest
from django.contrib.auth.models import Group, User
from django.core.mail import get_connection
from django.db import IntegrityError, transaction
from django.urls import reverse

from dsr import desk, mailbox, receipts
from dsr.desk import calendar, reminding
from dsr.mailbox import queue
from dsr.models import Mail, Reminder, ReminderRule
from privacy.models import AuditEvent
from tests.dsr.factories import LENA, NOW, asked
from tests.dsr.mails import mail

pytestmark = pytest.mark.django_db


def days_after(day, *numbers):
    nine = dt.datetime.combine(day, dt.time(9), dt.UTC)
    return [nine + dt.timedelta(days=number) for number in numbers]


def test_what_is_late_is_told_each_week_until_it_is_done(lena, mailoutbox):
    ticket = asked("access", regime="EU-GDPR")
    receipts.told_otherwise(ticket=ticket, by=LENA, now=NOW)

    late = days_after(ticket.due_date, 1, 2, 7, 8, 8, 14, 15, 29)
    sent = [reminding.remind(now=at) for at in late]

    assert sent == [1, 0, 0, 1, 0, 0, 1, 1]
    assert "29 days late" in mailoutbox[-1].subject


def test_a_late_receipt_is_told_each_week(lena, mailoutbox):
    ticket = asked("access")

    late = days_after(ticket.acknowledge_date, 1, 2, 8, 9, 15)

    assert [reminding.remind(now=at) for at in late] == [1, 0, 1, 0, 1]


@pytest.fixture
def unread():
    """On Monday 23 November, so it is to be read on Wednesday."""
    raw = mail("Hm.", Date="Mon, 23 Nov 2026 10:00:00 +0000")
    return Mail.objects.get(pk=mailbox.ingest(raw, by="mailbox", now=NOW).mail.pk)


@pytest.mark.parametrize(
    ("came", "day"), [("Mon, 23 Nov", "2026-11-25"), ("Thu, 19 Nov", "2026-11-23")]
)
def test_a_mail_is_to_be_read_within_two_business_days_of_its_receipt(came, day):
    raw = mail("Hm.", Date=f"{came} 2026 10:00:00 +0000")
    taken = mailbox.ingest(raw, by="mailbox", now=NOW).mail

    assert queue.read_by(taken) == dt.date.fromisoformat(day)


def test_an_unread_mail_is_told_from_its_day_on_once_a_day(lena, unread, mailoutbox):
    days = days_after(dt.date(2026, 11, 25), -1, 0, 0, 1)

    assert [reminding.remind(now=at) for at in days] == [0, 1, 0, 1]

    letter = mailoutbox[0]
    assert letter.to == ["lena@example.com"]
    assert reverse("admin:dsr_mail_change", args=[unread.pk]) in letter.body
    queue.read(mail=unread, reason="To see", by=LENA, now=NOW)
    queue.set_aside(mail=unread, reason="A test", by=LENA, now=NOW)
    assert reminding.remind(now=days[-1] + dt.timedelta(days=1)) == 0


def test_a_reminder_that_no_server_takes_is_sent_the_next_time(
    lena, unread, mailoutbox, monkeypatch
):
    (at,) = days_after(dt.date(2026, 11, 25), 0)

    def refuse(*given):
        raise ConnectionRefusedError

    with monkeypatch.context() as broken:
        broken.setattr(type(get_connection()), "send_messages", refuse)
        assert reminding.remind(now=at) == 0

    assert reminding.remind(now=at) == 1


def test_unread_mails_are_on_the_desk_in_the_list_and_in_the_calendar(lena, unread):
    month = lena.get(reverse("admin:dsr_ticket_month") + "?month=2026-11").text
    desk = lena.get(reverse("admin:dsr_ticket_desk")).text
    shown = lena.get(reverse("admin:dsr_mail_changelist")).text
    address = calendar.give_feed(by=LENA, now=NOW)
    feed = calendar.feed(token=address.split("/")[-1].removesuffix(".ics"), now=NOW)

    path = reverse("admin:dsr_mail_change", args=[unread.pk])
    assert path in month
    assert "<strong>1</strong> Read a mail" in desk
    assert "● 1 late" in desk
    assert "25 Nov 2026, late" in shown
    assert path in feed.decode().replace("\r\n ", "")


# --- when, and who: rows that staff set ---------------------------------------------
def occasion(**said):
    facts = {"name": "mine", "to": ["Auditor"]} | said
    return ReminderRule.objects.create(**facts)


@pytest.fixture
def ava():
    user = User.objects.create_user("ava", email="ava@example.com", is_staff=True)
    user.groups.set([Group.objects.get(name="Auditor")])
    return user


def test_a_request_is_escalated_after_the_part_of_its_time_that_is_set(
    lena, ava, mailoutbox
):
    ReminderRule.objects.update(is_active=False)
    occasion(share=50)
    ticket = asked("access", regime="EU-GDPR")
    desk.assign(tickets=[ticket], to="lena", by=LENA, now=NOW)
    days = (ticket.due_date - ticket.received_at.date()).days

    half = days_after(ticket.received_at.date(), days // 2 - 1, days // 2 + 1)
    sent = [reminding.remind(now=at) for at in [*half, half[1]]]

    assert sent == [0, 1, 0]
    assert [letter.to for letter in mailoutbox] == [["ava@example.com"]]


def test_it_is_escalated_so_many_days_late_to_the_group_that_is_set(
    lena, ava, mailoutbox
):
    ReminderRule.objects.update(is_active=False)
    occasion(days_before=-5)
    ticket = asked("access", regime="EU-GDPR")
    desk.assign(tickets=[ticket], to="lena", by=LENA, now=NOW)

    at = days_after(ticket.due_date, 4, 5, 12)

    assert [reminding.remind(now=each) for each in at] == [0, 1, 0]
    assert mailoutbox[0].to == ["ava@example.com"]


def test_of_several_that_have_come_the_latest_is_told(lena, mailoutbox):
    occasion(share=90, to=["Legal"])
    ticket = asked("access", regime="US-CA")

    reminding.remind(now=days_after(ticket.due_date, -2)[0])

    assert (
        Reminder.objects.filter(due_date=ticket.due_date).get().occasion == "three days"
    )


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"days_before": 3, "share": 50},
        {"share": 101},
        {"days_before": 3, "to": []},
    ],
)
def test_a_reminder_has_one_time_and_somebody(said):
    with pytest.raises(IntegrityError), transaction.atomic():
        occasion(**said)


def test_legal_sets_when_and_who(lena):
    late = ReminderRule.objects.get(name="late")
    page = reverse("admin:dsr_reminderrule_change", args=[late.pk])
    form = {"name": "late", "days_before": -2, "share": "", "every": 3}

    nobody = lena.post(page, form).text
    both = lena.post(page, form | {"share": 50, "to": ["Legal"]}).text
    lena.post(page, form | {"to": ["assignee", "Support"], "is_active": "on"})

    assert "This field is required" in nobody
    assert "Give the days or the part of the time: one of them." in both
    late.refresh_from_db()
    assert (late.days_before, late.to) == (-2, ["assignee", "Support"])
    assert AuditEvent.objects.filter(action="reminderrule.changed", by="lena").exists()
    listed = lena.get(reverse("admin:dsr_reminderrule_changelist")).text
    assert "2 days after the last day" in listed
    assert "1 day before the last day" in listed
    assert "who has it, Support" in listed
    assert "every 3 days" in listed
