"""Due dates as a month, and as a feed for calendar programs (RFC 5545): answers,
receipts, tasks, and mails to read.

The feed has numbers and days and names nobody: whoever finds its address learns only
how many requests there are.
"""

import calendar
import datetime as dt
import hashlib
import secrets
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import icalendar
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.urls import reverse

from dsr import receipts
from dsr.mailbox import queue
from dsr.models import CalendarFeed, Mail, Task, Ticket
from privacy import audit
from privacy.refusals import Refusal

MOST = 2000


class NoSuchFeed(Refusal):
    """There is no calendar at this address."""


class Day(NamedTuple):
    date: dt.date
    is_of_month: bool
    tickets: list[Ticket]
    receipts: list[Ticket]
    tasks: list[Task]
    mails: list[Mail]


class Due(NamedTuple):
    """One day of the feed; `uid` stays the same when the day moves. `about` is the
    request or the mail whose page it leads to."""

    uid: str
    about: Ticket | Mail
    day: dt.date
    what: str


def month(year: int, number: int) -> list[list[Day]]:
    """Weeks from Monday, each day with what is due on it."""
    weeks = calendar.Calendar().monthdatescalendar(year, number)
    first, last = weeks[0][0], weeks[-1][-1]
    tickets, bare, tasks = defaultdict(list), defaultdict(list), defaultdict(list)
    due = Ticket.objects.filter(closed_at=None, due_date__range=(first, last))
    for ticket in due.order_by("due_date", "pk")[:MOST]:
        tickets[ticket.due_date].append(ticket)
    unsent = receipts.unacknowledged().filter(acknowledge_date__range=(first, last))
    for ticket in unsent.order_by("pk")[:MOST]:
        bare[ticket.acknowledge_date].append(ticket)
    open_ = Task.objects.filter(done_at=None, due_date__range=(first, last))
    for task in open_.select_related("ticket")[:MOST]:
        tasks[task.due_date].append(task)
    unread = defaultdict(list)
    for mail in queue.waiting().only("received_at")[:MOST]:
        unread[queue.read_by(mail)].append(mail)

    def told(day: dt.date) -> Day:
        mine = (tickets[day], bare[day], tasks[day], unread[day])
        return Day(day, day.month == number, *mine)

    return [[told(day) for day in week] for week in weeks]


# --- the feed -------------------------------------------------------------------------
def give_feed(*, by: str, now: dt.datetime) -> str:
    """A new address; the person's old one stops working."""
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        end_feed(by=by, now=now)
        feed = CalendarFeed.objects.create(owner=by, digest=_digest(token), made_at=now)
        audit.record(
            action="calendar.given", subject=f"calendar:{feed.pk}", by=by, now=now
        )
    return f"{settings.PUBLIC_URL}/calendar/{token}.ics"


def end_feed(*, by: str, now: dt.datetime) -> int:
    return CalendarFeed.objects.filter(owner=by, ended_at=None).update(ended_at=now)


def feed(*, token: str, now: dt.datetime) -> bytes:
    """Everything that is open; only for a valid address of somebody who still works
    here."""
    staff = User.objects.filter(is_active=True, is_staff=True).values("username")
    given = CalendarFeed.objects.filter(digest=_digest(token), ended_at=None)
    if not given.filter(owner__in=staff).exists():
        raise NoSuchFeed
    made = icalendar.Calendar()
    made.add("prodid", "-//Privacy portal//Due dates//EN")
    made.add("version", "2.0")
    made.add("x-wr-calname", "Requests: due dates")
    for due in _open():
        made.add_component(_event(due, now))
    return bytes(made.to_ical())


def _open() -> Iterator[Due]:
    """Answers, receipts not yet sent, tasks and mails; the next ones of each."""
    for ticket in Ticket.objects.filter(closed_at=None).order_by("due_date")[:MOST]:
        what = f"{ticket.get_right_display()}, answer due"
        yield Due(ticket.reference, ticket, ticket.due_date, what)
    for ticket in receipts.unacknowledged().order_by("acknowledge_date")[:MOST]:
        day, uid = ticket.acknowledge_date, f"{ticket.reference}-receipt"
        if day:
            yield Due(uid, ticket, day, "confirm that we have it")
    tasks = Task.objects.filter(done_at=None).select_related("ticket")
    for task in tasks.order_by("due_date")[:MOST]:
        yield Due(f"task-{task.pk}", task.ticket, task.due_date, f"{task.team}, a task")
    for mail in queue.waiting().only("received_at")[:MOST]:
        yield Due(f"mail-{mail.pk}", mail, queue.read_by(mail), "must be read")


def _event(due: Due, now: dt.datetime) -> icalendar.Event:
    event = icalendar.Event()
    event.add("uid", f"{due.uid}@privacy-portal")
    event.add("dtstamp", now)
    event.add("dtstart", due.day)
    event.add("dtend", due.day + dt.timedelta(days=1))
    event.add("summary", f"{due.about}: {due.what}")
    page = f"admin:dsr_{due.about._meta.model_name}_change"
    path = reverse(page, args=[due.about.pk])
    event.add("url", settings.PUBLIC_URL + path)
    event.add("transp", "TRANSPARENT")
    return event


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
