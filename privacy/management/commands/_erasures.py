"""Erasures as a person reads them in a terminal, and as plain data. Titles may name
somebody, so they are left out."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q

from privacy import plans
from privacy.management import listing
from privacy.models import Plan

HEAD = ("plan", "asked for", "planned by", "rows", "ended", "held", "state")
NONE = "No erasure is open. `erasures list --all` shows those that have ended, too."
MOST = 500
ENDED = (*plans.COMPLETE, Plan.Status.CANCELLED)
PERSONS = Q(kind__in=[Plan.Kind.ERASURE, Plan.Kind.SCRUB])


def latest(*, is_all: bool) -> list[Plan]:
    """The latest ones first; those that have ended only if they are wanted."""
    found = Plan.objects.filter(PERSONS).order_by("-planned_at")
    return list((found if is_all else found.exclude(status__in=ENDED))[:MOST])


def words(some: Sequence[Plan]) -> str:
    lines = listing.lines(HEAD, map(_line, map(described, some)))
    return "\n".join(lines) or NONE


def described(plan: Plan) -> dict[str, Any]:
    done = plans.progress(plan)
    return {
        "plan": str(plan.pk),
        "status": plan.status,
        "state": plan.state,
        "asked_at": plan.cutoff,
        "planned_by": plan.planned_by,
        "rows": sum(table["rows"] for table in plan.summary.get("tables", [])),
        "ended": done["rows"],
        "held": done["held"],
        "problem": plan.problem,
        "waits": plan.waits,
    }


def _line(said: dict[str, Any]) -> tuple[Any, ...]:
    day = said["asked_at"].date().isoformat() if said["asked_at"] else ""
    state = " ".join(
        filter(None, (f"{said['state']}.", said["problem"], said["waits"]))
    )
    numbers = (said["rows"], said["ended"], said["held"])
    return (said["plan"], day, said["planned_by"], *numbers, state)
