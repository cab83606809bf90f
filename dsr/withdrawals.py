"""A person takes a request back, and somebody of ours heard it.

Whoever closes a request for them could close what nobody took back. So there is
evidence, a second person looks at it, nothing is carried out until then, and the person
gets a letter that says how to go on. (On their own page they do it themselves.)
"""

import datetime as dt

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from dsr import deadlines, intake, notices, tickets
from dsr.models import Message, Ticket, Upload, Withdrawal
from privacy import audit
from privacy.refusals import Refusal

Shown = Withdrawal.Shown
MAY_BE_WITHDRAWN = tickets.NOT_BEGUN


class NoEvidence(Refusal):
    """Name the message or the letter that says so; of a call, say who took it and how
    they knew who was calling."""


class ReasonNeeded(Refusal):
    """Say in words that the person can read why the request ends."""


class NotThatDay(Refusal):
    """They said so between the day of the request and today."""


class NotedAlready(Refusal):
    """Somebody has noted already that they take it back; it waits for a second
    person."""


class NothingNoted(Refusal):
    """Nobody has noted that they take it back."""


class SomebodyElse(Refusal):
    """Whoever noted it can't confirm it: a second person must look at the evidence."""


class Withdrawing(Refusal):
    """The person may have taken this back: look at that first (“Taken back?”)."""


class NotTakenBack(Refusal):
    """This request was not taken back, or is under way again already."""


def waiting(ticket: Ticket) -> Withdrawal | None:
    return ticket.withdrawals.filter(is_so=None).first()


def is_waiting() -> QuerySet[Withdrawal]:
    """Of open requests: an own click of the person may have been first."""
    return Withdrawal.objects.filter(is_so=None, ticket__closed_at=None)


def marked(some: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Each with `is_taken_back`, so that a list needs no query for each."""
    mine = is_waiting().filter(ticket=OuterRef("pk"))
    return some.annotate(is_taken_back=Exists(mine))


def require_none(ticket: Ticket) -> None:
    """Raises `Withdrawing`: nothing is carried out that may have been taken back."""
    if waiting(ticket) is not None:
        raise Withdrawing


def messages_of(ticket: Ticket) -> QuerySet[Message]:
    """What the person wrote, which may say that they take it back."""
    return Message.objects.filter(
        ticket__request=ticket.request_id, side=Message.Side.PERSON
    )


def papers_of(ticket: Ticket) -> QuerySet[Upload]:
    return Upload.objects.filter(ticket__request=ticket.request_id, removed_at=None)


def note(
    *,
    ticket: Ticket,
    shown_by: str,
    said_on: dt.date,
    reason: str,
    by: str,
    now: dt.datetime,
    message: Message | None = None,
    paper: Upload | None = None,
    heard: str = "",
) -> Withdrawal:
    """What was heard, with its evidence. The request waits for a second person."""
    if not reason.strip():
        raise ReasonNeeded
    if not _is_shown(ticket, shown_by, message, paper, heard):
        raise NoEvidence
    if not deadlines.day_of(ticket.received_at) <= said_on <= deadlines.day_of(now):
        raise NotThatDay
    with transaction.atomic():
        tickets.lock_one(ticket)
        ticket.refresh_from_db()
        if ticket.status not in MAY_BE_WITHDRAWN:
            raise tickets.not_now(ticket)
        if waiting(ticket) is not None:
            raise NotedAlready
        noted = ticket.withdrawals.create(
            shown_by=shown_by,
            message=message if shown_by == Shown.MESSAGE else None,
            paper=paper if shown_by == Shown.PAPER else None,
            heard=heard.strip(),
            said_on=said_on,
            reason=reason.strip(),
            noted_by=by,
            noted_at=now,
        )
        _record(ticket, "noted", by, now, shown_by=str(shown_by))
    return noted


def _is_shown(
    ticket: Ticket,
    shown_by: str,
    message: Message | None,
    paper: Upload | None,
    heard: str,
) -> bool:
    """The evidence belongs to this very request."""
    if shown_by == Shown.MESSAGE:
        return message is not None and message in messages_of(ticket)
    if shown_by == Shown.PAPER:
        return paper is not None and paper in papers_of(ticket)
    return shown_by == Shown.CALL and bool(heard.strip())


def confirm(*, ticket: Ticket, by: str, now: dt.datetime) -> None:
    """A second person has seen the evidence: the request ends, and the letter says how
    to go on."""
    with transaction.atomic():
        tickets.lock_one(ticket)
        noted = _noted(ticket)
        if noted.noted_by == by:
            raise SomebodyElse
        _check(noted, True, by, now)
        tickets.withdraw(ticket=ticket, reason=noted.reason, by=by, now=now)
        notices.withdrawal(ticket=ticket, now=now)
    notices.send_waiting(ticket=ticket, now=now)


def dismiss(*, ticket: Ticket, by: str, now: dt.datetime) -> None:
    """They did not say that, or not about this request: it goes on."""
    with transaction.atomic():
        tickets.lock_one(ticket)
        _check(_noted(ticket), False, by, now)
        _record(ticket, "dismissed", by, now)


def _noted(ticket: Ticket) -> Withdrawal:
    noted = waiting(ticket)
    if noted is None:
        raise NothingNoted
    return noted


def _check(noted: Withdrawal, is_so: bool, by: str, now: dt.datetime) -> None:
    noted.is_so, noted.checked_by, noted.checked_at = is_so, by, now
    noted.save(update_fields=["is_so", "checked_by", "checked_at"])


def may_go_on(ticket: Ticket) -> bool:
    """Once."""
    if ticket.status != Ticket.Status.WITHDRAWN:
        return False
    later = {"right": ticket.right, "pk__gt": ticket.pk}
    return not ticket.request.tickets.filter(**later).exists()


def go_on(*, ticket: Ticket, by: str, now: dt.datetime) -> Ticket:
    """The person did not take it back after all: the same is a request again, with the
    first one's clock and proofs."""
    with transaction.atomic():
        tickets.lock_one(ticket)
        ticket.refresh_from_db()
        if not may_go_on(ticket):
            raise NotTakenBack
        again = intake.open(
            right=ticket.right,
            regime=ticket.asked_under or ticket.regime,
            marks=list(ticket.identifiers.all()),
            received_at=ticket.received_at,
            by=by,
            now=now,
            about=ticket.about,
            request=ticket.request,
        )
        _record(ticket, "taken_up_again", by, now, again=again.reference)
    return again


def _record(ticket: Ticket, verb: str, by: str, now: dt.datetime, **more: str) -> None:
    audit.record(
        action=f"withdrawal.{verb}",
        subject=f"ticket:{ticket.reference}",
        by=by,
        now=now,
        **more,
    )
