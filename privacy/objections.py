"""Uses of their data that people have forbidden; everything that discloses data must
ask here.

Objections are found by the digest, so they hold after an erasure too (supp.allowed: the
least that lets us keep honouring the request).
"""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q

from privacy import audit, identifiers
from privacy.identifiers import Mark
from privacy.models import Identifier, Objection

Use = Objection.Use


def record(
    *,
    identifiers: Sequence[Identifier],
    use: str,
    because: str,
    since: dt.datetime,
    by: str,
    now: dt.datetime,
) -> list[Objection]:
    """Stores one row for each identifier; an existing objection is left as it is."""
    with transaction.atomic():
        return [_record(row, use, because, since, by, now) for row in identifiers]


def _record(
    row: Identifier,
    use: str,
    because: str,
    since: dt.datetime,
    by: str,
    now: dt.datetime,
) -> Objection:
    said = {
        "because": because,
        "since": since,
        "recorded_by": by,
        "recorded_at": now,
    }
    objection, is_new = Objection.objects.get_or_create(
        identifier=row, use=use, lifted_at=None, defaults=said
    )
    if is_new:
        audit.record(
            action="objection.recorded",
            subject=f"identifier:{row.pk}",
            by=by,
            now=now,
            use=use,
            because=because,
        )
    return objection


def lift(*, objection: Objection, because: str, by: str, now: dt.datetime) -> None:
    """The person allows the use again; lifting twice changes nothing."""
    with transaction.atomic():
        standing = Objection.objects.filter(pk=objection.pk, lifted_at=None)
        if standing.update(lifted_at=now, lifted_by=by):
            audit.record(
                action="objection.lifted",
                subject=f"identifier:{objection.identifier_id}",
                by=by,
                now=now,
                use=objection.use,
                because=because,
            )


def standing(mark: Mark) -> dict[str, dt.datetime]:
    """Every use that this person forbids, and since when."""
    rows = Objection.objects.filter(
        identifier__kind=mark.kind,
        identifier__digest__in=identifiers.digests(mark),
        lifted_at=None,
    )
    return dict(rows.values_list("use", "since"))


def forbidders(
    digests: Sequence[str], use: str, *, at: dt.datetime
) -> dict[str, dt.datetime]:
    """Of many people, by digest: who forbade the use at that instant, and since
    when."""
    rows = Objection.objects.filter(
        Q(lifted_at=None) | Q(lifted_at__gt=at),
        identifier__digest__in=digests,
        use__in=(use, Use.EVERY),
        since__lte=at,
    )
    return dict(rows.order_by("-since").values_list("identifier__digest", "since"))


def forbids(mark: Mark, use: str) -> bool:
    found = standing(mark)
    return use in found or Use.EVERY in found
