"""What a search found is kept until a person has decided; the places, never their
content."""

import datetime as dt
import json
from typing import Any

from django.db.models import Q, QuerySet

from privacy.models import Leftover, Plan, Store, Table
from privacy.residue import Hit, Residue

STAYS = (Leftover.Decision.KEEP, Leftover.Decision.NOT_THEM)
MOST = 500  # of one erasure at a time; the next search brings the others
STOPPED = (Plan.Status.CANCELLED, Plan.Status.REFUSED, Plan.Status.INCOMPLETE)


def note(*, plan: Plan, found: Residue, now: dt.datetime) -> None:
    """Stores what a search found, and marks the rest as gone. Call in the transaction
    that finishes the plan."""
    seen = {
        **dict.fromkeys(map(_place, found.hints), Leftover.Kind.HINT),
        **dict.fromkeys(map(_place, found.hits), Leftover.Kind.COPY),
    }
    for known in plan.leftovers.filter(gone_at=None).exclude(decision__in=STAYS):
        if seen.pop((known.place, known.key.open()), None) is None:
            known.gone_at, known.words = now, None
            known.save(update_fields=["gone_at", "words"])
    tables = {str(t): t for t in Table.objects.select_related("store")}
    files = {s.name: s for s in Store.objects.filter(kind=Store.Kind.FILES)}
    hits = {_place(hit): hit for hit in [*found.hints, *found.hits]}
    Leftover.objects.bulk_create(
        Leftover(
            plan=plan, kind=kind, place=where[0], key=where[1], found_at=now,
            table=tables.get(hits[where].table), column=hits[where].column[:63],
            storage=files.get(hits[where].table),
        )
        for where, kind in list(seen.items())[:MOST]
    )  # fmt: skip


def _place(hit: Hit) -> tuple[str, str]:
    return hit.place, json.dumps(hit.key)


def waiting(plan: Plan | None = None) -> QuerySet[Leftover]:
    """Places that nobody has decided about, or whose plan came to nothing."""
    undecided = Q(decision="") | Q(ending__status__in=STOPPED)
    found = Leftover.objects.filter(undecided, gone_at=None, plan__undone_at=None)
    return found if plan is None else found.filter(plan=plan)


def alike(leftover: Leftover) -> list[Leftover]:
    """This place, and the others of the same column and request that wait too."""
    others = waiting(leftover.plan).filter(place=leftover.place, kind=leftover.kind)
    return [leftover, *others.exclude(pk=leftover.pk)]


def said(plan: Plan) -> list[dict[str, Any]]:
    """For the certificate: what people decided, counted by place, without content."""
    counted: dict[tuple[str, ...], int] = {}
    decided = plan.leftovers.exclude(decision="").select_related("ending")
    for each in decided:
        second = each.ending.approved_by if each.ending else ""
        line = (each.place, each.decision, each.ground, each.decided_by, second)
        counted[line] = counted.get(line, 0) + 1
    names = ("place", "decision", "ground", "decided_by", "approved_by")
    return [
        dict(zip(names, line, strict=True)) | {"places": n}
        for line, n in sorted(counted.items())
    ]
