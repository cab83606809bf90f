"""Notes for colleagues, and tasks for other teams."""

import datetime as dt

from django.contrib.auth.models import Group, User
from django.db import transaction

from dsr.models import Note, Task, Ticket
from privacy import audit
from privacy.refusals import Refusal


class NothingWritten(Refusal):
    """Write something first."""


class NoSuchTeam(Refusal):
    """There is no team of that name; the teams are the staff roles."""


class NoSuchOwner(Refusal):
    """No member of staff has that name."""


class InThePast(Refusal):
    """A task must be due today or later."""


class AlreadyDone(Refusal):
    """This task is already done."""


def note(*, ticket: Ticket, text: str, by: str, now: dt.datetime) -> Note:
    if not text.strip():
        raise NothingWritten
    with transaction.atomic():
        made = Note.objects.create(ticket=ticket, text=text.strip(), by=by, at=now)
        _record("note.written", ticket, by, now, note=made.pk)
    return made


def give(
    *,
    ticket: Ticket,
    title: str,
    team: str,
    owner: str,
    due_date: dt.date,
    by: str,
    now: dt.datetime,
) -> Task:
    if not title.strip():
        raise NothingWritten
    if not Group.objects.filter(name=team).exists():
        raise NoSuchTeam
    staff = User.objects.filter(username=owner, is_active=True, is_staff=True)
    if owner and not staff.exists():
        raise NoSuchOwner
    if due_date < now.date():
        raise InThePast
    with transaction.atomic():
        task = Task.objects.create(
            ticket=ticket,
            title=title.strip(),
            team=team,
            owner=owner,
            due_date=due_date,
            made_by=by,
            made_at=now,
        )
        _record("task.given", ticket, by, now, task=task.pk, team=team)
    return task


def finish(*, task: Task, result: str, by: str, now: dt.datetime) -> None:
    if not result.strip():
        raise NothingWritten
    with transaction.atomic():
        open_ = Task.objects.filter(pk=task.pk, done_at=None)
        if not open_.update(done_at=now, done_by=by, result=result.strip()):
            raise AlreadyDone
        _record("task.done", task.ticket, by, now, task=task.pk)
    task.refresh_from_db()


def _record(
    action: str, ticket: Ticket, by: str, now: dt.datetime, **details: object
) -> None:
    subject = f"ticket:{ticket.reference}"
    audit.record(action=action, subject=subject, by=by, now=now, **details)
