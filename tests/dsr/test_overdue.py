"""Letters that nobody has sent: somebody is told, and an extension does not count."""

import datetime as dt

import pytest
from django.core.mail import EmailMessage
from django.urls import reverse

from dsr import clocks, notices, promises, requests
from dsr.desk import reminding
from dsr.models import Notice
from privacy import identifiers
from tests.dsr.factories import ADAS_MAIL, LENA, NOW, asked

pytestmark = pytest.mark.django_db


def days_after(at, *numbers):
    return [at + dt.timedelta(days=number) for number in numbers]


def extended(**changed):
    """By default Ada called, and left no address."""
    ticket = asked("access", regime="EU-GDPR", **changed)
    clocks.extend(ticket=ticket, reason="Many databases.", by=LENA, now=NOW)
    notices.send_waiting(ticket=ticket, now=NOW)
    return ticket


def by_hand(ticket, now):
    notices.by_hand(notice=ticket.notices.get(), by=LENA, now=now)


def first_day(ticket):
    return dt.datetime.combine(clocks.first_day(ticket), dt.time(9), dt.UTC)


def late_ones(now):
    return [each.sentence for each in promises.rights_in_europe(now).evidence]


def test_an_extension_that_nobody_was_told_of_is_late_on_its_first_last_day():
    ticket = extended()
    last, next_ = days_after(first_day(ticket), 0, 1)

    assert ticket.due_date > next_.date()
    assert late_ones(last) == []
    assert "nobody was told in time" in late_ones(next_)[0]

    by_hand(ticket, next_)
    assert "nobody was told in time" in late_ones(next_)[0]


def test_one_that_was_told_in_time_counts():
    ticket, written_to = extended(), extended(marks=[identifiers.email(ADAS_MAIL)])
    by_hand(ticket, first_day(ticket))

    assert written_to.notices.get().sent_at
    assert late_ones(days_after(first_day(ticket), 1)[0]) == []


def test_the_page_says_by_when_it_must_be_sent(lena):
    ticket = asked("access", regime="EU-GDPR")
    page = reverse("admin:dsr_ticket_extend", args=[ticket.pk])

    said = lena.post(page, {"reason": "Many databases."}, follow=True).text
    listed = lena.get(reverse("admin:dsr_ticket_by_hand")).text

    day = f"{clocks.first_day(ticket):%-d %B %Y}"
    assert f"print the letter and send it by {day}" in said
    assert f"Send it by {day}" in listed


def test_an_answer_that_waits_to_be_posted_is_told_until_it_is_sent(lena, mailoutbox):
    ticket = asked("objection", regime="EU-GDPR")
    requests.refuse(ticket=ticket, reason="No.", ground="OTHER", by=LENA, now=NOW)

    days = days_after(NOW, 0, 1, 2, 3, 8, 9, 10)
    assert [reminding.remind(now=at) for at in days] == [0, 0, 1, 0, 0, 0, 1]
    assert mailoutbox[0].subject == f"{ticket}: a letter waits to be sent"
    assert mailoutbox[0].to == ["lena@example.com"]

    by_hand(ticket, days[-1])
    assert reminding.remind(now=days_after(NOW, 30)[0]) == 0


def down(*_, **__):
    raise ConnectionRefusedError


def test_so_is_one_that_no_server_takes(lena, mailoutbox, monkeypatch):
    ticket = asked("objection", regime="EU-GDPR", marks=[identifiers.email(ADAS_MAIL)])
    requests.refuse(ticket=ticket, reason="No.", ground="OTHER", by=LENA, now=NOW)
    with monkeypatch.context() as away:
        away.setattr(EmailMessage, "send", down)
        notices.send_waiting(ticket=ticket, now=NOW)
    assert Notice.objects.get().sent_at is None

    assert reminding.remind(now=days_after(NOW, 2)[0]) == 1
