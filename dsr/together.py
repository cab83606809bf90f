"""Many requests at once: the stores are read once for all that wait."""

from collections.abc import Iterable, Sequence
from typing import Any

from dsr import identity, requests, tickets
from dsr.fulfilment import PLANNED, Together
from dsr.models import Right, Ticket
from privacy import erasure, once, plans
from privacy.models import Plan
from privacy.refusals import Refusal

LIVE = (plans.Status.APPROVED, plans.Status.RUNNING)
MOST = 100  # requests in one go, so that the first need not wait for the last


def plan(*, some: Sequence[Ticket], by: str, now: Any) -> list[Plan]:
    """A plan for each that waits for one and can be planned with others."""
    made: list[Plan] = []
    for right in dict.fromkeys(ticket.right for ticket in some):
        how = PLANNED.get(right)
        mine = [each for each in some if each.right == right and _waits(each)]
        if isinstance(how, Together) and mine:
            people = [tickets.named(each) for each in mine]
            drafts = how.plan_together(mine, by=by, now=now)
            for ticket, draft, named in zip(mine, drafts, people, strict=True):
                made += _kept(ticket, draft, named, by, now)
    return made


def _waits(ticket: Ticket) -> bool:
    return ticket.status == tickets.Status.RECEIVED


def _kept(
    ticket: Ticket, draft: Plan, people: set[int], by: str, now: Any
) -> list[Plan]:
    try:
        tickets.planned(ticket=ticket, plan=draft, people=people, by=by, now=now)
    except Refusal:  # somebody closed or changed it while its rows were looked for
        plans.cancel(plan=draft, by=by, now=now)
        return []
    return [draft]


def unplanned() -> list[Ticket]:
    """Requests that wait for a plan, the most urgent first."""
    rights = [right for right, how in PLANNED.items() if isinstance(how, Together)]
    waiting = Ticket.objects.filter(status=tickets.Status.RECEIVED, right__in=rights)
    return list(waiting.order_by("due_date")[:MOST])


def fulfil(*, first: Ticket, clock: requests.Clock) -> None:
    """One request, and with it the other approved plans that wait for a worker.

    They begin together, so that none sees the changes of another. Copies are made
    first; the proof of erasures is made for all of them in one reading.
    """
    taken = _taken(clock)
    live = [each.plan for each in taken if each.plan and each.plan.status in LIVE]
    waits = erasure.work_off_many(some=live, clock=clock)
    if waits:
        erasure.prove(clock=clock)
        raise plans.Waits(waits[0])
    _conclude([each for each in taken if each.right != Right.ERASURE], clock)
    if len(taken) > 1:
        erasure.prove(clock=clock)
    _conclude([first, *_ended()], clock)


def _conclude(some: Iterable[Ticket], clock: requests.Clock) -> None:
    with once.each():
        for ticket in some:
            requests.fulfil(ticket=ticket, clock=clock)


def _ended() -> list[Ticket]:
    """Also those of other workers, which left the proof to this one."""
    some = Ticket.objects.filter(status=tickets.Status.FULFILLING)
    return list(some.filter(plan__status__in=requests.ENDED).order_by("due_date"))


def _taken(clock: requests.Clock) -> list[Ticket]:
    """Those that this worker begins; other workers leave them alone."""
    rights = [right for right, how in PLANNED.items() if isinstance(how, Together)]
    waiting = Ticket.objects.filter(
        status=tickets.Status.APPROVED, right__in=rights, plan__isnull=False
    )
    taken = []
    for ticket in waiting.select_related("plan").order_by("due_date")[:MOST]:
        if identity.standing(ticket).is_enough and requests.begin(ticket, clock()):
            taken.append(ticket)
    return taken
