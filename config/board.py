"""What the first page shows: every promise and how it is kept, and the day's work."""

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse, reverse_lazy

from consent import endpoints, expiry, review
from consent.months import ending
from dsr import deadlines, desk, messages, notices, receipts
from dsr.mailbox import queue
from dsr.models import Ticket
from privacy import leftovers, promises
from privacy.board import Line
from privacy.models import Plan, Promise, PromiseCheck
from privacy.providers import byhand, register

State = PromiseCheck.State
MOST = 100  # plans named in an address


# --- the board --------------------------------------------------------------
class Section(NamedTuple):
    title: str
    lines: list[Line]


@dataclass
class Board:
    sections: list[Section]

    @property
    def broken(self) -> list[Line]:
        lines = [line for part in self.sections for line in part.lines]
        return [line for line in lines if line.state == State.BROKEN]

    @property
    def counts(self) -> list[tuple[str, str, int]]:
        """State, its label and how many, the urgent ones first."""
        found = Counter(line.state for part in self.sections for line in part.lines)
        order = (State.BROKEN, State.UNKNOWN, State.UNKEPT, State.KEPT)
        return [(state.value, str(state.label), found[state]) for state in order]


def read(reader: Any) -> Board:
    """In the order of the policy, with what this person may do; two queries."""
    found = promises.latest()
    lines = [Line(each, found.get(each.code), reader) for each in Promise.objects.all()]
    grouped = groupby(lines, key=lambda line: line.promise.section)
    return Board([Section(title, list(group)) for title, group in grouped])


# --- today's work -----------------------------------------------------------
class Work(NamedTuple):
    """A number of things that wait, and where to deal with them."""

    label: str
    permission: str
    url: Callable[[dt.datetime], str]
    number: Callable[[dt.datetime], int]


def waiting(now: dt.datetime) -> int:
    return Plan.objects.filter(status=Plan.Status.PLANNED).count()


def under_way(now: dt.datetime) -> int:
    live = (Plan.Status.APPROVED, Plan.Status.RUNNING, Plan.Status.PAUSED)
    return Plan.objects.filter(status__in=live).count()


def unfinished(now: dt.datetime) -> QuerySet[Plan]:
    """What stopped lately before its end, and nobody has taken further: no later plan
    of the same rule, and its ticket is open and has no other."""
    stuck = (Plan.Status.INCOMPLETE, Plan.Status.REFUSED)
    mine = Ticket.objects.filter(plans=OuterRef("pk")).exclude(plan=OuterRef("pk"))
    again = Plan.objects.filter(
        rule=OuterRef("rule"), planned_at__gt=OuterRef("planned_at")
    )
    found = Plan.objects.filter(status__in=stuck, finished_at__gte=lately(now))
    found = found.exclude(Exists(mine.exclude(plan=None, closed_at=None)))
    return found.exclude(Exists(again))


def unfinished_plans(now: dt.datetime) -> str:
    """The list of exactly these; of none, an empty one."""
    keys = [str(key) for key in unfinished(now).values_list("pk", flat=True)[:MOST]]
    path = reverse("admin:privacy_plan_changelist")
    return f"{path}?id__in={','.join(keys or [str(uuid.UUID(int=0))])}"


def lately(now: dt.datetime) -> dt.datetime:
    """The start of the day thirty days ago."""
    return (now - dt.timedelta(days=30)).replace(
        hour=0, minute=0, second=0, microsecond=0
    )


def plans_where(query: str) -> Callable[[dt.datetime], str]:
    path = reverse_lazy("admin:privacy_plan_changelist")
    return lambda now: f"{path}?{query}"


def soon(now: dt.datetime) -> dt.date:
    return (now + dt.timedelta(days=7)).date()


def requests_due(now: dt.datetime) -> int:
    """Open requests whose last day is within a week, late ones included."""
    return Ticket.objects.filter(closed_at=None, due_date__lte=soon(now)).count()


def by_hand(now: dt.datetime) -> int:
    """Letters, messages and receipts that only a person can send."""
    letters, others = notices.to_post(), messages.to_post()
    return len(letters) + len(others) + len(receipts.to_tell())


def consents_ending(now: dt.datetime) -> int:
    """How many people's."""
    rows = expiry.ending(days=expiry.SOON[0], now=now)
    return rows.values("identifier").distinct().count()


def tickets_where(query: str) -> Callable[[dt.datetime], str]:
    """`{soon}` in the query is the last day of the week to come."""
    path = reverse_lazy("admin:dsr_ticket_changelist")
    return lambda now: f"{path}?{query.format(soon=soon(now))}"


TODAY: tuple[Work, ...] = (
    Work(
        "Answer: tickets due within a week, or late",
        "dsr.view_ticket",
        tickets_where("closed_at__isnull=True&due_date__lte={soon}"),
        requests_due,
    ),
    Work(
        "Print and send: letters that only a person can send",
        "dsr.change_ticket",
        lambda now: str(reverse_lazy("admin:dsr_ticket_by_hand")),
        by_hand,
    ),
    Work(
        "Read and sort: mails that the portal is unsure about",
        "dsr.settle_mail",
        lambda now: str(reverse_lazy("admin:dsr_mail_changelist")),
        lambda now: queue.waiting().count(),
    ),
    Work(
        "Read and decide: text messages that are unclear",
        "consent.add_event",
        lambda now: (
            f"{reverse_lazy('admin:consent_inboundmessage_changelist')}?waits=yes"
        ),
        lambda now: review.unclear().count(),
    ),
    Work(
        "Ask: opt-outs that may also cancel an appointment",
        "consent.add_event",
        lambda now: (
            f"{reverse_lazy('admin:consent_inboundmessage_changelist')}?waits=ask"
        ),
        lambda now: review.to_ask().count(),
    ),
    Work(
        f"Ask again: people whose consent ends in {expiry.SOON[0]} days",
        "consent.view_standing",
        lambda now: str(reverse_lazy("admin:consent_standing_ending")),
        consents_ending,
    ),
    Work(
        "Check and approve: plans that wait for a second person",
        "privacy.approve_plan",
        plans_where("status__exact=planned"),
        waiting,
    ),
    Work(
        "Check and approve: months of the ledger past their period",
        "consent.approve_ledgermonth",
        lambda now: (
            f"{reverse_lazy('admin:consent_ledgermonth_changelist')}"
            "?approved_at__isnull=True&ended_at__isnull=True"
        ),
        lambda now: ending.waiting().count(),
    ),
    Work(
        "Check and agree: recipients of data that somebody changed",
        "privacy.agree_provider",
        lambda now: (
            f"{reverse_lazy('admin:privacy_provider_changelist')}?changed_by__len__gte=1"
        ),
        lambda now: register.waiting().count(),
    ),
    Work(
        "Tell by hand: recipients of data that nothing else reaches",
        "privacy.change_instruction",
        lambda now: (
            f"{reverse_lazy('admin:privacy_instruction_changelist')}?by_hand=yes"
        ),
        lambda now: byhand.waiting().count(),
    ),
    Work(
        "Check and agree: endpoints that somebody asked for",
        "consent.agree_endpoint",
        lambda now: (
            f"{reverse_lazy('admin:consent_endpoint_changelist')}?asked_by__isempty=0"
        ),
        lambda now: endpoints.waiting().count(),
    ),
    Work(
        "Look and decide: what erasures left",
        "privacy.change_leftover",
        lambda now: f"{reverse_lazy('admin:privacy_leftover_changelist')}?open=yes",
        lambda now: leftovers.waiting().count(),
    ),
    Work(
        "Nothing to do: plans that workers are carrying out",
        "privacy.view_plan",
        plans_where("status__in=approved,running,paused"),
        under_way,
    ),
    Work(
        "See why: plans of the last 30 days that were not finished",
        "privacy.view_plan",
        unfinished_plans,
        lambda now: min(unfinished(now).count(), MOST),
    ),
)


def queues(user: Any, now: dt.datetime) -> list[tuple[str, str, int]]:
    """The desk's queues in which somebody can do something, in the desk's order."""
    if not user.has_perm("dsr.view_ticket"):
        return []
    path = reverse("admin:dsr_ticket_desk")
    found = desk.look(queue="", whose="", on=deadlines.day_of(now))
    return [
        (f"{queue.title}: {queue.help}", f"{path}?queue={queue.name}", number)
        for queue, number in found.counts
        if number and queue.is_ours
    ]


def today(user: Any, now: dt.datetime) -> list[tuple[str, str, int]]:
    """Label, address and number of everything that this person may see."""
    return queues(user, now) + [
        (work.label, work.url(now), work.number(now))
        for work in TODAY
        if user.has_perm(work.permission)
    ]
