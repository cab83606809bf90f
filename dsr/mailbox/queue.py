"""The mails that wait for a person: read for a reason, then decided.

Nobody decides about a mail that they have not read, and reading is recorded.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from consent import ledger
from consent.models import Channel, Event
from dsr import deadlines, intake, tickets
from dsr.mailbox import letter, understanding
from dsr.mailbox.letter import Letter
from dsr.mailbox.rules import rules
from dsr.models import Mail, Ticket
from dsr.representatives import Acting
from privacy import audit, holds, identifiers, workdays
from privacy.identifiers import Kind, Mark
from privacy.models import AuditEvent, Hold
from privacy.refusals import Refusal, reason_given

Verdict = Mail.Verdict
READ = "mail.read"


class NotRead(Refusal):
    """Read the mail first, then decide about it."""


class NotWaiting(Refusal):
    """Somebody has already dealt with this mail; its history says who."""


class OpenAlready(Refusal):
    """Somebody has opened that very request from this mail already; its page leads to
    it."""


class NothingChosen(Refusal):
    """Say what the person asks for."""


def waiting() -> QuerySet[Mail]:
    """The one that has waited longest comes first."""
    return Mail.objects.filter(verdict=Verdict.QUEUE).order_by("taken_at")


def read_by(mail: Mail) -> dt.date:
    """The last day to read it: if it is a request, its law's clock runs since it
    came."""
    came = deadlines.day_of(mail.received_at)
    return workdays.after(came, rules().days_to_read(came), "")


def days_of_waiting() -> list[dt.date]:
    """The last day of each mail that waits."""
    return [read_by(mail) for mail in waiting().only("received_at")]


def read(*, mail: Mail, reason: str, by: str, now: dt.datetime) -> Letter:
    """Its text, for staff with a reason, which is recorded with their name."""
    reason = reason_given(reason)
    _record(READ, mail, by, now, reason=reason)
    return letter.open_(letter.as_bytes(mail.raw.open()))


def content(*, mail: Mail, by: str, now: dt.datetime) -> bytes:
    """The mail as it came, attachments included, for a mail program."""
    require_read(mail, by)
    _record("mail.downloaded", mail, by, now)
    return letter.as_bytes(mail.raw.open())


def require_read(mail: Mail, by: str) -> None:
    if not has_read(mail, by):
        raise NotRead


def has_read(mail: Mail, by: str) -> bool:
    trail = AuditEvent.objects.filter(subject=_name(mail), action=READ, by=by)
    return trail.exists()


# --- decisions ------------------------------------------------------------------


def open_requests(
    *,
    mail: Mail,
    rights: Sequence[str],
    regime: str,
    marks: Sequence[Mark],
    received_at: dt.datetime,
    by: str,
    now: dt.datetime,
    against: str = "",
    capacity: str = "",
) -> list[Ticket]:
    """A ticket for each right; also for a mail that became another request before,
    but not the same again (`OpenAlready`). With a `capacity`, its writer asks for
    somebody else."""
    require_read(mail, by)
    if not rights:
        raise NothingChosen
    written = letter.open_(letter.as_bytes(mail.raw.open()))
    address = understanding.answerable(written)
    acting = Acting(capacity, written.sender_name, email=address) if capacity else None
    with transaction.atomic():
        _refuse_again(mail, rights, marks)
        opened = intake.receive(
            rights=rights,
            regime=regime,
            marks=marks,
            received_at=received_at,
            source=Ticket.Source.MAIL,
            by=by,
            now=now,
            name="" if acting else written.sender_name,
            email=address,
            text=written.text,
            acting=acting,
            against=against,
        )
        mail.tickets.add(*opened)
        _settle(mail, Verdict.REQUEST, by, now, tickets=[str(each) for each in opened])
    return opened


def _refuse_again(mail: Mail, rights: Sequence[str], marks: Sequence[Mark]) -> None:
    """Two who open it at once, or one who presses twice: the lock lets one of them."""
    fresh = Mail.objects.select_for_update(of=("self",)).get(pk=mail.pk)
    people = [row for mark in marks if (row := identifiers.find(mark))]
    same = fresh.tickets.filter(right__in=rights, identifiers__in=people)
    if fresh.verdict == Verdict.REQUEST and same.filter(closed_at=None).exists():
        raise OpenAlready


def join(*, mail: Mail, reference: str, by: str, now: dt.datetime) -> Ticket:
    """It belongs to an existing request."""
    require_read(mail, by)
    ticket = tickets.find(reference)
    with transaction.atomic():
        mail.tickets.add(ticket)
        _settle(mail, Verdict.FOLLOW_UP, by, now, tickets=[str(ticket)])
    return ticket


def set_aside(*, mail: Mail, reason: str, by: str, now: dt.datetime) -> None:
    """Nothing is to be done, and why."""
    require_read(mail, by)
    reason = reason_given(reason)
    with transaction.atomic():
        _settle(mail, Verdict.SET_ASIDE, by, now, decision=reason)


def opt_out(*, mail: Mail, mark: Mark, by: str, now: dt.datetime) -> Event:
    """They want messages to stop; one number or address at a time."""
    require_read(mail, by)
    written = letter.open_(letter.as_bytes(mail.raw.open()))
    with transaction.atomic():
        event = ledger.record(
            mark=mark,
            kind=Event.Kind.OPT_OUT,
            channel=Channel.SMS if mark.kind == Kind.PHONE else Channel.EMAIL,
            route="mail",
            source=Event.Source.DIRECT,
            occurred_at=mail.received_at,
            evidence={"mail": mail.pk, "rule": "read by a person"},
            words=written.text,
            by=by,
            now=now,
        )
        _settle(mail, Verdict.OPT_OUT, by, now, event=event.pk)
    return event


def hold(
    *, mail: Mail, matter: str, marks: Sequence[Mark], by: str, now: dt.datetime
) -> Hold:
    """What a court or a lawyer wants kept is kept; the mail still waits for an
    answer."""
    require_read(mail, by)
    with transaction.atomic():
        placed = holds.place(
            matter=matter,
            identifiers=[
                identifiers.keep(mark, now=now, revive=True) for mark in marks
            ],
            tables=[],
            by=by,
            now=now,
        )
        _record("mail.held_for", mail, by, now, hold=placed.pk)
    return placed


def _settle(
    mail: Mail,
    verdict: str,
    by: str,
    now: dt.datetime,
    decision: str = "",
    **details: Any,
) -> None:
    """If two people set it aside, only one does; afterwards it can still become a
    request."""
    final = {Verdict.REQUEST, Verdict.FOLLOW_UP, Verdict.OPT_OUT}
    rows = Mail.objects.filter(pk=mail.pk)
    if verdict == Verdict.SET_ASIDE:
        rows = rows.exclude(verdict__in=final)
    settled = {"settled_by": by, "settled_at": now, "decision": decision}
    if not rows.update(verdict=verdict, **settled):
        raise NotWaiting
    reason = {"reason": decision} if decision else {}
    _record(f"mail.{verdict}", mail, by, now, **reason, **details)
    mail.refresh_from_db()


def _record(action: str, mail: Mail, by: str, now: dt.datetime, **details: Any) -> None:
    audit.record(action=action, subject=_name(mail), by=by, now=now, **details)


def _name(mail: Mail) -> str:
    return f"mail:{mail.pk}"
