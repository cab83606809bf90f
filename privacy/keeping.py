"""The portal's own records end by the same plan as everything that it destroys.

Somebody looks at what is past its period: a plan, frozen under a digest. A second
person approves it; the database refuses that both are the same. A worker carries it
out, and from then on the clock makes and starts the next ones, for as long as the
period reads as it was approved. An upper floor says in `KINDS` which rows of its tables
those are and what ends with them.

What could go wrong, and what stands against it:

- *A record goes that is held.* Which rows have an open hold is asked when the plan is
  made, and again in the transaction that ends them, once they are locked.
- *More goes than was approved.* The plan has a frozen cut-off and a number; if there is
  more now, or the period is another one, it refuses and changes nothing.
- *The worker dies.* Some rows and all that hangs on them are one transaction, the row
  of the trail first; killed, they are whole, and the next worker goes on. One worker is
  at a plan, because its row is locked meanwhile; a pause counts from the next rows on.
- *Something stays.* Before it is called done it is counted again.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from privacy import audit, plans
from privacy.destruction import Clock
from privacy.models import Hold, KeepingPeriod, Plan
from privacy.periods import NoPeriod
from privacy.refusals import Refusal

SCHEDULE = "schedule"  # who looks when nobody does
BATCH = 200  # records a transaction, with all that hangs on them
Status = plans.Status
OPEN = (Status.APPROVED, Status.RUNNING, Status.PAUSED)
NEVER_MEANT = plans.ENDED_EARLY


class AlreadyEnding(Refusal):
    """A plan that removes these records is already under way; finish or cancel it
    first."""


@dataclass(frozen=True)
class Part:
    """Rows of one table that are removed, each with everything that depends on it."""

    title: str
    what: str  # happens to them, in words
    due: Callable[[dt.datetime], QuerySet[Any]]  # past an instant, holds not asked
    held_by: str  # the row, as an identifier on hold sees it
    end: Callable[[list[int], str, dt.datetime], None]


@dataclass(frozen=True)
class Kind:
    """Records with one period."""

    code: str
    title: str
    period: Callable[..., KeepingPeriod]  # raises `NoPeriod`
    cutoff: Callable[..., dt.datetime]
    parts: tuple[Part, ...]


KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    KINDS[kind.code] = kind


# --- which --------------------------------------------------------------------------
def ready(part: Part, before: dt.datetime) -> QuerySet[Any]:
    """The rows of a part that may go now: due, and on no hold."""
    whose = {f"identifiers__{part.held_by}": OuterRef("pk")}
    held = Hold.objects.filter(released_at=None, **whose)
    return part.due(before).filter(~Exists(held)).order_by("pk")


def due(kind: Kind, *, now: dt.datetime) -> int:
    """How many records, of people on no hold, are past their period."""
    try:
        before = kind.cutoff(now=now)
    except NoPeriod:
        return 0
    return sum(ready(part, before).count() for part in kind.parts)


def approval(kind: Kind, *, now: dt.datetime) -> Plan | None:
    """The plan by which two people approved removal by the period as it is now."""
    try:
        months = kind.period(now=now).months
    except NoPeriod:
        return None
    mine = Plan.objects.filter(kind=Plan.Kind.RECORDS, summary__records=kind.code)
    meant = mine.filter(summary__months=months, approved_at__isnull=False)
    meant = meant.exclude(planned_by=SCHEDULE).exclude(status__in=NEVER_MEANT)
    return meant.order_by("-approved_at").first()


# --- looked at, approved ------------------------------------------------------------
def preview(kind: Kind, *, by: str, now: dt.datetime) -> Plan:
    """What would be removed, for a second person; it replaces a preview that waits."""
    period, before = kind.period(now=now), kind.cutoff(now=now)
    tables = [_said(part, before, period) for part in kind.parts]
    summary = {
        "records": kind.code,
        "months": period.months,
        "citation": period.citation,
        "rows": sum(each["rows"] for each in tables),
        "held": sum(each.pop("held") for each in tables),
        "tables": tables,
    }
    with transaction.atomic():
        _withdraw_old(kind, by, now)
        made = Plan.objects.create(
            kind=Plan.Kind.RECORDS,
            title=f"{kind.title} older than {period.months} months",
            cutoff=before,
            summary=summary,
            digest=plans.freeze({**summary, "cutoff": before.isoformat()}),
            planned_by=by,
            planned_at=now,
        )
        audit.record(
            action="plan.made",
            subject=f"plan:{made.pk}",
            by=by,
            now=now,
            kind=made.kind,
            digest=made.digest,
            rows=summary["rows"],
        )
    return made


def _said(part: Part, before: dt.datetime, period: KeepingPeriod) -> dict[str, Any]:
    rows = ready(part, before).count()
    return {
        "title": part.title,
        "table": part.title,
        "action": part.what,
        "ground": f"{period.law}: {period.months} months ({period.citation}).",
        "rows": rows,
        "held": part.due(before).count() - rows,
        "fields": [],
    }


def _withdraw_old(kind: Kind, by: str, now: dt.datetime) -> None:
    mine = Plan.objects.filter(kind=Plan.Kind.RECORDS, summary__records=kind.code)
    if mine.filter(status__in=OPEN).exists():
        raise AlreadyEnding
    for waiting in mine.filter(status=Status.PLANNED):
        plans.cancel(plan=waiting, by=by, now=now)


def start_due(*, now: dt.datetime) -> list[Plan]:
    """Called by the scheduler: starts the next plan of each kind whose period is
    approved."""
    started = []
    for kind in KINDS.values():
        yes = approval(kind, now=now)
        if yes is None or yes.status in OPEN or not due(kind, now=now):
            continue
        try:
            plan = preview(kind, by=SCHEDULE, now=now)
        except AlreadyEnding:
            continue
        plans.approve(plan=plan, by=yes.approved_by, now=now)
        started.append(plan)
    return started


# --- carried out --------------------------------------------------------------------
def carry_out(*, plan: Plan, clock: Clock) -> Plan:
    """Begins or continues an approved plan until nothing is left for this worker."""
    kind = KINDS[plan.summary["records"]]
    plan.refresh_from_db()
    if plan.status == Status.APPROVED:
        _begin(plan, kind, clock())
    while plan.status == Status.RUNNING and _end_some(plan, kind, clock()):
        plan.refresh_from_db()
    _close(plan, kind, clock())
    plan.refresh_from_db()
    return plan


def _begin(plan: Plan, kind: Kind, now: dt.datetime) -> None:
    if problem := _drifted(plan, kind, now):
        plans.refuse(plan=plan, problem=problem, now=now)
    elif not plans.start(plan=plan, now=now):
        plan.refresh_from_db()


def _drifted(plan: Plan, kind: Kind, now: dt.datetime) -> str:
    if kind.period(now=now).months != plan.summary["months"]:
        return "The period has changed since the preview. Preview it again."
    there = sum(part.due(_before(plan)).count() for part in kind.parts)
    if there > plan.summary["rows"] + plan.summary["held"]:
        return (
            "More records are past their period than were approved. Preview it again."
        )
    return ""


def _before(plan: Plan) -> dt.datetime:
    if plan.cutoff is None:
        raise NoPeriod
    return plan.cutoff


def progress(plan: Plan) -> dict[str, int]:
    """Records removed so far; there are no ranges, so a worker takes the next ones."""
    done = (plan.frontier or {}).get("rows", 0)
    held = (plan.residue or plan.summary)["held"]
    return {"rows": done, "held": held, "ranges": 0, "left": 0}


def _mine(plan: Plan) -> Plan | None:
    """The locked plan until the transaction ends; None while another worker has it."""
    rows = Plan.objects.select_for_update(skip_locked=True)
    return rows.filter(pk=plan.pk, status=Status.RUNNING).first()


def _end_some(plan: Plan, kind: Kind, now: dt.datetime) -> int:
    with transaction.atomic():
        mine = _mine(plan)
        for part in kind.parts if mine else ():
            if keys := _locked(part, _before(plan)):
                audit.record(
                    action=f"{kind.code}.ended",
                    subject=f"plan:{plan.pk}",
                    by=plan.approved_by,
                    now=now,
                    rows=len(keys),
                    keys=keys,
                )
                part.end(keys, plan.approved_by, now)
                done = progress(plan)["rows"] + len(keys)
                Plan.objects.filter(pk=plan.pk).update(frontier={"rows": done})
                return len(keys)
    return 0


def _locked(part: Part, before: dt.datetime) -> list[int]:
    """Read again once locked, so that a hold placed meanwhile is seen."""
    keys = list(ready(part, before).values_list("pk", flat=True)[:BATCH])
    rows = part.due(before).model._default_manager.select_for_update(of=("self",))
    locked = list(rows.filter(pk__in=keys).values_list("pk", flat=True))
    return list(ready(part, before).filter(pk__in=locked).values_list("pk", flat=True))


def _close(plan: Plan, kind: Kind, now: dt.datetime) -> None:
    with transaction.atomic():
        mine = _mine(plan)
        if mine is None:
            return
        left = sum(ready(part, _before(plan)).count() for part in kind.parts)
        there = sum(part.due(_before(plan)).count() for part in kind.parts)
        mine.residue = {"rows": left, "held": there - left}
        mine.save(update_fields=["residue"])
        problem = f"{left} records are still past their period." if left else ""
        plans.finish(plan=mine, problem=problem, now=now)
