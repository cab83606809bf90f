"""Who is on a do-not-call list, and whose number was given to another person."""

import datetime as dt

from django.db import transaction

from consent.models import Listing
from privacy import audit, identifiers
from privacy.identifiers import Mark
from privacy.refusals import Refusal


class UnknownList(Refusal):
    """The list is one of do_not_call, requested and reassigned."""


def put(
    *,
    mark: Mark,
    name: str,
    listed_at: dt.datetime,
    source: str,
    by: str,
    now: dt.datetime,
    ends_at: dt.datetime | None = None,
) -> Listing:
    """On the list since then, whatever was known of it before."""
    if name not in Listing.List.values:
        raise UnknownList
    with transaction.atomic():
        row, _ = Listing.objects.update_or_create(
            identifier=identifiers.keep(mark, now=now),
            list=name,
            defaults={
                "listed_at": listed_at,
                "ends_at": ends_at,
                "source": source,
                "recorded_at": now,
                "recorded_by": by,
            },
        )
        audit.record(
            action="listing.put",
            subject=f"identifier:{row.identifier_id}",
            by=by,
            now=now,
            list=name,
            source=source,
        )
    return row
