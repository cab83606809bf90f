"""A ticket as plain data: ids, dates and counts."""

from typing import Any

from dsr import clocks, frequency, recipients
from dsr.models import Ticket
from privacy import providers


def described(ticket: Ticket) -> dict[str, Any]:
    often = frequency.of(ticket)
    return {
        "id": ticket.reference,
        "right": ticket.right,
        "regime": ticket.regime,
        "asked_under": ticket.asked_under,
        "status": ticket.status,
        "received": ticket.received_at.isoformat(),
        "due": ticket.due_date.isoformat(),
        "extended": ticket.extended_date and ticket.extended_date.isoformat(),
        "arithmetic": ticket.arithmetic,
        "clocks": [_clock(clock) for clock in clocks.of(ticket)],
        "free_answers": often and often.words,
        "decision": ticket.decision,
        "outcome": ticket.outcome,
        "ground": ticket.ground and ticket.ground.code,
        "withheld": [
            {"what": part.what, "ground": part.ground.code, "rows": part.rows}
            for part in ticket.withheld.select_related("ground")
        ],
        "recipients": [providers.facts(row) for row in recipients.of(ticket)],
        "plan": _plan(ticket),
        "certificate": _certificate(ticket),
    }


def _clock(clock: clocks.Clock) -> dict[str, Any]:
    return {
        "name": clock.name,
        "due": clock.due.isoformat(),
        "done": clock.done_on and clock.done_on.isoformat(),
        "arithmetic": clock.words,
        "citation": clock.citation,
    }


def _plan(ticket: Ticket) -> dict[str, Any] | None:
    plan = ticket.plan
    if plan is None:
        return None
    return {
        "id": str(plan.pk),
        "status": plan.status,
        "digest": plan.digest,
        "problem": plan.problem,
        **plan.summary,
        "residue": plan.residue,
    }


def _certificate(ticket: Ticket) -> dict[str, Any] | None:
    certificate = getattr(ticket.plan, "certificate", None)
    return certificate and {
        "document": certificate.document,
        "signature": certificate.signature,
        "key": certificate.key_id,
    }
