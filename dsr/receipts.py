"""Receipts: that a request has arrived, where its page is, and what is still missing.

Every request gets one, whatever its law: by mail by itself, else by hand. Some laws set
a day for it.
"""

import datetime as dt

from django.db import transaction
from django.db.models import QuerySet

from dsr import identity, languages, links, notices, tickets
from dsr.models import Notice, Request, Ticket
from privacy import audit

Source = Request.Source
OF_PARTNERS = (Source.OPENDSR, Source.DROP)  # whoever asked them answers them


def untold() -> QuerySet[Ticket]:
    """Open requests whose person has had no receipt; an appeal's page gives its own."""
    bare = Ticket.objects.filter(acknowledged_at=None, closed_at=None, about=None)
    return bare.exclude(request__source__in=OF_PARTNERS)


def unacknowledged() -> QuerySet[Ticket]:
    """Those whose law requires a receipt by a day."""
    return untold().filter(acknowledge_date__isnull=False)


def write_waiting(*, now: dt.datetime) -> int:
    """Writes a receipt for each request that waits for one; returns how many went out
    by mail."""
    waiting = untold().exclude(request__tickets__notices__kind=Notice.Kind.RECEIPT)
    first = {}
    for ticket in waiting.select_related("request").order_by("-pk"):
        first[ticket.request_id] = ticket
    return sum(_write(ticket, now) for ticket in first.values())


def _write(ticket: Ticket, now: dt.datetime) -> bool:
    """For everyone whom we can write to; staff tell the others, and record it. Of two
    workers one waits, and finds it written."""
    if not (notices.address_of(ticket) or notices.envelope_of(ticket)):
        return False
    with transaction.atomic():
        mine = tickets.lock(ticket.request.tickets.all())
        if Notice.objects.filter(ticket__in=mine, kind=Notice.Kind.RECEIPT).exists():
            return False
        give(ticket=ticket, language=links.language_of(ticket), now=now)
    return bool(notices.send_waiting(ticket=ticket, now=now))


def give(*, ticket: Ticket, language: str, now: dt.datetime) -> str:
    """The letter, and the secret of its page, which it names."""
    token = links.secret_of(ticket) or links.make(
        ticket=ticket, language=language, now=now
    )
    missing = _missing(ticket, language)
    notices.receipt(
        ticket=ticket, token=token, language=language, missing=missing, now=now
    )
    return token


def _missing(ticket: Ticket, language: str) -> str:
    """What the person must still do, by what was typed alone: nothing here says whether
    we know them."""
    open_ = ticket.request.tickets.filter(closed_at=None).order_by("pk")
    waits = [each for each in map(identity.standing, open_) if each.asks_the_person]
    if not waits:
        return ""
    acting = waits[0].asks_for_authority
    who = acting.capacity if acting else "person"
    return languages.say(language, f"letter.missing_{who}")


def to_tell() -> list[Ticket]:
    """Receipts that a law wants and no letter can be, one for each request: nobody
    named an address."""
    bare = unacknowledged().select_related("request").prefetch_related("left_out")
    bare = bare.exclude(request__tickets__notices__kind=Notice.Kind.RECEIPT)
    bare = bare.order_by("acknowledge_date", "pk")
    first: dict[int, Ticket] = {}
    for ticket in bare[: notices.MOST]:
        if not notices.address_of(ticket):
            first.setdefault(ticket.request_id, ticket)
    return list(first.values())


def told_otherwise(*, ticket: Ticket, by: str, now: dt.datetime) -> None:
    """Told in another way: by telephone, on paper; of everything they asked at once."""
    with transaction.atomic():
        mine = Ticket.objects.filter(request=ticket.request_id)
        rows = mine.filter(acknowledged_at=None)
        if rows.update(acknowledged_at=now):
            audit.record(
                action="ticket.acknowledged",
                subject=f"ticket:{ticket.reference}",
                by=by,
                now=now,
            )
