"""A request through the public form: the ticket, its link, its documents, its receipt.

What is answered is the same whether or not we know the person: nothing here looks for
them. That is for later, after we know that it is they.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import transaction

from dsr import deadlines, intake, links, messages, notices, tickets, uploads
from dsr.fulfilment import FULFILMENTS
from dsr.models import Link, Representative, Request, Right, Ticket, Upload
from dsr.uploads import File
from privacy import audit, identifiers
from privacy.identifiers import Mark
from privacy.refusals import Refusal

PERSON = "person"
NO_LAW = "unspecified"
MAY_BE_WITHDRAWN = (Ticket.Status.RECEIVED, Ticket.Status.PLANNED)


class NoAppeal(Refusal):
    """There is no answer yet against which one could appeal, or no appeal there."""


@dataclass(frozen=True)
class Acting:
    """Who asks for somebody else, in which capacity."""

    capacity: str
    name: str
    organization: str
    email: str
    has_power_of_attorney: bool


@dataclass(frozen=True)
class Submission:
    rights: Sequence[str]
    regime: str
    marks: Sequence[Mark]
    language: str
    name: str = ""
    email: str = ""
    words: str = ""
    acting: Acting | None = None
    files: Sequence[File] = field(default_factory=list)


def rights_offered() -> list[str]:
    """Every right that we carry out."""
    return [right for right in Right.values if right in FULFILMENTS]


def submit(*, submission: Submission, now: dt.datetime) -> tuple[Ticket, str]:
    """The first ticket and the secret of its link; all, or a `Refusal` and nothing."""
    uploads.check(submission.files)
    with transaction.atomic():
        ticket = _open(submission, now)[0]
        token = _give_link(ticket, submission.language, now)
        if submission.acting:
            _represent(ticket, submission.acting)
        uploads.keep(
            ticket=ticket,
            files=submission.files,
            purpose=Upload.Purpose.AUTHORITY,
            now=now,
        )
    return ticket, token


def _open(submission: Submission, now: dt.datetime) -> list[Ticket]:
    """Where the law lacks a right it is our own promise (`unspecified`)."""
    on = deadlines.day_of(now)
    request = Request.objects.create(
        source=Ticket.Source.FORM,
        requester=audit.canonical({"name": submission.name, "email": submission.email}),
        words=submission.words or None,
    )
    return [
        intake.open(
            right=right,
            regime=submission.regime
            if _gives(submission.regime, right, on)
            else NO_LAW,
            marks=submission.marks,
            received_at=now,
            by=PERSON,
            now=now,
            request=request,
        )
        for right in dict.fromkeys(submission.rights)
    ]


def _give_link(ticket: Ticket, language: str, now: dt.datetime) -> str:
    """The secret, and the receipt that names it."""
    token = links.make(ticket=ticket, language=language, now=now)
    notices.receipt(ticket=ticket, token=token, language=language, now=now)
    return token


def _gives(regime: str, right: str, on: dt.date) -> bool:
    return deadlines.rules_at(on).filter(regime=regime, right=right).exists()


def _represent(ticket: Ticket, acting: Acting) -> None:
    details = {
        "name": acting.name,
        "organization": acting.organization,
        "email": acting.email,
    }
    Representative.objects.create(
        ticket=ticket,
        capacity=acting.capacity,
        details=audit.canonical(details),
        has_power_of_attorney=acting.has_power_of_attorney,
    )


def withdraw(*, link: Link, now: dt.datetime) -> None:
    """The person's own word, for whatever is still open.

    Raises `NotNow` when the work on all of it has begun.
    """
    reason = "The person withdrew it on the page of the request."
    before = Ticket.objects.filter(
        request=link.ticket.request_id, status__in=MAY_BE_WITHDRAWN
    )
    with transaction.atomic():
        open_ = list(before.select_for_update())
        if not open_:
            raise tickets.NotNow
        for ticket in open_:
            tickets.withdraw(ticket=ticket, reason=reason, by=PERSON, now=now)


def may_appeal(ticket: Ticket, *, on: dt.date) -> bool:
    """Only after an answer, and where the law gives an appeal (not in CA and UT)."""
    ended = (Ticket.Status.ANSWERED, Ticket.Status.REFUSED)
    offered = Right.APPEAL in FULFILMENTS and ticket.right != Right.APPEAL
    return (
        offered and ticket.status in ended and _gives(ticket.regime, Right.APPEAL, on)
    )


def appeal(
    *, link: Link, reference: str, text: str, now: dt.datetime
) -> tuple[Ticket, str]:
    """A request of its own, with its own clock, against one answer of this one."""
    first = link.ticket.request.tickets.filter(reference=reference).first()
    if first is None or not may_appeal(first, on=deadlines.day_of(now)):
        raise NoAppeal
    if not text.strip():
        raise messages.NothingWritten
    with transaction.atomic():
        ticket = intake.open(
            right=Right.APPEAL,
            regime=first.regime,
            marks=[identifiers.value(row) for row in first.identifiers.all()],
            received_at=now,
            source=Ticket.Source.FORM,
            by=PERSON,
            now=now,
            email=notices.address_of(first),
            text=f"{first}: {text.strip()}",
            about=first,
        )
        token = _give_link(ticket, link.language, now)
    return ticket, token
