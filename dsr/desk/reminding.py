"""Reminders and escalation as a due day comes near: once for each occasion, never
missed; what is late is told again each week until it is done.

A mail to staff contains the number, the day and the address of its page, and nothing
else.
"""

import datetime as dt
import logging
from collections.abc import Iterable

import yaml
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.urls import reverse

from dsr import clocks, drop, overdue, receipts
from dsr.deadlines import day_of
from dsr.desk import escalating
from dsr.desk.escalating import FILE, Occasion
from dsr.mailbox import queue
from dsr.models import Assignment, DropFetch, Mail, Reminder, Task, Ticket
from privacy import staff

log = logging.getLogger(__name__)
MOST = 500  # mails of one letter


def remind(*, now: dt.datetime) -> int:
    """Sends what has come due since; returns how many reminders were sent."""
    today = day_of(now)
    rules = escalating.rules()
    near = Ticket.objects.filter(closed_at=None)
    if (days := escalating.farthest(rules)) is not None:
        near = near.filter(due_date__lte=today + dt.timedelta(days=days))
    near = near.exclude(pk__in=[each.pk for each in clocks.paused()])
    due = ((each, escalating.now_due(rules, each, today)) for each in near)
    sent = sum(_about(ticket, it, today, now) for ticket, it in due if it)
    sent += _receipts(today, now) + _letters(today, now) + _mails(today)
    return sent + _tasks(today) + _drop(today, now)


def _drop(today: dt.date, now: dt.datetime) -> int:
    """A data broker's next fetch of California's lists, once a day when it is near."""
    due, last = drop.due(now=now), DropFetch.objects.first()
    near = dt.timedelta(days=drop.rule(today)["remind_days_before"])
    if due is None or last is None or last.reminded_on == today or due - today > near:
        return 0
    subject = f"Fetch California's deletion lists: {_when((due - today).days)}"
    try:
        _mail(staff.addresses(Q(groups__name="Legal")), subject, [f"Due on {due}."])
    except OSError as problem:
        log.warning("Nobody was reminded: %s", type(problem).__name__)
        return 0
    return DropFetch.objects.filter(pk=last.pk).update(reminded_on=today)


def _about(
    ticket: Ticket, occasion: Occasion, today: dt.date, now: dt.datetime
) -> bool:
    subject = f"{ticket}: {_when((ticket.due_date - today).days)}"
    return _once(ticket, occasion, ticket.due_date, subject, now)


def _receipts(today: dt.date, now: dt.datetime) -> int:
    """Receipts that could not be sent automatically, before their day and once it is
    past: somebody must tell the person in another way."""
    said = yaml.safe_load(FILE.read_text())["receipts"]
    last = today + dt.timedelta(days=said["days_before"])
    count = 0
    for ticket in receipts.unacknowledged().filter(acknowledge_date__lte=last):
        day = ticket.acknowledge_date or today
        left = (day - today).days
        name = "receipt late" if left < 0 else "receipt"
        every = said["every"] if left < 0 else 0
        occasion = Occasion(name, said["days_before"], said["to"], every)
        occasion = occasion._replace(name=occasion.name_of(left))
        subject = f"{ticket}: confirm that we have it, {_when(left)}"
        count += _once(ticket, occasion, day, subject, now)
    return count


def _letters(today: dt.date, now: dt.datetime) -> int:
    """Letters that have not been sent: a closed request is not answered before its
    letter is."""
    said = yaml.safe_load(FILE.read_text())["letters"]
    count = 0
    for notice, day in overdue.letters(said["days_after"], said["days_before"]):
        if day > today:
            continue
        name = f"letter {notice.kind}"
        occasion = Occasion(name, 0, said["to"], said["every"])
        occasion = occasion._replace(name=occasion.name_of((day - today).days))
        subject = f"{notice.ticket}: a letter waits to be sent"
        count += _once(notice.ticket, occasion, day, subject, now)
    return count


def _mails(today: dt.date) -> int:
    """Mails that nobody has read by their day, in one letter a day until somebody has;
    returns how many mails."""
    unread = queue.waiting().exclude(reminded_on=today).only("received_at")
    due = [mail for mail in unread[:MOST] if queue.read_by(mail) <= today]
    if not due:
        return 0
    said = yaml.safe_load(FILE.read_text())["mails"]
    subject = f"Mails to the privacy address that somebody must read: {len(due)}"
    try:
        _mail(staff.addresses(Q(groups__name__in=said["to"])), subject, map(_read, due))
    except OSError as problem:
        log.warning("Nobody was reminded: %s", type(problem).__name__)
        return 0
    keys = [mail.pk for mail in due]
    return Mail.objects.filter(pk__in=keys).update(reminded_on=today)


def _read(mail: Mail) -> str:
    path = reverse("admin:dsr_mail_change", args=[mail.pk])
    return f"{mail}, to be read by {queue.read_by(mail)}: {settings.PUBLIC_URL}{path}"


def _when(left: int) -> str:
    days = "1 day" if abs(left) == 1 else f"{abs(left)} days"
    if left < 0:
        return f"{days} late"
    return f"due in {days}" if left else "due today"


def _once(
    ticket: Ticket, occasion: Occasion, day: dt.date, subject: str, now: dt.datetime
) -> bool:
    """Whether it was sent: False if it was sent before, or no server accepted it."""
    people = _people(occasion.to, ticket)
    try:
        with transaction.atomic():
            Reminder.objects.create(
                ticket=ticket,
                occasion=occasion.name,
                due_date=day,
                sent_to=len(people),
                at=now,
            )
            _mail(people, subject, [_line(ticket)])
    except IntegrityError:  # this occasion was told before
        return False
    except OSError as problem:  # told again in an hour; smtplib's errors are such
        log.warning("Nobody was reminded: %s", type(problem).__name__)
        return False
    return True


def _people(names: list[str], ticket: Ticket) -> list[str]:
    """Addresses of the assignee, and of teams; of Legal when nobody is assigned."""
    has_it = Assignment.objects.filter(ticket=ticket).values_list("to", flat=True)
    teams = [name for name in names if name != "assignee"]
    if not has_it:
        teams.append("Legal")
    who = Q(groups__name__in=teams)
    if "assignee" in names:
        who |= Q(username__in=list(has_it))
    return staff.addresses(who)


def _tasks(today: dt.date) -> int:
    """Each open task that is due within two days or late, once a day."""
    days = yaml.safe_load(FILE.read_text())["tasks"]["days_before"]
    near = Task.objects.filter(
        done_at=None, due_date__lte=today + dt.timedelta(days=days)
    ).filter(Q(reminded_on=None) | Q(reminded_on__lt=today))
    count = 0
    for task in near.select_related("ticket"):
        owner = Q(username=task.owner) if task.owner else Q(groups__name=task.team)
        subject = f"Task for {task.ticket}: due on {task.due_date}"
        try:
            _mail(staff.addresses(owner), subject, [task.title, _line(task.ticket)])
        except OSError as problem:
            log.warning("Nobody was reminded: %s", type(problem).__name__)
            continue
        count += Task.objects.filter(pk=task.pk).update(reminded_on=today)
    return count


def _line(ticket: Ticket) -> str:
    path = reverse("admin:dsr_ticket_change", args=[ticket.pk])
    return f"{ticket}, due on {ticket.due_date}: {settings.PUBLIC_URL}{path}"


def _mail(people: list[str], subject: str, lines: Iterable[str]) -> None:
    if people:
        EmailMessage(
            subject, "\n".join(lines), settings.DEFAULT_FROM_EMAIL, people
        ).send()
