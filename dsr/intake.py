"""How a request comes in: its number, its clock, whom it is about."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction

from dsr import deadlines
from dsr.fulfilment import FULFILMENTS
from dsr.models import Reference, Ticket
from privacy import audit, identifiers
from privacy.identifiers import Mark
from privacy.refusals import Refusal


class NobodyNamed(Refusal):
    """Name the person by at least one phone number or e-mail address."""


class UnknownRight(Refusal):
    """Requests are for access or erasure."""


class UnknownRegime(Refusal):
    """That is no law we know."""


class FromTheFuture(Refusal):
    """A request can't have been received after now."""


def open(
    *,
    right: str,
    regime: str,
    marks: Sequence[Mark],
    received_at: dt.datetime,
    source: str,
    by: str,
    now: dt.datetime,
    name: str = "",
    email: str = "",
    text: str = "",
) -> Ticket:
    """A ticket with its due date. The clock starts when we received the request."""
    _refuse_what_is_no_request(right, marks, received_at, now)
    law = regime_named(regime, on=deadlines.day_of(received_at))
    clock = deadlines.for_request(regime=law, right=right, received_at=received_at)
    with transaction.atomic():
        ticket = Ticket.objects.create(
            reference=_reference(received_at.year),
            right=right,
            regime=law,
            source=source,
            requester=audit.canonical({"name": name, "email": email}),
            words=text or None,
            received_at=received_at,
            due_date=clock.due_at,
            acknowledge_date=clock.acknowledge_by,
            extended_date=clock.extended_due,
            arithmetic=f"{clock.arithmetic} ({clock.citation}).",
            opened_by=by,
            opened_at=now,
        )
        ticket.identifiers.set(
            [identifiers.keep(mark, now=now, revive=True) for mark in marks]
        )
        _record(ticket)
    return ticket


def _refuse_what_is_no_request(
    right: str, marks: Sequence[Mark], received_at: dt.datetime, now: dt.datetime
) -> None:
    if right not in FULFILMENTS:
        raise UnknownRight
    if not marks:
        raise NobodyNamed
    if received_at.tzinfo is None:
        raise deadlines.NoTimeZone
    if received_at > now:
        raise FromTheFuture


def _record(ticket: Ticket) -> None:
    audit.record(
        action="ticket.received",
        subject=f"ticket:{ticket.reference}",
        by=ticket.opened_by,
        now=ticket.opened_at,
        right=ticket.right,
        regime=ticket.regime,
        due=ticket.due_date.isoformat(),
    )


COMMON_NAMES = {
    "GDPR": "EU-GDPR",
    "EU": "EU-GDPR",
    "UK": "UK-GDPR",
    "CCPA": "US-CA",
    "CPRA": "US-CA",
    "LGPD": "BR-LGPD",
    "PIPEDA": "CA-PIPEDA",
    "UNSPECIFIED": "unspecified",
}


def regime_named(text: str, *, on: dt.date) -> str:
    """The code of a law, from its code or its common name."""
    name = text.strip().upper().replace("_", "-").replace(" ", "-")
    code = COMMON_NAMES.get(name, name)
    known = [regime for regime, _ in deadlines.regimes(on=on)]
    if code not in known:
        raise UnknownRegime(f"{text} is no law we know; there are {', '.join(known)}.")
    return code


def _reference(year: int) -> str:
    """The next number of the year; the row lock makes it unique without gaps."""
    Reference.objects.get_or_create(year=year)
    row = Reference.objects.select_for_update().get(year=year)
    row.last += 1
    row.save(update_fields=["last"])
    return str(row)
