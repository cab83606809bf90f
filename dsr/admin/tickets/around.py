"""The sections on the page of a ticket, in the order of the procedure, one query for
each."""

from typing import Any

from django.db.models import Count, Exists, QuerySet, Subquery, prefetch_related_objects
from django.utils import timezone

from dsr import (
    clocks,
    deadlines,
    identity,
    recipients,
    requests,
    restrictions,
    stuck,
)
from dsr.admin.tickets import proof, timing, withdrawing
from dsr.desk import sorting
from dsr.models import Clarification, Mail, Message, Notice, Right, Ticket, Upload
from privacy.models import Instruction


def around(ticket: Any) -> dict[str, Any]:
    now = timezone.now()
    prefetch_related_objects([ticket], "clarifications")
    counted = _counted(ticket)
    standing = identity.standing(ticket)
    queue = sorting.queue_of(
        ticket,
        standing,
        is_unread=bool(counted["unread"]),
        has_papers=bool(counted["papers"]),
        is_taken_back=withdrawing.is_noted(ticket),
        is_stuck=ticket.is_stuck,
        is_asked=bool(counted["is_asked"]),
    )
    together = list(ticket.request.tickets.exclude(pk=ticket.pk).order_by("pk"))
    days_left = (ticket.due_date - deadlines.day_of(now)).days
    return {
        **counted,
        **_restriction(ticket),
        "place": sorting.Placed(ticket, queue, "", days_left),
        "assigned": getattr(ticket, "assignment", None),
        "together": together,
        "copy_first": requests.copy_first(ticket, among=together),
        "standing": standing,
        "matched": proof.matched(standing),
        "needs_texts": not standing.is_enough and proof.needs_texts(ticket),
        "package": getattr(ticket, "package", None),
        "notes": [(note, note.text.open()) for note in ticket.notes.all()],
        "tasks": ticket.tasks.all(),
        "recipients": recipients.of(ticket) if counted["is_told"] else [],
        "may_extend": timing.may_extend(ticket),
        "is_unacknowledged": timing.is_unacknowledged(ticket),
        "is_deemed_refused": clocks.is_deemed_refused(ticket, now=now),
        "question": _question(ticket),
        "trouble": stuck.why(ticket) if ticket.is_stuck else "",
        "clocks": clocks.of(ticket),
    }


def _question(ticket: Ticket) -> Clarification | None:
    """One that they have not answered."""
    asked = ticket.clarifications.all()
    return next((each for each in asked if each.answered_on is None), None)


def _restriction(ticket: Ticket) -> dict[str, Any]:
    """Its state, and the letter that says that it ends."""
    if ticket.right != Right.RESTRICTION:
        return {}
    letter = ticket.notices.filter(kind=Notice.Kind.LIFTING).order_by("sent_at").first()
    return {"restriction": restrictions.last(ticket), "last_letter": letter}


def _counted(ticket: Ticket) -> dict[str, int]:
    """How many messages there are, and how many of them need somebody; one query."""
    together = {"ticket__request": ticket.request_id}
    messages, letters = Message.objects.filter(**together), ticket.notices
    person, us = Message.Side.PERSON, Message.Side.US
    rows = {
        "messages": messages,
        "unread": messages.filter(side=person, read_at=None),
        "unsent": messages.filter(side=us, sent_at=None),
        "mails": Mail.tickets.through.objects.filter(
            mail__verdict=Mail.Verdict.QUEUE, **together
        ),
        "papers": Upload.objects.filter(removed_at=None, **together),
        "letters": letters.all(),
        "letters_unsent": letters.filter(sent_at=None),
    }
    counts = [_number(some) for some in rows.values()]
    mine = Ticket.objects.filter(pk=ticket.pk)
    told = Instruction.objects.filter(subject=recipients.subject_of(ticket))
    found = mine.values_list(*counts, sorting.is_asked(), Exists(told))[0]
    names = (*rows, "is_asked", "is_told")
    return {name: number or 0 for name, number in zip(names, found, strict=True)}


def _number(rows: QuerySet[Any]) -> Subquery:
    """Empty where there are no rows."""
    some = rows.order_by().values("ticket__request")
    return Subquery(some.annotate(number=Count("pk")).values("number"))
