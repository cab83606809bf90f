"""Compares the ledger with what was sent: every message that went out after an opt-out,
and marketing to whoever had asked us to be left alone.

It reads the platform's own message table, not what the portal believes. One
confirmation soon after the opt-out is allowed (47 CFR 64.1200(a)(12)); how soon is a
dated rule. Each chunk is joined by digest, so that a number that has been erased here,
and an opt-out that a later consent lifted, are seen as well.
"""

import datetime as dt
from itertools import islice
from typing import Any

from consent.models import LateMessage
from consent.reconcile.searching import late_messages

BATCH = 1000

__all__ = ["facts", "found", "late_messages", "look"]


def look(*, now: dt.datetime) -> None:
    """Searches every log and stores what was found; removes what is no longer found."""
    found = late_messages()
    while batch := list(islice(found, BATCH)):
        LateMessage.objects.bulk_create(
            [
                LateMessage(
                    log=each.log,
                    key=each.key,
                    identifier_id=each.identifier,
                    organization=each.about.organization,
                    program_id=each.about.program,
                    sent_at=each.sent_at,
                    opted_out_at=each.opted_out_at,
                    event_id=each.event,
                    listing_id=each.listing,
                    is_marketing=each.is_marketing,
                    seen_at=now,
                )
                for each in batch
            ],
            update_conflicts=True,
            unique_fields=["log", "key"],
            update_fields=[
                "event",
                "listing",
                "program",
                "opted_out_at",
                "is_marketing",
                "seen_at",
            ],
        )
    LateMessage.objects.filter(seen_at__lt=now).delete()


def found(most: int, *, after: int = 0) -> list[LateMessage]:
    """What the last search found, in the order of our own numbers."""
    rows = LateMessage.objects.filter(pk__gt=after).order_by("pk")
    return list(rows.select_related("log__table__store", "program")[:most])


def facts(row: LateMessage) -> dict[str, Any]:
    """As plain data, without the numbers."""
    return {
        "id": row.pk,
        "message": str(row),
        "organization": row.organization,
        "program": row.program.name if row.program else "",
        "sent_at": row.sent_at,
        "opted_out_at": row.opted_out_at,
        "event": row.event_id,
        "listing": row.listing_id,
        "marketing": row.is_marketing,
        "seen_at": row.seen_at,
    }
