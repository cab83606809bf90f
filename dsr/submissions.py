"""A request through the public form: the ticket, its link, its documents, its receipt.

The answer is the same whether or not we know the person: nothing here looks for them.
That happens later, once we know that it is they.
"""

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from django.db import IntegrityError, transaction

from consent.browser import signal
from dsr import (
    deadlines,
    identity,
    intake,
    messages,
    notices,
    receipts,
    representatives,
    tickets,
    uploads,
)
from dsr.fulfilment import FULFILMENTS
from dsr.models import Link, Representative, Request, Right, Ticket, Upload
from dsr.representatives import Acting
from dsr.uploads import File
from dsr.withdrawals import MAY_BE_WITHDRAWN
from privacy import audit
from privacy.identifiers import Mark
from privacy.models import Identifier
from privacy.refusals import Refusal

PERSON = "person"


class NoAppeal(Refusal):
    """There is no answer to appeal against yet, that law gives no appeal, or one was
    already made."""


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
    against: str = ""  # an appeal: the number of the decision
    sheet: str = ""  # the secret number of the very form that was filled in

    @property
    def once(self) -> str:
        """The same for the same form with the same words in it; empty without a
        form."""
        said = {
            "rights": list(self.rights),
            "about": [
                self.regime,
                self.name,
                self.email,
                self.words,
                self.against,
            ],
            "marks": [f"{mark.kind}:{mark.value}" for mark in self.marks],
            "acting": asdict(self.acting) if self.acting else None,
            "files": [hashlib.sha256(file.content).hexdigest() for file in self.files],
        }
        whole = f"{self.sheet}{audit.canonical(said)}"
        return hashlib.sha256(whole.encode()).hexdigest() if self.sheet else ""


def rights_offered() -> list[str]:
    """Every right that we carry out."""
    return [right for right in Right.values if right in FULFILMENTS]


def submit(*, submission: Submission, now: dt.datetime) -> tuple[Ticket, str]:
    """The first ticket and the secret of its link; all, or a `Refusal` and nothing. The
    same form sent again, by a double click or the back button, gives the same."""
    uploads.check(submission.files)
    if known := _sent_before(submission):
        return known
    try:
        with transaction.atomic():
            return _submit(submission, now)
    except IntegrityError:  # the second of two that came at once
        if known := _sent_before(submission):
            return known
        raise


def _sent_before(submission: Submission) -> tuple[Ticket, str] | None:
    links_ = Link.objects.filter(ticket__request__once=submission.once, ended_at=None)
    link = links_.select_related("ticket").first() if submission.sheet else None
    return (link.ticket, link.token.open()) if link else None


def _submit(submission: Submission, now: dt.datetime) -> tuple[Ticket, str]:
    ticket = _open(submission, now)[0]
    if submission.acting:
        representatives.record(ticket=ticket, acting=submission.acting)
    token = receipts.give(ticket=ticket, language=submission.language, now=now)
    uploads.keep(
        ticket=ticket,
        files=submission.files,
        purpose=Upload.Purpose.AUTHORITY,
        now=now,
    )
    return ticket, token


def _open(submission: Submission, now: dt.datetime) -> list[Ticket]:
    request = Request.objects.create(
        source=Ticket.Source.FORM,
        requester=audit.canonical({"name": submission.name, "email": submission.email}),
        words=submission.words or None,
        once=submission.once,
    )
    return [
        intake.open(
            right=right,
            regime=submission.regime,
            marks=submission.marks,
            received_at=now,
            by=PERSON,
            now=now,
            request=request,
            against=submission.against,
        )
        for right in dict.fromkeys(submission.rights)
    ]


def withdraw(*, link: Link, now: dt.datetime) -> None:
    """The person's own word, for whatever is still open; a letter confirms it.

    Raises `NotNow` when the work on all of it has begun.
    """
    reason = "The person withdrew it on their request page."
    before = Ticket.objects.filter(
        request=link.ticket.request_id, status__in=MAY_BE_WITHDRAWN
    )
    with transaction.atomic():
        open_ = tickets.lock(before)
        if not open_:
            raise tickets.NotNow
        for ticket in open_:
            tickets.withdraw(ticket=ticket, reason=reason, by=PERSON, now=now)
        notices.own_withdrawal(some=open_, now=now)


def declare(*, link: Link, words: str, name: str, now: dt.datetime) -> None:
    """They declare under penalty of perjury who they are (11 CCR 7062(c)): `words` as
    they were shown, in their language."""
    with transaction.atomic():
        text = f"{words}\n\n{name.strip()}"
        signed = messages.write(ticket=link.ticket, text=text, now=now)
        identity.declare(ticket=link.ticket, signed=signed, now=now)


def heed_signal(*, ticket: Ticket, now: dt.datetime) -> None:
    """The browser that opened the page of a request forbids sale (GPC): for the person
    who asks. That of a representative, or of one's parent, speaks for its owner."""
    if Representative.objects.filter(ticket__request=ticket.request_id).exists():
        signal.heed_stranger(now=now)
        return
    named = Identifier.objects.filter(tickets__request=ticket.request_id)
    signal.heed(people=named.order_by("pk").distinct(), by=PERSON, now=now)


def may_appeal(ticket: Ticket, *, on: dt.date) -> bool:
    """Only after an answer, once, and where the law provides it (not in CA and UT)."""
    ended = (Ticket.Status.ANSWERED, Ticket.Status.REFUSED)
    offered = Right.APPEAL in FULFILMENTS and ticket.right != Right.APPEAL
    if not offered or ticket.status not in ended or _is_appealed(ticket):
        return False
    return deadlines.gives(ticket.regime, Right.APPEAL, on=on)


def _is_appealed(ticket: Ticket) -> bool:
    mine = ticket.appeals.filter(right=Right.APPEAL)
    return mine.exclude(status=Ticket.Status.WITHDRAWN).exists()


def _locked(link: Link, reference: str) -> Ticket | None:
    mine = tickets.lock(link.ticket.request.tickets.all())
    return next((each for each in mine if each.reference == reference), None)


def appeal(
    *, link: Link, reference: str, text: str, now: dt.datetime
) -> tuple[Ticket, str]:
    """A request of its own, with its own clock, against one answer of this one."""
    if not text.strip():
        raise messages.NothingWritten
    with transaction.atomic():
        first = _locked(link, reference)
        if first is None or not may_appeal(first, on=deadlines.day_of(now)):
            raise NoAppeal
        ticket = intake.open(
            right=Right.APPEAL,
            regime=first.regime,
            marks=list(first.identifiers.all()),
            received_at=now,
            source=Ticket.Source.FORM,
            by=PERSON,
            now=now,
            email=notices.address_of(first),
            text=f"{first}: {text.strip()}",
            about=first,
        )
        token = receipts.give(ticket=ticket, language=link.language, now=now)
    return ticket, token
