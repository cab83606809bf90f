"""What staff decide about evidence; documents are deleted as soon as it is decided."""

import datetime as dt
from collections.abc import Mapping, Sequence

from django.db import transaction

from dsr import tickets, uploads
from dsr.identity import comparing, rules, settling
from dsr.identity.comparing import UnknownPoint
from dsr.identity.standing import is_enough_for_all
from dsr.models import IdentityDecision, Ticket, Upload
from privacy import audit
from privacy.models import Identifier
from privacy.refusals import Refusal, reason_given

WHY = "Say what proved it, or what was missing; your reason is recorded."


class LastOne(Refusal):
    """A request must keep at least one number or address of the person."""


def decide(
    *,
    ticket: Ticket,
    accepted: bool,
    reason: str,
    by: str,
    now: dt.datetime,
    may_act: bool = False,
    has_power_of_attorney: bool = False,
    points: Sequence[str] = (),
    said: Mapping[str, str] | None = None,
    has_declaration: bool = False,
    is_vouched: bool = False,
    papers: Sequence[Upload] = (),
) -> IdentityDecision:
    """It is the person, for all that the request names, or we can't be sure. `points`
    are what staff matched with what we hold, `said` what the portal is to compare;
    `is_vouched`: a system that has verified the person answers for it.

    Proofs of identity go with the decision (11 CCR 7060(d); Art. 5(1)(e) GDPR), and so
    do `papers` that turned out to be such; one that has not what the law counts deletes
    nothing yet. An agent's authorisation stays with the request, as its record.
    """
    _refuse_unknown(points)
    compared = comparing.compare(ticket=ticket, said=said or {}, now=now)
    decision = IdentityDecision(
        ticket=ticket,
        accepted=accepted,
        may_act=may_act or has_power_of_attorney,
        has_power_of_attorney=has_power_of_attorney,
        points=comparing.with_matches(points, compared),
        compared=compared,
        has_declaration=has_declaration,
        is_vouched=is_vouched,
        reason=reason_given(reason, WHY),
        by=by,
        at=now,
    )
    _store(decision, papers)
    return decision


def _refuse_unknown(points: Sequence[str]) -> None:
    if not set(points) <= rules.points_of_data().keys():
        raise UnknownPoint
    comparing.refuse_word(points)


def _store(decision: IdentityDecision, papers: Sequence[Upload]) -> None:
    ticket, by, now = decision.ticket, decision.by, decision.at
    with transaction.atomic():
        tickets.lock(ticket.request.tickets.all())
        decision.save()
        audit.record(
            action="identity.accepted" if decision.accepted else "identity.refused",
            subject=f"ticket:{ticket.reference}",
            by=by,
            now=now,
            may_act=decision.may_act,
            points=decision.points,
            compared=decision.compared,
            declaration=decision.has_declaration,
            vouched=decision.is_vouched,
        )
        if not decision.accepted or is_enough_for_all(decision):
            _remove_proofs(ticket, papers, by, now)
        if decision.accepted:
            settling.settle(ticket=ticket, by=by, now=now)


def _remove_proofs(
    ticket: Ticket, papers: Sequence[Upload], by: str, now: dt.datetime
) -> None:
    uploads.are_proofs(papers=papers, by=by, now=now)
    gone = [Upload.Purpose.IDENTITY]
    for each in ticket.request.tickets.all():
        uploads.remove(ticket=each, purposes=gone, by=by, now=now)


def leave_out(
    *, ticket: Ticket, identifier: Identifier, reason: str, by: str, now: dt.datetime
) -> None:
    """Nobody has shown that it is theirs, so this right no longer covers it, and no
    letter about it goes there. A plan that was made for it too is made anew."""
    reason = reason_given(reason, WHY)
    with transaction.atomic():
        tickets.lock_one(ticket)
        ticket.refresh_from_db()
        if ticket.status not in tickets.NOT_BEGUN:
            raise tickets.not_now(ticket)
        if not ticket.identifiers.exclude(pk=identifier.pk).exists():
            raise LastOne
        ticket.identifiers.remove(identifier)
        ticket.left_out.add(identifier)
        audit.record(
            action="identity.left_out",
            subject=f"ticket:{ticket.reference}",
            by=by,
            now=now,
            identifier=identifier.pk,
            reason=reason,
        )
        if ticket.status != tickets.Status.RECEIVED:
            tickets.back(ticket=ticket, by=by, now=now)
