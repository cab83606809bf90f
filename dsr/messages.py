"""What the person and we write to each other about a request."""

import datetime as dt

from django.db import transaction

from dsr.models import Message, Ticket
from privacy import audit
from privacy.refusals import Refusal

LONGEST = 10_000
MOST_UNREAD = 50


class NothingWritten(Refusal):
    """Write a message first."""


class TooMuch(Refusal):
    """We must read what you wrote before there is more."""


def write(*, ticket: Ticket, text: str, now: dt.datetime, by: str = "") -> Message:
    """`by` is a member of staff, or empty for the person."""
    if not text.strip():
        raise NothingWritten
    unread = ticket.messages.filter(side=Message.Side.PERSON, read_at=None)
    if not by and unread.count() >= MOST_UNREAD:
        raise TooMuch
    with transaction.atomic():
        message = Message.objects.create(
            ticket=ticket,
            side=Message.Side.US if by else Message.Side.PERSON,
            text=text.strip()[:LONGEST],
            written_at=now,
            written_by=by,
        )
        audit.record(
            action="message.written",
            subject=f"ticket:{ticket.reference}",
            by=by or "person",
            now=now,
            message=message.pk,
        )
    return message


def read(*, ticket: Ticket, by: str, now: dt.datetime) -> int:
    """What the other side had written is read now; `by` as in `write`."""
    side = Message.Side.PERSON if by else Message.Side.US
    unread = Message.objects.filter(
        ticket__request=ticket.request_id, side=side, read_at=None
    )
    return unread.update(read_at=now)
