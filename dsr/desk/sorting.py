"""Which queue each open ticket is in: a handful of queries for all of them."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import (
    BooleanField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
)

from dsr import identity, stuck, withdrawals
from dsr.fulfilment import FULFILMENTS, Way
from dsr.identity.standing import Evidence
from dsr.models import (
    IdentityDecision,
    Message,
    Proof,
    Representative,
    Request,
    Ticket,
    Upload,
)

Status = Ticket.Status
NEEDED = (
    "reference",
    "right",
    "regime",
    "asked_under",
    "status",
    "due_date",
    "closed_at",
    "received_at",
    "request",
)
WEIGHED = ("identifier_id", "method", "state", "checked_at", "is_shared")
MOST = 2000  # the most urgent ones; more are not sorted, and the page says so
ON_A_PAGE = (Request.Source.FORM, Request.Source.DRP, Request.Source.OPENDSR)
SOON, NEAR = 3, 10  # days: of the house, for the eye; the law's day is the due date


class Queue(NamedTuple):
    name: str
    title: str
    help: str
    is_ours: bool = True  # somebody at the desk can do something


QUEUES = (
    Queue("answer", "Answer a message", "The person wrote and is waiting."),
    Queue(
        "taken_back",
        "Taken back?",
        "Somebody noted that they take it back. A second person looks at the evidence.",
    ),
    Queue(
        "identity",
        "Decide who it is",
        "There are documents, permissions or doubts to look at.",
    ),
    Queue(
        "ask",
        "Ask them",
        "They have not heard what is missing. The receipt says it; without an e-mail "
        "address, print it or call.",
    ),
    Queue("plan", "Plan", "We know who it is. Look for their rows."),
    Queue("decide", "Decide", "A person must decide it and say why."),
    Queue(
        "approve",
        "Approve",
        "Check the plan. If it changes data, somebody other than its author "
        "must approve it.",
    ),
    Queue(
        "help",
        "Needs help",
        "A worker could not finish it: its page says why and what to do.",
    ),
    Queue("work", "Under way", "A worker is carrying it out.", is_ours=False),
    Queue(
        "person",
        "Waits for the person",
        "They have not proved yet who they are.",
        is_ours=False,
    ),
)


class Named(NamedTuple):
    """An identifier by its key alone: the queue depends on whose it is, not on its
    value."""

    pk: int


@dataclass(frozen=True)
class Placed:
    """A ticket at the desk: its queue, its assignee, how long there is."""

    ticket: Ticket
    queue: str
    assignee: str
    days_left: int

    @property
    def title(self) -> str:
        return next((each.title for each in QUEUES if each.name == self.queue), "")

    @property
    def help(self) -> str:
        return next((each.help for each in QUEUES if each.name == self.queue), "")

    @property
    def state(self) -> str:
        """Shown as a sign and a word as well as a colour."""
        if not self.ticket.is_open:
            return "calm"
        if self.days_left < 0:
            return "late"
        if self.days_left <= SOON:
            return "soon"
        return "near" if self.days_left <= NEAR else "calm"

    @property
    def left(self) -> str:
        if not self.ticket.is_open:
            return "closed"
        if self.days_left < 0:
            return f"{-self.days_left} days late"
        return "due today" if self.days_left == 0 else f"{self.days_left} days left"


def placed(*, on: dt.date) -> list[Placed]:
    """Every ticket at the desk, the most urgent first."""
    open_ = at_the_desk().order_by("due_date", "pk")
    known = Known()
    marked = stuck.marked(withdrawals.marked(open_.only(*NEEDED)), on=on)
    some = marked.annotate(
        is_asked=is_asked(),
        is_unread=Exists(_unread().filter(ticket__request=OuterRef("request"))),
        has_papers=_has_papers(),
        assigned_to=F("assignment__to"),
    )
    return [_place(ticket, known, on) for ticket in some[:MOST]]


def at_the_desk() -> QuerySet[Ticket]:
    """Open tickets, and closed ones whose person has written since."""
    unread = _unread().filter(ticket=OuterRef("pk"))
    return Ticket.objects.filter(Q(closed_at=None) | Exists(unread))


def _unread() -> QuerySet[Message]:
    """What people wrote and nobody has read."""
    return Message.objects.filter(side=Message.Side.PERSON, read_at=None)


def _has_papers() -> Exists:
    """Whether there are documents to look at."""
    together = {"ticket__request": OuterRef("request")}
    return Exists(Upload.objects.filter(removed_at=None, **together))


def is_asked() -> ExpressionWrapper:
    """Whether a ticket's person had a receipt or a message of ours, or follows the
    request on a page of ours or of their agent."""
    ours = Message.objects.filter(
        side=Message.Side.US, ticket__request=OuterRef("request")
    )
    told = Ticket.objects.filter(
        Q(acknowledged_at__isnull=False) | Q(request__source__in=ON_A_PAGE),
        request=OuterRef("request"),
    )
    return ExpressionWrapper(
        Q(Exists(ours)) | Q(Exists(told)), output_field=BooleanField()
    )


def _place(ticket: Any, known: "Known", on: dt.date) -> Placed:
    assignee = ticket.assigned_to or ""
    days_left = (ticket.due_date - on).days
    standing = identity.weighed(known.rule(ticket), known.evidence(ticket))
    queue = queue_of(
        ticket,
        standing,
        is_unread=ticket.is_unread,
        has_papers=ticket.has_papers,
        is_taken_back=ticket.is_taken_back,
        is_stuck=ticket.is_stuck,
        is_asked=ticket.is_asked,
    )
    return Placed(ticket, queue, assignee, days_left)


class Known:
    """What is known about all open tickets at once, by the id of their request."""

    def __init__(self) -> None:
        open_ = at_the_desk()
        together = {"ticket__request__in": open_.values("request")}
        proofs = Proof.objects.filter(purpose=Proof.Purpose.IDENTITY, **together)
        self.proofs: dict[int, list[Any]] = defaultdict(list)
        for proof in proofs.values_list("ticket__request", *WEIGHED, named=True):
            self.proofs[proof.ticket__request].append(proof)
        self.named: dict[int, list[Named]] = defaultdict(list)
        pairs = Ticket.identifiers.through.objects.filter(ticket__in=open_)
        for ticket, identifier in pairs.values_list("ticket", "identifier"):
            self.named[ticket].append(Named(identifier))
        decisions = IdentityDecision.objects.filter(**together).order_by("at", "pk")
        self.decisions = _by_request(decisions)
        self.acting = _by_request(Representative.objects.filter(**together))
        self.rules: dict[tuple[str, str, dt.date], Any] = {}

    def evidence(self, ticket: Ticket) -> Evidence:
        key = ticket.request_id
        decided, acting = self.decisions[key], self.acting[key]
        return Evidence(
            proofs=self.proofs[key],
            decision=decided[-1] if decided else None,
            representative=acting[0] if acting else None,
            named=self.named[ticket.pk],
        )

    def rule(self, ticket: Ticket) -> Any:
        key = (ticket.regime, ticket.right, ticket.received_at.date())
        if key not in self.rules:
            self.rules[key] = identity.rule_of(ticket)
        return self.rules[key]


def _by_request(rows: Any) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows.annotate(came=F("ticket__request")):
        found[row.came].append(row)
    return found


def queue_of(
    ticket: Ticket,
    standing: identity.Standing,
    *,
    is_unread: bool,
    has_papers: bool,
    is_taken_back: bool,
    is_stuck: bool,
    is_asked: bool,
) -> str:
    """What is to be done next for an open ticket: the name of its queue."""
    if is_unread:
        return "answer"
    if is_taken_back:
        return "taken_back"
    if ticket.status != Status.APPROVED or standing.is_enough:  # else nothing begins
        if is_stuck:
            return "help"
        if ticket.status in (Status.APPROVED, Status.FULFILLING):
            return "work"
    if not standing.is_enough:
        shared = any(proof.is_shared for proof in standing.proofs)
        if has_papers or shared or standing.decision:
            return "identity"
        if not is_asked:
            return "ask"
        return "identity" if standing.representative else "person"
    if ticket.status == Status.PLANNED:
        return "approve"
    way = FULFILMENTS[ticket.right].way
    return {Way.PLANNED: "plan", Way.JUDGED: "decide", Way.AT_ONCE: "work"}[way]
