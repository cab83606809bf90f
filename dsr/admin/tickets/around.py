"""What stands on the page of a ticket in the order of the procedure, a query a line."""

from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from dsr import deadlines, identity, recipients
from dsr.admin.tickets import proof, timing
from dsr.desk import sorting
from dsr.models import Message, Ticket, Upload


def around(ticket: Ticket) -> dict[str, Any]:
    now = timezone.now()
    together = {"ticket__request": ticket.request_id}
    written = _written(together)
    papers = Upload.objects.filter(removed_at=None, **together).count()
    standing = identity.standing(ticket)
    queue = sorting.queue_of(
        ticket, standing, is_unread=bool(written["unread"]), has_papers=bool(papers)
    )
    days_left = (ticket.due_date - deadlines.day_of(now)).days
    return {
        **written,
        "place": sorting.Placed(ticket, queue, "", days_left),
        "assigned": getattr(ticket, "assignment", None),
        "together": ticket.request.tickets.exclude(pk=ticket.pk).order_by("pk"),
        "standing": standing,
        "papers": papers,
        "needs_texts": not standing.is_enough and proof.needs_texts(ticket),
        "package": getattr(ticket, "package", None),
        "notes": [(note, note.text.open()) for note in ticket.notes.all()],
        "tasks": ticket.tasks.all(),
        "recipients": recipients.of(ticket),
        "may_extend": timing.may_extend(ticket),
        "is_unacknowledged": timing.is_unacknowledged(ticket),
        "question": ticket.clarifications.filter(answered_on=None).first(),
        **_letters(ticket),
    }


def _written(together: dict[str, Any]) -> dict[str, Any]:
    unread = Q(side=Message.Side.PERSON, read_at=None)
    unsent = Q(side=Message.Side.US, sent_at=None)
    return Message.objects.filter(**together).aggregate(
        messages=Count("pk"),
        unread=Count("pk", filter=unread),
        unsent=Count("pk", filter=unsent),
    )


def _letters(ticket: Ticket) -> dict[str, int]:
    """How many were written, and how many need a hand."""
    waits = Q(sent_at=None)
    return ticket.notices.aggregate(
        letters=Count("pk"), letters_unsent=Count("pk", filter=waits)
    )
