"""Requests of Ada, as they come in and as far as they got."""

import datetime as dt
import io
import zipfile
from typing import Any

from dsr import identity, intake, packages, requests
from dsr.models import Assignment, Message, Proof, Ticket
from privacy import identifiers

NOW = dt.datetime(2026, 11, 24, 9, 0, tzinfo=dt.UTC)
RECEIVED = dt.datetime(2026, 11, 23, 15, 30, tzinfo=dt.UTC)
ADA = "+12025550143"
ADAS_MAIL = "ada.sample@example.com"
LENA, MAX = "lena", "max"


def clock() -> dt.datetime:
    return NOW


def asked(right: str = "erasure", **changed: Any) -> Ticket:
    """Ada asks, by her phone number and under Californian law."""
    facts: dict[str, Any] = {
        "right": right,
        "regime": "US-CA",
        "marks": [identifiers.phone(ADA)],
        "received_at": RECEIVED,
        "source": Ticket.Source.STAFF,
        "by": LENA,
        "now": NOW,
    }
    return intake.open(**(facts | changed))


def vouched(ticket: Ticket, by: str = LENA) -> Ticket:
    """Somebody knows that it is Ada."""
    identity.decide(
        ticket=ticket,
        accepted=True,
        may_act=True,
        is_vouched=True,
        reason="Known",
        by=by,
        now=NOW,
    )
    return ticket


def planned(right: str = "erasure", **changed: Any) -> Ticket:
    ticket = vouched(asked(right, **changed))
    requests.plan(ticket=ticket, by=LENA, now=NOW)
    return ticket


def approved(right: str = "erasure", **changed: Any) -> Ticket:
    ticket = planned(right, **changed)
    requests.approve(ticket=ticket, by=MAX, now=NOW)
    return ticket


def answered(right: str = "erasure", **changed: Any) -> Ticket:
    return requests.fulfil(ticket=approved(right, **changed), clock=clock)


def many(number: int) -> list[Ticket]:
    """Open tickets with a proof each; every second with somebody, every third with a
    message that nobody read."""
    first = asked("erasure", regime="EU-GDPR", marks=[identifiers.email(ADAS_MAIL)])
    row = first.identifiers.get()
    facts = {
        field.name: getattr(first, field.name)
        for field in Ticket._meta.concrete_fields
        if field.name not in ("id", "reference", "request")
    }
    came = type(first.request)
    requests_ = came.objects.bulk_create(came(source="form") for _ in range(number))
    tickets = Ticket.objects.bulk_create(
        Ticket(**facts, reference=f"R-2026-1{n:05}", request=each)
        for n, each in enumerate(requests_)
    )
    Ticket.identifiers.through.objects.bulk_create(
        Ticket.identifiers.through(ticket=t, identifier=row) for t in tickets
    )
    Proof.objects.bulk_create(
        Proof(
            ticket=t,
            identifier=row,
            method="mail",
            state="confirmed",
            asked_at=NOW,
            expires_at=NOW,
            confirmed_at=NOW,
            checked_at=NOW,
        )
        for t in tickets
    )
    Assignment.objects.bulk_create(
        Assignment(ticket=t, to="lena", by="max", at=NOW) for t in tickets[::2]
    )
    Message.objects.bulk_create(
        Message(ticket=t, side="person", text="Hello?", written_at=NOW)
        for t in tickets[::3]
    )
    return tickets


def opened(ticket: Ticket) -> zipfile.ZipFile:
    """The archive of a copy."""
    content = b"".join(packages.stream(ticket=ticket, by=LENA, now=NOW))
    return zipfile.ZipFile(io.BytesIO(content))
