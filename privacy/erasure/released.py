"""Erasures that a hold kept incomplete, taken up when the hold is released.

The clock keeps running from the first request: the new plan says when they asked. It is
a draft like any other, because the data may no longer be what was approved.
"""

import datetime as dt

from django.db.models import Q, QuerySet

from privacy import plans
from privacy.erasure import asking
from privacy.erasure.drafts import HELD, KEEP
from privacy.identifiers import AlreadyErased
from privacy.models import Category, Column, Hold, Plan, Table, Undo

BY = "schedule"


def is_held(plan: Plan) -> bool:
    """Whether a hold keeps, or kept, some of the person's rows."""
    kept = plan.rows.filter(action=KEEP, ground=HELD).exists()
    return kept or plan.ranges.filter(held__gt=0).exists()


def take_up(*, now: dt.datetime) -> list[Plan]:
    """A new plan for each erasure whose rows no hold keeps any more."""
    free = [plan for plan in waiting() if not _is_kept(plan)]
    return [again for plan in free if (again := _again(plan, now)) is not None]


def _again(plan: Plan, now: dt.datetime) -> Plan | None:
    """None if a later erasure has ended everything, and forgotten the person."""
    try:
        return asking.plan(
            identifiers=list(plan.identifiers.all()),
            title=plan.title,
            received_at=plan.cutoff or plan.planned_at,
            by=BY,
            now=now,
            follows=plan,
            undo_days=_undo_days(plan),
        )
    except AlreadyErased:
        return None


def _undo_days(plan: Plan) -> int:
    """As many as the first erasure had, which count from the end of this one."""
    days = Undo.objects.filter(plan=plan).values_list("days", flat=True)
    return days.first() or 0


def waiting() -> list[Plan]:
    """Finished erasures with rows that a hold kept and that no later plan covers."""
    held = Q(rows__action=KEEP, rows__ground=HELD) | Q(ranges__held__gt=0)
    erasures = Plan.objects.filter(kind=Plan.Kind.ERASURE, status__in=plans.FINISHED)
    open_ = erasures.filter(held, followed_by=None, undone_at=None)
    return list(open_.distinct())


def held_categories(plan: Plan) -> set[str]:
    """The categories of data that a legal hold keeps; for a person on hold, all of
    theirs."""
    legal = _legal()
    if legal.filter(identifiers__in=plan.identifiers.all()).exists():
        return set(Category.objects.values_list("pk", flat=True))
    kept = plan.rows.filter(action=KEEP, ground=HELD).values("table")
    since = plan.rows.filter(table__in=legal.values("tables")).values("table")
    columns = Column.objects.filter(Q(table__in=kept) | Q(table__in=since))
    found = columns.exclude(category=None).values_list("category", flat=True)
    return {str(code) for code in found}


def _legal() -> QuerySet[Hold]:
    open_ = Hold.objects.filter(released_at=None)
    return open_.exclude(kind=Hold.Kind.RESTRICTION)


def _is_kept(plan: Plan) -> bool:
    tables = Table.objects.filter(
        Q(pk__in=plan.rows.filter(action=KEEP).values("table"))
        | Q(pk__in=plan.ranges.filter(held__gt=0).values("table"))
    )
    people = Q(identifiers__in=plan.identifiers.all())
    return _legal().filter(people | Q(tables__in=tables)).exists()
