"""What workers carry out, safe to repeat: each step is taken by one worker, once."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from dsr import appeals, identity, intake, notices, recipients, tickets, withdrawals
from dsr.fulfilment import FULFILMENTS, Way
from dsr.models import Right, Ticket
from privacy import erasure, plans
from privacy.models import Plan

Clock = Callable[[], dt.datetime]
WORKER = "worker"
ENDED = (*plans.ENDED_EARLY, *plans.FINISHED)
COPIES = (Right.ACCESS, Right.PORTABILITY)
WAITS = (
    "It begins with its request {ticket}: once it is known who asks, nobody may have "
    "taken it back, and a copy that was asked for with it is sent."
)
UNDONE = (
    "It was answered, and what was done for it was undone on {day}, which nobody has "
    "been told. Plan it again, or refuse it with its ground, and write to the person."
)
AT_ONCE = [right for right, each in FULFILMENTS.items() if each.way is Way.AT_ONCE]


def fulfil(*, ticket: Ticket, clock: Clock) -> Ticket:
    """Carries out what was approved, or continues where a worker stopped; safe to
    repeat.

    Without enough proof of who asks it does not begin, whoever approved it and
    wherever.
    """
    ticket.refresh_from_db()
    is_verified = identity.standing(ticket).is_enough
    if is_verified:
        _begin_at_once(ticket, clock())
    _follow_the_plan(ticket, clock(), is_verified=is_verified)
    if ticket.status == tickets.Status.APPROVED and is_verified:
        begin(ticket, clock())
    if ticket.status == tickets.Status.FULFILLING:
        done = _carry_out(ticket, clock)
        if done is None or done.status in ENDED:
            _conclude(ticket, done, clock())
    ticket.refresh_from_db()
    return ticket


def _carry_out(ticket: Ticket, clock: Clock) -> Plan | None:
    plan = ticket.plan
    if plan is None or plan.status in ENDED:
        return plan
    return erasure.carry_out(plan=plan, clock=clock)


def why_back(ticket: Ticket) -> str:
    """What the latest plan of a request that came back left undone; empty if
    nothing."""
    ended = ticket.plans.filter(status__in=ENDED).order_by("planned_at").last()
    if ended is not None and ended.undone_at is not None:
        return UNDONE.format(day=f"{ended.undone_at:%-d %B %Y}")
    return ended.problem if ended else ""


def _begin_at_once(ticket: Ticket, now: dt.datetime) -> None:
    """The law leaves nothing to decide, so nobody needs to."""
    if ticket.status == tickets.Status.RECEIVED and ticket.right in AT_ONCE:
        tickets.approved(ticket=ticket, by=WORKER, now=now, as_decided={})


def _follow_the_plan(ticket: Ticket, now: dt.datetime, *, is_verified: bool) -> None:
    """A plan has its own page: what is decided there counts for the request, once it is
    known who asks."""
    plan = ticket.plan
    if ticket.status != tickets.Status.PLANNED or plan is None:
        return
    if plan.status in plans.ENDED_EARLY:
        tickets.back(ticket=ticket, by=WORKER, now=now)
    elif plan.approved_by and is_verified:
        tickets.approved(ticket=ticket, by=plan.approved_by, now=now, as_decided={})


def copy_first(
    ticket: Ticket, *, among: Iterable[Ticket] | None = None
) -> Ticket | None:
    """A copy that was asked for together with this erasure and is not answered yet:
    after the erasure there would be nothing to copy. `among` saves the query."""
    if ticket.right != Right.ERASURE:
        return None
    rows = _open_copies(ticket.request_id) if among is None else among
    return next((each for each in rows if each.right in COPIES and each.is_open), None)


def _open_copies(request: Any) -> QuerySet[Ticket]:
    return Ticket.objects.filter(request=request, right__in=COPIES, closed_at=None)


def begin(ticket: Ticket, now: dt.datetime) -> bool:
    """True for the one worker that begins it. What may have been taken back does not
    begin."""
    if copy_first(ticket) is not None:
        return False
    try:
        with transaction.atomic():
            begun = tickets.Status.FULFILLING
            tickets.move(ticket=ticket, to=begun, by=WORKER, now=now)
            withdrawals.require_none(ticket)
            recipients.tell(ticket, by=WORKER, now=now)
    except (tickets.NotNow, withdrawals.Withdrawing):  # another worker was first
        ticket.refresh_from_db()
        return False
    return True


def kept_back(some: Sequence[Plan]) -> dict[uuid.UUID, str]:
    """Plans of requests that have not begun, and drafts of what a hold had kept that no
    request has taken up: whoever approved them, and whichever worker comes first."""
    mine = Plan.objects.filter(pk__in=[plan.pk for plan in some])
    unbegun = Q(ticket__isnull=False) & ~Q(ticket__status=tickets.Status.FULFILLING)
    untaken = Q(ticket=None, follows__ticket__isnull=False)
    waiting = mine.filter(unbegun | untaken)
    found = waiting.values_list("pk", "ticket__reference", "follows__ticket__reference")
    return {key: WAITS.format(ticket=own or first) for key, own, first in found}


def _conclude(ticket: Ticket, done: Plan | None, now: dt.datetime) -> None:
    """What is done, the letter and the status in one transaction, so that a worker who
    dies leaves all of it or nothing. The row lock lets one do it; another worker goes
    on with other requests."""
    with transaction.atomic():
        rows = Ticket.objects.select_for_update(of=("self",), skip_locked=True)
        mine = rows.filter(pk=ticket.pk, status=tickets.Status.FULFILLING)
        fresh = mine.first()
        if fresh is None:
            return
        if done is not None and done.status not in plans.COMPLETE:
            if done.status == Plan.Status.REFUSED:
                recipients.take_back(fresh, by=WORKER, now=now)
            tickets.back(ticket=fresh, by=WORKER, now=now)
            return
        _answer(fresh, now)
    notices.send_waiting(ticket=fresh, now=now)


def _answer(ticket: Ticket, now: dt.datetime) -> None:
    found = FULFILMENTS[ticket.right].conclude(ticket, now=now)
    tickets.answered(
        ticket=ticket,
        outcome=found.outcome,
        decision=found.decision + recipients.left(ticket),
        withheld=found.withheld,
        by=WORKER,
        now=now,
    )
    notices.answer(ticket=ticket, now=now)
    if ticket.right == Right.APPEAL and ticket.about is not None:
        _take_up_again(ticket, ticket.about, now)


def _take_up_again(appeal: Ticket, first: Ticket, now: dt.datetime) -> None:
    """An appeal that was granted: what had been asked for becomes a ticket again, about
    whom it was about. Its time begins now: counted from the appeal, it could be over
    before anybody can do anything."""
    named = appeals.people(appeal, first)
    intake.open(
        right=first.right,
        regime=first.asked_under or first.regime,
        marks=named,
        received_at=now,
        by=WORKER,
        now=now,
        about=appeal,
        request=appeal.request,
    )


def needs_nobody() -> Q:
    """Nobody has to decide, and no worker has begun."""
    return Q(status=tickets.Status.RECEIVED, right__in=AT_ONCE)


def behind_a_copy() -> Q:
    """An erasure that waits until the copy of the same data is sent."""
    copies = _open_copies(OuterRef("request"))
    return Q(Exists(copies), right=Right.ERASURE, status=tickets.Status.APPROVED)


def waiting() -> list[Ticket]:
    """Requests that some worker should be working on."""
    busy = Q(status__in=[tickets.Status.APPROVED, tickets.Status.FULFILLING])
    decided = ~Q(plan__approved_by="") | Q(plan__status__in=plans.ENDED_EARLY)
    busy |= Q(status=tickets.Status.PLANNED) & decided
    busy |= needs_nobody()
    not_yet = behind_a_copy() | Q(
        Exists(withdrawals.is_waiting().filter(ticket=OuterRef("pk"))),
        ~Q(status=tickets.Status.FULFILLING),
    )
    return list(Ticket.objects.filter(busy).exclude(not_yet).order_by("due_date"))


# --- what a hold had kept ---------------------------------------------------------


def take_up_released(*, now: dt.datetime) -> int:
    """Answered erasures whose kept rows are free: planned again, with the original
    clock.

    The plan is a draft that a second person approves, like the first one.
    """
    drafts = Plan.objects.filter(follows__ticket__isnull=False, ticket=None)
    count = 0
    for draft in drafts.exclude(status__in=plans.ENDED_EARLY):
        assert draft.follows is not None  # noqa: S101 - asked by the query
        tickets.reopen(ticket=draft.follows.ticket, plan=draft, by=WORKER, now=now)
        count += 1
    return count
