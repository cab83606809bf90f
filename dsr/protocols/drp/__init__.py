"""Data Rights Protocol 1.0: authorised agents ask for the people they act for."""

import datetime as dt
import json
import secrets
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from dsr import identity, links, representatives, tickets
from dsr.models import Agent, Exchange, Package, Representative, Right, Ticket
from dsr.protocols.drp import messages
from dsr.protocols.drp.messages import (
    Expired,
    Malformed,
    NotAllowed,
    Replayed,
    TooLate,
    Unknown,
    Unsupported,
    forget_expired,
)
from dsr.protocols.exchanges import Handed, expected_by, hand_in, ticket_of
from dsr.representatives import Acting
from privacy import audit, identifiers
from privacy.identifiers import Kind, Mark
from privacy.refusals import Refusal

__all__ = [
    "Expired",
    "Malformed",
    "NotAllowed",
    "Replayed",
    "TooLate",
    "Unknown",
    "Unsupported",
    "agent_of",
    "business",
    "exercise",
    "find",
    "forget_expired",
    "revoke",
    "set_up",
    "status",
]

RIGHTS = {
    "access": Right.ACCESS,
    "access:specific": Right.ACCESS,
    "deletion": Right.ERASURE,
    "sale:opt-out": Right.OPT_OUT_SALE,
}
REGIMES = {"ccpa": "US-CA", "": "unspecified"}
NO_PROOF = (Right.OPT_OUT_SALE,)


# --- who it is ----------------------------------------------------------------


def set_up(*, code: str, body: bytes, now: dt.datetime) -> str:
    """A token for an agent of the directory (2.05); it replaces the previous one."""
    agent = Agent.objects.filter(code=code, is_trusted=True).first()
    if agent is None:
        raise NotAllowed
    with transaction.atomic():
        messages.valid(body, agent, now)
        token = secrets.token_urlsafe(32)
        Agent.objects.filter(pk=agent.pk).update(
            token_digest=messages.digest(token.encode()), token_made_at=now
        )
        audit.record(
            action="agent.set_up", subject=f"agent:{agent.pk}", by=_by(agent), now=now
        )
    return token


def agent_of(token: str) -> Agent:
    """By digest, so that the time of the look-up reveals nothing about the token."""
    rows = Agent.objects.filter(is_trusted=True).exclude(token_digest="")
    agent = rows.filter(token_digest=messages.digest(token.encode())).first()
    if agent is None:
        raise NotAllowed
    return agent


def _by(agent: Agent) -> str:
    return f"drp:{agent.code}"


# --- what it asks ---------------------------------------------------------------


def exercise(*, agent: Agent, body: bytes, now: dt.datetime) -> Exchange:
    """A request, with its ticket, in the name of the person (2.01)."""
    with transaction.atomic():
        said = messages.valid(body, agent, now)
        right = RIGHTS.get(messages.text(said, "exercise"))
        regime = REGIMES.get(messages.text(said, "regime").lower())
        if right is None:
            raise Unsupported
        if regime is None:
            raise Unsupported("Requests are made under ccpa, or without a regime.")
        exchange, is_new = _hand_in(agent, said, body, right, regime, now)
        if is_new:
            _vouch(ticket_of(exchange), exchange, agent, said, now)
    return exchange


def _hand_in(
    agent: Agent,
    said: dict[str, Any],
    body: bytes,
    right: str,
    regime: str,
    now: dt.datetime,
) -> tuple[Exchange, bool]:
    verified, named = _marks(said)
    callback = messages.text(said, "status_callback")
    handed = Handed(
        protocol=Exchange.Protocol.DRP,
        partner=agent.code,
        rights=[right],
        regime=regime,
        marks=verified or named,
        received_at=now,
        said=body,
        number=messages.text(said, "agent-request-id"),
        name=messages.text(said, "name")[:200],
        email=next((m.value for m in verified if m.kind == Kind.EMAIL), ""),
        text=json.dumps({"relationships": said.get("relationships") or []}),
        callbacks=[callback] if callback else [],
        needs_verification=not verified and right not in NO_PROOF,
    )
    return hand_in(handed=handed, now=now)


def _marks(said: dict[str, Any]) -> tuple[list[Mark], list[Mark]]:
    """What the agent vouches for, and everything it names (3.04). Letters go to an
    address only if the agent has verified that it is the person's."""
    readers = {"email": identifiers.email, "phone_number": identifiers.phone}
    named = {
        name: read(text)
        for name, read in readers.items()
        if (text := messages.text(said, name))
    }
    verified = [m for name, m in named.items() if said.get(f"{name}_verified") is True]
    return verified, list(named.values())


def _vouch(
    ticket: Ticket,
    exchange: Exchange,
    agent: Agent,
    said: dict[str, Any],
    now: dt.datetime,
) -> None:
    """Its signed word counts for as much as its directory entry says about how it
    verifies people."""
    power = bool(messages.text(said, "power_of_attorney"))
    acting = Acting(
        capacity=Representative.Capacity.AGENT,
        name=agent.name,
        organization=agent.name,
        has_power_of_attorney=power,
    )
    representatives.record(ticket=ticket, acting=acting)
    if exchange.needs_verification or ticket.right == Right.ACCESS:
        links.make(ticket=ticket, language="en", now=now)
    if exchange.needs_verification:
        return
    identity.decide(
        ticket=ticket,
        accepted=True,
        is_vouched=True,
        reason="The agent verified them and signed a statement to that effect.",
        by=_by(agent),
        now=now,
        may_act=True,
        has_power_of_attorney=power,
    )


def find(*, agent: Agent, number: str) -> Exchange:
    """A request of this agent; for another's the answer is 403, whether or not it
    exists."""
    try:
        exchange = Exchange.objects.get(pk=number, protocol=Exchange.Protocol.DRP)
    except (Exchange.DoesNotExist, ValidationError):  # or no UUID at all
        raise Unknown from None
    if exchange.partner != agent.code:
        raise NotAllowed
    return exchange


def revoke(*, exchange: Exchange, agent: Agent, body: bytes, now: dt.datetime) -> None:
    """The person withdraws it (2.04); a second call changes nothing."""
    said = messages.opened(body, agent)
    ticket = ticket_of(exchange)
    if ticket.status == Ticket.Status.WITHDRAWN:
        return
    reason = (
        messages.text(said, "reason") or "The person withdrew it through their agent."
    )
    try:
        tickets.withdraw(ticket=ticket, reason=reason[:2000], by=_by(agent), now=now)
    except Refusal:
        raise TooLate from None


# --- what it is told ------------------------------------------------------------


def status(exchange: Exchange) -> dict[str, Any]:
    """The Exercise Status of 3.03; what is unknown is left out."""
    ticket = ticket_of(exchange)
    found = {
        "request_id": str(exchange.pk),
        "agent_request_id": exchange.number,
        "received_at": ticket.received_at.isoformat(),
        **_state(exchange, ticket),
    }
    return {key: value for key, value in found.items() if value}


def _state(exchange: Exchange, ticket: Ticket) -> dict[str, str]:
    Status, Outcome = Ticket.Status, Ticket.Outcome
    if ticket.status == Status.WITHDRAWN:
        return {"status": "revoked"}
    if ticket.status == Status.REFUSED:
        reason = ticket.ground.drp_reason if ticket.ground else "other"
        return {
            "status": "denied",
            "reason": reason,
            "processing_details": ticket.decision,
        }
    if ticket.status == Status.ANSWERED and ticket.outcome == Outcome.NOTHING:
        details = {"processing_details": ticket.decision}
        return {"status": "denied", "reason": "no_match", **details}
    if ticket.status == Status.ANSWERED:
        details = {"processing_details": ticket.decision}
        return {"status": "fulfilled", **details, **_results(ticket)}
    return _in_progress(exchange, ticket)


def _results(ticket: Ticket) -> dict[str, str]:
    """Where the person collects the copy, with a code that only they get, and until
    when."""
    package = Package.objects.filter(ticket=ticket, expired_at=None).first()
    if package is None:
        return {}
    return {
        "results_url": links.address_of(ticket),
        "expires_at": package.expires_at.isoformat(),
    }


def _in_progress(exchange: Exchange, ticket: Ticket) -> dict[str, str]:
    said = {
        "status": "in_progress",
        "expected_by": expected_by(ticket).isoformat(),
        "processing_details": ticket.extension_reason,
    }
    if exchange.needs_verification and not identity.standing(ticket).is_enough:
        said["reason"] = "need_user_verification"
        said["user_verification_url"] = links.address_of(ticket)
    return said


def business() -> dict[str, Any]:
    """Our entry for the directory of businesses (3.05.2)."""
    contact = settings.DEFAULT_FROM_EMAIL
    return {
        "id": settings.DRP_BUSINESS_ID,
        "name": settings.DRP_BUSINESS_NAME,
        "logo": None,
        "api_base": f"{settings.PUBLIC_URL}/drp",
        "supported_actions": list(RIGHTS),
        "supported_verifications": ["email", "phone_number"],
        "web_url": settings.PUBLIC_URL,
        "privacy_policy_url": f"{settings.PUBLIC_URL}/privacy",
        "technical_contact": contact,
        "business_contact": contact,
    }
