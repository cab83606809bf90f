"""The same step for many requests: each is done or refused by itself, and those that
could not be are named with the reason."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from dsr import clocks, requests, together
from dsr.desk import NothingChosen
from dsr.models import Ticket
from privacy.refusals import Refusal


class Unseen(Refusal):
    """Its plan has exceptions, which nobody accepts unread: approve it on its own
    page."""


@dataclass(frozen=True)
class Done:
    """How many were done, and in a sentence each why the others were not."""

    tickets: list[Ticket] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def plan(*, tickets: Sequence[Ticket], by: str, now: dt.datetime) -> Done:
    """The stores are read once for all of them."""
    if not tickets:
        raise NothingChosen
    made = {each.pk for each in together.plan(some=tickets, by=by, now=now)}
    done = Done()
    for ticket in tickets:
        ticket.refresh_from_db()
        if ticket.plan_id in made:
            done.tickets.append(ticket)
        else:
            done.refused.append(f"{ticket} can't be planned together with others now.")
    return done


def approve(*, tickets: Sequence[Ticket], by: str, now: dt.datetime) -> Done:
    """As a second person, like one by one."""

    def seen(ticket: Ticket) -> None:
        if ticket.plan is not None and ticket.plan.exceptions:
            raise Unseen
        requests.approve(ticket=ticket, by=by, now=now)

    return _each(tickets, seen)


def extend(
    *, tickets: Sequence[Ticket], reason: str, by: str, now: dt.datetime
) -> Done:
    act = partial(clocks.extend, reason=reason, by=by, now=now)
    return _each(tickets, lambda ticket: act(ticket=ticket))


def refuse(
    *, tickets: Sequence[Ticket], reason: str, ground: str, by: str, now: dt.datetime
) -> Done:
    """On a ground that the law of each has for its right."""
    act = partial(requests.refuse, reason=reason, ground=ground, by=by, now=now)
    return _each(tickets, lambda ticket: act(ticket=ticket))


def _each(tickets: Sequence[Ticket], act: Callable[[Ticket], object]) -> Done:
    if not tickets:
        raise NothingChosen
    done = Done()
    for ticket in tickets:
        try:
            act(ticket)  # whole or not at all, by itself; its letter goes afterwards
        except Refusal as refusal:
            done.refused.append(f"{ticket}: {refusal}")
        else:
            done.tickets.append(ticket)
    return done
