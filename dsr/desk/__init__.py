"""The desk: every open ticket in one queue, by what to do next; a closed one too, if
its person has written since.

A ticket is in the queue of the first thing that can be done about it. Tickets that wait
for the person or for a worker have queues of their own, so that every ticket is in one.
"""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction

from dsr import links, messages
from dsr.desk import letters
from dsr.desk.sorting import MOST, QUEUES, Placed, Queue, placed
from dsr.models import Assignment, Ticket
from privacy import audit
from privacy.refusals import Refusal

__all__ = [
    "MOST",
    "QUEUES",
    "Desk",
    "Placed",
    "Queue",
    "assign",
    "colleagues",
    "look",
    "placed",
    "write_each",
]


class NobodyOfThatName(Refusal):
    """Nobody with that name works on requests."""


class NothingChosen(Refusal):
    """Choose at least one request."""


@dataclass(frozen=True)
class Desk:
    """What there is to do, and the tickets of one queue."""

    counts: list[tuple[Queue, int]]
    late: int
    tickets: list[Placed]
    is_cut: bool


def look(*, queue: str, whose: str, on: dt.date) -> Desk:
    """`queue` is a name of `QUEUES` or empty; `whose` a user, "nobody" or empty."""
    every = placed(on=on)
    mine = [each for each in every if _is_of(each, whose)]
    found = Counter(each.queue for each in mine)
    return Desk(
        counts=[(one, found[one.name]) for one in QUEUES],
        late=sum(each.state == "late" for each in mine),
        tickets=[each for each in mine if queue in ("", each.queue)],
        is_cut=len(every) == MOST,
    )


def _is_of(each: Placed, whose: str) -> bool:
    if whose == "nobody":
        return not each.assignee
    return whose in ("", each.assignee)


def colleagues() -> list[str]:
    """People whose role works on requests."""
    staff = User.objects.filter(
        is_active=True,
        is_staff=True,
        groups__permissions__codename="change_ticket",
        groups__permissions__content_type__app_label="dsr",
    )
    names = staff.distinct().order_by("username")
    return list(names.values_list("username", flat=True))


def assign(*, tickets: Sequence[Ticket], to: str, by: str, now: dt.datetime) -> int:
    """Assigns each of them to `to`."""
    if not tickets:
        raise NothingChosen
    if to not in colleagues():
        raise NobodyOfThatName
    with transaction.atomic():
        for ticket in tickets:
            Assignment.objects.update_or_create(
                ticket=ticket, defaults={"to": to, "by": by, "at": now}
            )
            audit.record(
                action="ticket.assigned",
                subject=f"ticket:{ticket.reference}",
                by=by,
                now=now,
                to=to,
            )
    return len(tickets)


def write_each(
    *, tickets: Sequence[Ticket], code: str, by: str, now: dt.datetime
) -> int:
    """The letter to each person in their language, once for each request; all, or none.

    Raises `MissingFact`, which names the request that lacks one.
    """
    if not tickets:
        raise NothingChosen
    one_each = {ticket.request_id: ticket for ticket in tickets}
    with transaction.atomic():
        for ticket in one_each.values():
            letter = letters.of(code=code, language=links.language_of(ticket))
            text = letters.filled(letter=letter, ticket=ticket, now=now)
            messages.write(ticket=ticket, text=text, by=by, now=now)
    return len(one_each)
