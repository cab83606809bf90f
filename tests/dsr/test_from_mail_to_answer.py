"""Whole ways of a request by mail, as the workers and the people on both sides go."""

import datetime as dt

import pytest
from django.core import mail as post

from dsr import desk, identity, mailbox, metrics, requests, tasks, uploads
from dsr.desk import reminding
from dsr.mailbox import queue
from dsr.models import Mail, Message, Representative, Ticket
from privacy import identifiers
from tests.dsr.factories import LENA, MAX, NOW, clock
from tests.dsr.mails import ADDRESS, mail

pytestmark = pytest.mark.django_db
CAME = dt.datetime(2026, 11, 2, 10, tzinfo=dt.UTC)
ASKS = "Under the GDPR please send me a copy of all my personal data. Thank you."
AGENT = "agent@example.com"
PERMISSION = uploads.File("permission.pdf", b"%PDF-1.7 I permit it", 20)


@pytest.fixture
def take(monkeypatch):
    """A mail as the mailbox takes it, and the workers after it."""

    def at(raw, now):
        monkeypatch.setattr("dsr.tasks.timezone.now", lambda: now)
        taken = mailbox.ingest(raw, by="mailbox", now=now).mail
        tasks.acknowledge()
        return Mail.objects.get(pk=taken.pk)

    return at


def nine(day):
    return dt.datetime.combine(day, dt.time(9), dt.UTC)


def test_a_request_that_nobody_touches_is_acknowledged_told_and_never_closed(
    take, lena, mailoutbox
):
    take(mail(ASKS), CAME)
    ticket = Ticket.objects.get()
    (receipt,) = mailoutbox
    assert (receipt.to, ticket.due_date) == ([ADDRESS], dt.date(2026, 12, 2))
    assert "2 December 2026" in receipt.body or "Dec. 2, 2026" in receipt.body

    for days in range(-15, 16):
        reminding.remind(now=nine(ticket.due_date + dt.timedelta(days=days)))
    told = [letter.subject for letter in mailoutbox[1:]]
    assert told == [
        f"{ticket}: {when}"
        for when in (
            "due in 14 days", "due in 7 days", "due in 3 days", "due in 1 day",
            "1 day late", "8 days late", "15 days late",
        )
    ]  # fmt: skip
    assert all(ADDRESS not in letter.body for letter in mailoutbox[1:])
    ticket.refresh_from_db()
    assert ticket.is_open, "time alone closes nothing"

    late = nine(ticket.due_date + dt.timedelta(days=16))
    (placed,) = desk.placed(on=late.date())
    assert (placed.state, placed.left) == ("late", "16 days late")
    requests.refuse(
        ticket=ticket, reason="No proof came.", ground="ID_FAIL", by=LENA, now=late
    )
    (line,) = metrics.counts(year=2026, now=late)
    assert (line.denied, line.late, line.open) == (1, 1, 0)


def test_an_agent_asks_by_mail_shows_the_permission_and_gets_the_answer(
    take, lena, mailoutbox
):
    words = (
        "We act as authorized agent under the CCPA for ada.sample@example.com. Please"
    )
    words += " delete her personal data."
    waits = take(mail(words, From=AGENT), CAME)
    queue.read(mail=waits, reason="To decide", by=LENA, now=NOW)
    assert waits.verdict == Mail.Verdict.QUEUE, "who acts for another is looked at"

    (ticket,) = queue.open_requests(
        mail=waits, rights=["erasure"], regime="US-CA",
        marks=[identifiers.email("ada.sample@example.com")], received_at=CAME,
        capacity="agent", by=LENA, now=NOW,
    )  # fmt: skip
    tasks.acknowledge()
    assert [letter.to for letter in mailoutbox] == [[AGENT]]
    assert "permission" in mailoutbox[0].body
    assert Representative.objects.get().capacity == "agent"

    take(mail("Here.", From=AGENT, Subject=f"Re: {ticket}"), NOW)
    assert Message.objects.filter(ticket=ticket, side="person").exists()
    uploads.keep(ticket=ticket, files=[PERMISSION], purpose="authority", now=NOW)
    identity.decide(ticket=ticket, accepted=False, may_act=True, by=LENA, now=NOW,
        reason="I have seen it")  # fmt: skip
    assert not identity.standing(ticket).is_enough, "the person shows who they are"
    identity.decide(ticket=ticket, accepted=True, may_act=True,
        points=["name", "phone"], by=LENA, now=NOW, reason="She said so")  # fmt: skip

    requests.plan(ticket=ticket, by=LENA, now=NOW)
    requests.approve(ticket=ticket, by=MAX, now=NOW)
    done = requests.fulfil(ticket=ticket, clock=clock)
    assert done.status == Ticket.Status.ANSWERED
    assert post.outbox[-1].to == [AGENT]
