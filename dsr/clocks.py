"""The clocks of one ticket: what starts, stops and ends them, and how they are counted.

Rules are dated rows (`deadlines`); here they meet what happened to the ticket. The last
day is stored on the ticket, so that lists and the board can query it.
"""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction

from dsr import deadlines, notices, tickets
from dsr.deadlines import Clarification, Deadline
from dsr.models import Clarification as Question
from dsr.models import DeadlineRule, Right, Ticket
from privacy import audit
from privacy.refusals import Refusal


class NoExtension(Refusal):
    """The law allows no extension here, or it was already used."""


class ToldTooLate(Refusal):
    """An extension counts only if the person is told before the due date."""


class ReasonNeeded(Refusal):
    """Tell the person why it takes longer."""


class NotOpen(Refusal):
    """This request is closed; its deadlines no longer run."""


class NothingAsked(Refusal):
    """There is no open question to the person."""


class AskedAlready(Refusal):
    """There is already an open question to the person; wait for the answer."""


class WrongDay(Refusal):
    """That day is before the request or after today."""


@dataclass(frozen=True)
class Clock:
    """One duty of a ticket: its last day, when it was done, and its legal source."""

    name: str
    due: dt.date
    done_on: dt.date | None
    words: str
    citation: str

    def is_late(self, today: dt.date) -> bool:
        return (self.done_on or today) > self.due


def of(ticket: Ticket) -> list[Clock]:
    """Acknowledgement, answer, and what follows a deletion or a refusal."""
    counted = _counted(ticket)
    rule = counted.rule
    found = []
    if ticket.acknowledge_date:
        found.append(
            Clock(
                "acknowledgement",
                ticket.acknowledge_date,
                _day(ticket.acknowledged_at),
                f"{rule.acknowledgement_quantity} "
                f"{rule.get_acknowledgement_unit_display()} from receipt",
                rule.citation,
            )
        )
    answer = Clock(
        "answer",
        ticket.due_date,
        _day(ticket.closed_at),
        ticket.arithmetic,
        rule.citation,
    )
    return [*found, answer, *_of_questions(ticket), *_of_appeals(ticket)]


def _of_questions(ticket: Ticket) -> list[Clock]:
    """An open question stops the clock where the law says so: shown, but not due."""
    return [
        Clock(
            "clarification", each.asked_on, each.answered_on, "asked, not told yet", ""
        )
        for each in ticket.clarifications.all()
        if each.answered_on is None
    ]


def _of_appeals(ticket: Ticket) -> list[Clock]:
    """Only a decision has one."""
    if ticket.is_open:
        return []
    return [
        Clock(
            "appeal",
            each.due_date,
            _day(each.closed_at),
            each.arithmetic,
            _rule(each).citation,
        )
        for each in ticket.appeals.filter(right=Right.APPEAL)
    ]


def _day(at: dt.datetime | None) -> dt.date | None:
    return deadlines.day_of(at) if at else None


def is_deemed_refused(ticket: Ticket, *, now: dt.datetime) -> bool:
    """Where silence is refusal: the last day has passed without an answer."""
    if not ticket.is_open or deadlines.day_of(now) <= ticket.due_date:
        return False
    return _rule(ticket).silence_is_refusal


def _rule(ticket: Ticket) -> DeadlineRule:
    return deadlines.in_force(
        regime=ticket.regime,
        right=ticket.right,
        on=deadlines.day_of(ticket.received_at),
    )


# --- what moves them ------------------------------------------------------------


def identified(*, ticket: Ticket, on: dt.date, by: str, now: dt.datetime) -> Ticket:
    """When we knew who it is; in the United Kingdom the clock starts only then."""
    _is_open(ticket)
    _is_a_day(ticket, on, now)
    with transaction.atomic():
        Ticket.objects.filter(pk=ticket.pk).update(identified_on=on)
        return _recount(ticket, "identified", by, now)


def ask(*, ticket: Ticket, on: dt.date, by: str, now: dt.datetime) -> Ticket:
    """Records that the person was asked what they mean, where that is reasonably
    needed."""
    _is_open(ticket)
    _is_a_day(ticket, on, now)
    with transaction.atomic():
        tickets.lock_one(ticket)
        if ticket.clarifications.filter(answered_on=None).exists():
            raise AskedAlready
        ticket.clarifications.create(asked_on=on, asked_by=by)
        return _recount(ticket, "clarification_asked", by, now)


def told(*, ticket: Ticket, on: dt.date, by: str, now: dt.datetime) -> Ticket:
    """Records that they answered the question."""
    _is_open(ticket)
    _is_a_day(ticket, on, now)
    with transaction.atomic():
        question = ticket.clarifications.filter(answered_on=None).first()
        if question is None:
            raise NothingAsked
        if on < question.asked_on:
            raise WrongDay
        Question.objects.filter(pk=question.pk).update(answered_on=on)
        return _recount(ticket, "clarification_told", by, now)


def is_in_time(ticket: Ticket, *, now: dt.datetime) -> bool:
    """The last day is not over; while a question stops the clock it keeps moving."""
    today = deadlines.day_of(now)
    return today <= ticket.due_date or today <= _counted(ticket, today).due_at


def first_day(ticket: Ticket) -> dt.date:
    """The last day without the extension, before which the person must be told of
    it."""
    return _counted(ticket).due_at


def extend(*, ticket: Ticket, reason: str, by: str, now: dt.datetime) -> Ticket:
    """More time, once; the letter that tells the person why is for a worker to send."""
    _is_open(ticket)
    if not reason.strip():
        raise ReasonNeeded
    if not is_in_time(ticket, now=now):
        raise ToldTooLate
    counted = _counted(ticket)
    if counted.extended_due is None or ticket.extended_at is not None:
        raise NoExtension
    with transaction.atomic():
        open_ = Ticket.objects.filter(pk=ticket.pk, extended_at=None, closed_at=None)
        if not open_.update(
            extended_at=now,
            extended_date=counted.extended_due,
            extension_reason=reason.strip(),
        ):
            raise NoExtension
        _recount(ticket, "extended", by, now)
        notices.extension(ticket=ticket, now=now)
    return ticket


# --- a question that stops them ---------------------------------------------------


def paused() -> list[Ticket]:
    """Open requests whose clock stands still until the person has answered."""
    asked = Question.objects.filter(answered_on=None, ticket__closed_at=None)
    tickets_ = [each.ticket for each in asked.select_related("ticket")]
    return [each for each in tickets_ if _rule(each).clarification_stops_clock]


def keep_pace(*, now: dt.datetime) -> int:
    """The last day of a request whose clock stands still moves on with each day, so
    that it is late nowhere; returns how many were moved."""
    return sum(_moved(ticket, now) for ticket in paused())


def _moved(ticket: Ticket, now: dt.datetime) -> bool:
    with transaction.atomic():
        tickets.lock_one(ticket)
        ticket.refresh_from_db()
        asked = ticket.clarifications.filter(answered_on=None)
        if not ticket.is_open or not asked.exists():
            return False
        before, today = ticket.due_date, deadlines.day_of(now)
        if _last_day(ticket, _counted(ticket, today)) == before:
            return False
        _recount(ticket, "clock_stands", "system", now, today)
    return True


def _last_day(ticket: Ticket, counted: Deadline) -> dt.date:
    return (ticket.extended_at and counted.extended_due) or counted.due_at


def _recount(
    ticket: Ticket, verb: str, by: str, now: dt.datetime, today: dt.date | None = None
) -> Ticket:
    """Computes the days again from what is known now; call it inside a transaction."""
    ticket.refresh_from_db()
    counted = _counted(ticket, today)
    due, words = counted.due_at, counted.arithmetic
    if ticket.extended_at and counted.extended_due:
        due = counted.extended_due
        words += f"; told on {_day(ticket.extended_at)} that it is extended to {due}: "
        words += counted.extension
    Ticket.objects.filter(pk=ticket.pk).update(
        due_date=due,
        extended_date=counted.extended_due,
        arithmetic=f"{words} ({counted.citation}).",
    )
    ticket.refresh_from_db()
    audit.record(
        action=f"ticket.{verb}",
        subject=f"ticket:{ticket.reference}",
        by=by,
        now=now,
        due=due.isoformat(),
    )
    return ticket


def _counted(ticket: Ticket, today: dt.date | None = None) -> Deadline:
    """With `today`, the days of a question that is still open are included."""
    asked = [(q.asked_on, q.answered_on or today) for q in ticket.clarifications.all()]
    return deadlines.for_request(
        regime=ticket.regime,
        right=ticket.right,
        received_at=ticket.received_at,
        identified=ticket.identified_on,
        asked_under=ticket.asked_under,
        clarifications=[
            Clarification(asked=first, answered=last) for first, last in asked if last
        ],
    )


def _is_open(ticket: Ticket) -> None:
    if not ticket.is_open:
        raise NotOpen


def _is_a_day(ticket: Ticket, on: dt.date, now: dt.datetime) -> None:
    if not deadlines.day_of(ticket.received_at) <= on <= deadlines.day_of(now):
        raise WrongDay
