"""What every protocol has: a request that is submitted once, and news about it."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction

from dsr import identity, intake
from dsr.models import Exchange, Request, Ticket
from dsr.representatives import Acting
from privacy import outgoing
from privacy.identifiers import Mark
from privacy.models import ApiKey, Provider
from privacy.providers import gate
from privacy.refusals import Refusal

FOR = "compliance"  # the purpose of news
LONGEST_NUMBER = 200
MOST_CALLBACKS = 5


class NumberTaken(Refusal):
    """Another request was submitted under that number."""


class NotFromThem(Refusal):
    """You no longer receive anything from us, not even the state of a request, so this
    request was not accepted. The person can ask us directly."""


class TooLong(Refusal):
    """A number has at most 200 characters."""


class TooManyCallbacks(Refusal):
    """At most five callback addresses are allowed for one request."""


@dataclass(frozen=True)
class Handed:
    """A request as another system submits it. `said` are the bytes they sent."""

    protocol: str
    partner: str
    rights: Sequence[str]
    regime: str
    marks: Sequence[Mark]
    received_at: dt.datetime
    said: bytes
    number: str = ""
    name: str = ""
    email: str = ""
    text: str = ""
    against: str = ""
    language: str = ""
    acting: Acting | None = None
    callbacks: Sequence[str] = field(default_factory=list)
    needs_verification: bool = False


def hand_in(*, handed: Handed, now: dt.datetime) -> tuple[Exchange, bool]:
    """The exchange and whether it is new. The same number again changes nothing.

    Raises `NotFromThem` for a system that may not be answered: nothing is accepted
    silently.
    """
    if not may_hear(recipient_of(handed.protocol, handed.partner), now):
        raise NotFromThem
    if len(handed.number) > LONGEST_NUMBER:
        raise TooLong
    if len(handed.callbacks) > MOST_CALLBACKS:
        raise TooManyCallbacks
    for address in handed.callbacks:
        outgoing.check(address)
    try:
        return _once(handed, now)
    except IntegrityError:  # the same was handed in at this moment
        return _once(handed, now)


def _once(handed: Handed, now: dt.datetime) -> tuple[Exchange, bool]:
    digest = hashlib.sha256(handed.said).hexdigest()
    with transaction.atomic():
        if known := _known(handed):
            if known.digest != digest:
                raise NumberTaken
            return known, False
        return _open(handed, digest, now), True


def _known(handed: Handed) -> Exchange | None:
    if not handed.number:
        return None
    rows = Exchange.objects.select_for_update(of=("self",))
    return rows.filter(
        protocol=handed.protocol, partner=handed.partner, number=handed.number
    ).first()


def _open(handed: Handed, digest: str, now: dt.datetime) -> Exchange:
    opened = intake.receive(
        rights=handed.rights,
        regime=handed.regime,
        marks=handed.marks,
        received_at=handed.received_at,
        source=Request.Source(handed.protocol),
        by=f"{handed.protocol}:{handed.partner}"[:150],
        now=now,
        name=handed.name,
        email=handed.email,
        text=handed.text,
        against=handed.against,
        language=handed.language,
        acting=handed.acting,
    )
    return Exchange.objects.create(
        protocol=handed.protocol,
        partner=handed.partner,
        number=handed.number,
        digest=digest,
        request=opened[0].request,
        needs_verification=handed.needs_verification,
        callbacks=list(handed.callbacks),
        made_at=now,
    )


def recipient_of(protocol: str, partner: str) -> Provider | None:
    """Whose system it is, by its key or by its name, if it is a recipient of data."""
    active = ApiKey.objects.filter(revoked_at=None).exclude(recipient=None)
    if protocol != Exchange.Protocol.DRP:
        key = active.filter(name=partner).select_related("recipient").first()
        if key:
            return key.recipient
    return Provider.objects.filter(name=partner).first()


def news(recipient: Provider) -> gate.Transfer:
    return gate.Transfer(recipient.name, FOR, (gate.CONTACT,), is_duty=True)


def may_hear(recipient: Provider | None, now: dt.datetime) -> bool:
    """A system that is not a recipient of data acts for the person alone."""
    return recipient is None or gate.check(news(recipient), now=now).allowed


def vouch(
    exchange: Exchange, *, by: str, now: dt.datetime, acting: Acting | None = None
) -> None:
    """Whoever submits it has verified the person, or that somebody may act for them,
    and answers for it."""
    for ticket in exchange.request.tickets.all():
        identity.decide(
            ticket=ticket,
            accepted=True,
            is_vouched=True,
            may_act=acting is not None and acting.may_act,
            reason="The system that submitted it verified them.",
            by=by,
            now=now,
        )


def ticket_of(exchange: Exchange) -> Ticket:
    """For a protocol that asks for one right at a time."""
    return exchange.request.tickets.order_by("pk")[0]


def expected_by(ticket: Ticket) -> dt.date:
    """The last day, extensions included."""
    return ticket.due_date
