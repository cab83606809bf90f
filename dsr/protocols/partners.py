"""Our own API: partner systems submit requests with their key, and follow them."""

import datetime as dt
import uuid
from typing import Any

from django.db import transaction

from dsr import uploads
from dsr.models import Exchange, Representative, Ticket, Upload
from dsr.protocols import exchanges
from dsr.protocols.exchanges import Handed
from dsr.representatives import Acting
from dsr.uploads import File


def hand_in(
    *,
    partner: str,
    number: str,
    said: bytes,
    now: dt.datetime,
    received_at: dt.datetime | None = None,
    reply_to: str = "",
    words: str = "",
    verified: bool = False,
    callback: str = "",
    acting: Acting | None = None,
    **same: Any,
) -> tuple[Exchange, bool]:
    """`same` is called the same in `Handed`: the rights, the law, whose it is, …"""
    handed = Handed(
        protocol=Exchange.Protocol.API,
        partner=partner,
        received_at=received_at or now,
        said=said,
        number=number,
        email=reply_to,
        text=words,
        acting=acting,
        callbacks=[callback] if callback else [],
        needs_verification=not verified,
        **same,
    )
    with transaction.atomic():
        exchange, is_new = exchanges.hand_in(handed=handed, now=now)
        if is_new and verified:
            exchanges.vouch(exchange, by=exchange.partner, now=now, acting=acting)
    return exchange, is_new


def find(*, partner: str, number: str) -> Exchange | None:
    """A partner sees what it submitted, and nothing else."""
    mine = Exchange.objects.filter(protocol=Exchange.Protocol.API, partner=partner)
    try:
        return mine.filter(pk=uuid.UUID(number)).first()
    except ValueError:
        return mine.filter(request__tickets__reference=number.upper()).first()


def enclose(*, exchange: Exchange, content: bytes, by: str, now: dt.datetime) -> Upload:
    """A file that came with the request; sent twice, it is kept once. Of somebody who
    asks for the person it is what lets them act. Raises a `WrongFile`, or `Closed`."""
    ticket = exchange.request.tickets.order_by("pk")[0]
    acts = Representative.objects.filter(ticket__request=exchange.request_id).exists()
    purpose = Upload.Purpose.AUTHORITY if acts else Upload.Purpose.OTHER
    file = File(name="", content=content, size=len(content))
    kept = uploads.keep(ticket=ticket, files=[file], purpose=purpose, now=now, by=by)
    return kept[0] if kept else uploads.known(ticket=ticket, file=file, purpose=purpose)


def status(exchange: Exchange) -> dict[str, Any]:
    """What a callback says: the same as the answer to a query."""
    rows = exchange.request.tickets.select_related("ground").order_by("pk")
    return {"id": str(exchange.pk), "tickets": [_ticket(row) for row in rows]}


def _ticket(ticket: Ticket) -> dict[str, Any]:
    shown = ("right", "regime", "asked_under", "status", "outcome", "decision")
    times = {
        "received_at": ticket.received_at,
        "due": ticket.due_date,
        "closed_at": ticket.closed_at,
    }
    return {
        **{name: getattr(ticket, name) for name in shown},
        **{name: at and at.isoformat() for name, at in times.items()},
        "id": ticket.reference,
        "arithmetic": ticket.arithmetic,
        "ground": str(ticket.ground or ""),
    }
