"""Due dates as a month, and as a feed for calendar programs (RFC 5545).

The feed has numbers and days and names nobody: whoever finds its address learns no more
than how many requests there are.
"""

import calendar
import datetime as dt
import hashlib
import secrets
from collections import defaultdict
from typing import NamedTuple

import icalendar
from django.conf import settings
from django.db import transaction
from django.urls import reverse

from dsr.models import CalendarFeed, Task, Ticket
from privacy import audit
from privacy.refusals import Refusal

MOST = 2000


class NoSuchFeed(Refusal):
    """This address gives no calendar."""


class Day(NamedTuple):
    date: dt.date
    is_of_month: bool
    tickets: list[Ticket]
    tasks: list[Task]


def month(year: int, number: int) -> list[list[Day]]:
    """Weeks from Monday, each day with what is due on it."""
    weeks = calendar.Calendar().monthdatescalendar(year, number)
    first, last = weeks[0][0], weeks[-1][-1]
    tickets, tasks = defaultdict(list), defaultdict(list)
    due = Ticket.objects.filter(closed_at=None, due_date__range=(first, last))
    for ticket in due.order_by("due_date", "pk")[:MOST]:
        tickets[ticket.due_date].append(ticket)
    open_ = Task.objects.filter(done_at=None, due_date__range=(first, last))
    for task in open_.select_related("ticket")[:MOST]:
        tasks[task.due_date].append(task)
    return [
        [Day(day, day.month == number, tickets[day], tasks[day]) for day in week]
        for week in weeks
    ]


# --- the feed -------------------------------------------------------------------------
def give_feed(*, by: str, now: dt.datetime) -> str:
    """A new address; the old one of the same person ends."""
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
    """Of everything open; only for an address that is still good."""
    given = CalendarFeed.objects.filter(digest=_digest(token), ended_at=None)
    if not given.exists():
        raise NoSuchFeed
    made = icalendar.Calendar()
    made.add("prodid", "-//Privacy portal//Due dates//EN")
    made.add("version", "2.0")
    made.add("x-wr-calname", "Requests: due dates")
    for ticket in Ticket.objects.filter(closed_at=None).order_by("due_date")[:MOST]:
        made.add_component(_event(ticket, now))
    return bytes(made.to_ical())


def _event(ticket: Ticket, now: dt.datetime) -> icalendar.Event:
    event = icalendar.Event()
    event.add("uid", f"{ticket.reference}@privacy-portal")
    event.add("dtstamp", now)
    event.add("dtstart", ticket.due_date)
    event.add("dtend", ticket.due_date + dt.timedelta(days=1))
    event.add("summary", f"{ticket.reference}: {ticket.right}, answer due")
    path = reverse("admin:dsr_ticket_change", args=[ticket.pk])
    event.add("url", settings.PUBLIC_URL + path)
    event.add("transp", "TRANSPARENT")
    return event


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
