"""Receipts: that a request has arrived is confirmed, by us or by hand."""

import datetime as dt

from django.db import transaction
from django.db.models import QuerySet

from dsr import links, notices
from dsr.models import Notice, Request, Ticket
from privacy import audit

OF_PARTNERS = (Request.Source.OPENDSR,)  # whoever asked them answers them


def unacknowledged() -> QuerySet[Ticket]:
    """Open requests whose law requires a receipt and that have had none."""
    bare = Ticket.objects.filter(
        acknowledge_date__isnull=False,
        acknowledged_at=None,
        closed_at=None,
        about=None,
    )
    return bare.exclude(request__source__in=OF_PARTNERS)


def write_waiting(*, now: dt.datetime) -> int:
    """Writes a receipt for each request that waits for one."""
    waiting = unacknowledged().exclude(
        request__tickets__notices__kind=Notice.Kind.RECEIPT
    )
    first = {}
    for ticket in waiting.order_by("-pk"):
        first[ticket.request_id] = ticket
    return sum(_write(ticket, now) for ticket in first.values())


def _write(ticket: Ticket, now: dt.datetime) -> bool:
    """For everyone whom we can write to; staff tell the others, and record it."""
    if not notices.address_of(ticket):
        return False
    with transaction.atomic():
        language = links.language_of(ticket)
        token = links.make(ticket=ticket, language=language, now=now)
        notices.receipt(ticket=ticket, token=token, language=language, now=now)
    return bool(notices.send_waiting(ticket=ticket, now=now))


def to_tell() -> list[Ticket]:
    """Receipts that no machine can send, one for each request: nobody named an e-mail
    address."""
    bare = unacknowledged().select_related("request").prefetch_related("left_out")
    bare = bare.order_by("acknowledge_date", "pk")
    first: dict[int, Ticket] = {}
    for ticket in bare[: notices.MOST]:
        if not notices.address_of(ticket):
            first.setdefault(ticket.request_id, ticket)
    return list(first.values())


def told_otherwise(*, ticket: Ticket, by: str, now: dt.datetime) -> None:
    """Told in another way: by telephone, on paper."""
    with transaction.atomic():
        rows = Ticket.objects.filter(pk=ticket.pk, acknowledged_at=None)
        if rows.update(acknowledged_at=now):
            audit.record(
                action="ticket.acknowledged",
                subject=f"ticket:{ticket.reference}",
                by=by,
                now=now,
            )
