"""How a sweep is cut into ranges, as workers ask for them.

The first range is a canary: small, and examined before there is a second one. Then come
whole partitions that are past their date, then ranges of about half a second. The edge
of a range is a value of the column that ranges go over; where too many rows share one
value, it is that value and a key: [value, key].
"""

import datetime as dt
import math
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from privacy import isolation, plans
from privacy.datamap import Map
from privacy.datamap.maps import NUMBERS
from privacy.models import Plan, Range, Rule, Table
from privacy.retention import partitions, reach, referring
from privacy.sql import prepared, statements

KEYS = NUMBERS | {"UUIDField"}  # keys that tell nothing of a person
NOTHING = Q(pk__in=[])
CANARY_FAILED = "The first small range failed, so no other was begun."


def waits(sweep: Plan, now: dt.datetime) -> bool:
    """Whether there will be ranges to cut once the present ones are done."""
    return not sweep.is_cut and plans.account(sweep, now).unfinished > 0


def cut(sweep: Plan, mapped: Map, rule: Rule, now: dt.datetime) -> Range | None:
    """The next range for this worker: a free one, or else a new one behind the
    frontier.

    One worker cuts at a time. Updates `sweep` to its present state.
    """
    table = mapped.table(rule.table.full_name)
    with transaction.atomic():
        (plan,) = prepared.read(Plan, statements.LOCK_PLAN, {"plan": sweep.pk})
        sweep.status, sweep.batch, sweep.is_cut = plan.status, plan.batch, plan.is_cut
        if plan.status != plans.Status.RUNNING:
            return None
        statements.commit_soon(connection)
        done = plans.account(plan, now)
        if done.free:
            return plans.abandoned(plan, now)
        if plan.is_cut or done.special:  # what is special goes before all others
            return None
        if done.ranges == 1 and _canary_failed(plan, mapped, rule, table):
            Plan.objects.filter(pk=plan.pk).update(is_cut=True)
            return None
        said = {"table": table, "action": rule.action, "ordinal": done.last + 1}
        if bounds := _partition(plan, mapped, rule, done):
            return plans.claimed(plan, now, **said, **bounds)
        upper = _upper(plan, mapped, rule, done)
        return plans.at_the_frontier(plan, now, upper=upper, **said)


# --- the canary -----------------------------------------------------------------


def _canary_failed(plan: Plan, mapped: Map, rule: Rule, table: Table) -> bool:
    """Checked once, before the second range: did the first one end what it should?"""
    first, before = plan.ranges.get(), plan.cutoff or plan.planned_at
    if first.status == Range.Status.DONE and not first.held:
        rows = mapped.rows(table).filter(reach.expired(mapped, rule, before))
        if not rows.filter(rows_of(mapped, rule, table, first)).exists():
            return False
        if first.rows and referring.links(mapped, rule):
            return False  # they may have been kept back; the last count will tell
        first.problem = "Rows that were ended are still there. " + CANARY_FAILED
    elif first.status == Range.Status.DONE:
        return False
    Range.objects.filter(pk=first.pk).update(
        status=Range.Status.FAILED, problem=first.problem or CANARY_FAILED
    )
    return True


# --- edges ----------------------------------------------------------------------


def _partition(
    plan: Plan, mapped: Map, rule: Rule, done: plans.Account
) -> dict[str, Any] | None:
    """The oldest partition not begun; all of them come right after the canary."""
    if not done.ranges or done.ranges > 1 + done.partitions:
        return None
    table = mapped.table(rule.table.full_name)
    past = partitions.past(mapped, rule, table, plan.cutoff)
    if not past:
        return None
    begun = set(plan.ranges.exclude(partition="").values_list("partition", flat=True))
    for each in past:
        if each.name not in begun:
            return {"lower": each.lower, "upper": each.upper, "partition": each.name}
    return None


def _upper(plan: Plan, mapped: Map, rule: Rule, done: plans.Account) -> Any:
    """Where a full range from the frontier ends; None if all that is left fits in
    one."""
    many = _share(plan, done) if done.ranges else min(plan.batch, plans.CANARY)
    if _fits_one(plan, rule, done, many):
        return None
    table = mapped.table(rule.table.full_name)
    name = cutter(mapped, rule, table)
    rows = mapped.rows(table).filter(reach.started(mapped, rule, plan.cutoff))
    if plan.frontier is not None:
        rows = rows.filter(_beyond(mapped, table, name, plan.frontier))
    ordered = rows.order_by(name).values_list(name, flat=True)
    value, *following = [*ordered[many - 1 : many + 1]] or [None]
    if value not in following or not _is_shared(rows, name, value, many, table, mapped):
        return None if value is None else str(value)
    key = table.key[0]
    both = rows.order_by(name, key).values_list(name, key)
    return [str(part) for part in both[many - 1]]


def _is_shared(
    rows: QuerySet[Any], name: str, value: Any, many: int, table: Table, mapped: Map
) -> bool:
    """More rows than a range should have share this one value (a bulk import)."""
    if len(table.key) != 1 or name == table.key[0] or not table.has_key:
        return False
    if mapped.column(table, table.key[0]).kind not in KEYS:
        return False
    return rows.filter(**{name: value})[many : many + 1].exists()


def _fits_one(plan: Plan, rule: Rule, done: plans.Account, many: int) -> bool:
    """By the account: a range without an upper end still ends only what was approved.
    Two small ranges become one, because finding an edge reads all rows before it."""
    all_count = not (rule.where or rule.linked or "referred" in (plan.residue or {}))
    left = unaccounted(plan, done)
    return all_count and done.done == done.ranges and left <= 2 * many


def _share(plan: Plan, done: plans.Account) -> int:
    """A full range; near the end a share of what is left, so that the last range does
    not keep one worker busy while the others have nothing to do."""
    if not done.unfinished or not plan.residue:
        return plan.batch
    uncut = unaccounted(plan, done) - done.unfinished * plan.batch
    share = int(uncut) // (done.unfinished + 1)
    return min(plan.batch, max(share, plan.batch // 4, plans.SMALLEST_BATCH))


def unaccounted(plan: Plan, done: plans.Account) -> float:
    """Rows of the first count that no finished range ended or kept; if unknown, a large
    number."""
    if not plan.residue:
        return math.inf
    return plan.residue["rows"] + plan.residue["held"] - done.rows - done.held


def cutter(mapped: Map, rule: Rule, table: Table) -> str:
    """The start date if it has an index, else the key, unless the key itself may
    identify a person."""
    if not table.has_key:
        return rule.start or table.key[0]
    if rule.start:
        start = mapped.column(table, rule.start)
        if start.options.get("indexed") or len(table.key) != 1:
            return rule.start
    key = mapped.column(table, table.key[0])
    return key.name if key.kind in KEYS and not key.is_personal else rule.start


def rows_of(mapped: Map, rule: Rule, table: Table, piece: Range) -> Q:
    """The condition of a range: the rows that it lists, or its bounds.

    Only the rule's own treatment may have no upper bound; anything else reaches listed
    rows alone.
    """
    if piece.action != rule.action or isinstance(piece.lower, dict):
        return isolation.named(mapped, table, piece) or NOTHING
    name = cutter(mapped, rule, table)
    bounds = Q()
    if piece.lower is not None:
        bounds &= _beyond(mapped, table, name, piece.lower)
    if piece.upper is not None:
        bounds &= _until(mapped, table, name, piece.upper)
    return bounds


def _beyond(mapped: Map, table: Table, name: str, edge: Any) -> Q:
    at, key = _read(mapped, table, name, edge)
    if key is None:
        return Q(**{f"{name}__gt": at})
    same = Q(**{name: at, f"{table.key[0]}__gt": key})
    return Q(**{f"{name}__gte": at}) & (Q(**{f"{name}__gt": at}) | same)


def _until(mapped: Map, table: Table, name: str, edge: Any) -> Q:
    at, key = _read(mapped, table, name, edge)
    if key is None:
        return Q(**{f"{name}__lte": at})
    same = Q(**{name: at, f"{table.key[0]}__lte": key})
    return Q(**{f"{name}__lte": at}) & (Q(**{f"{name}__lt": at}) | same)


def _read(mapped: Map, table: Table, name: str, edge: Any) -> tuple[Any, Any]:
    model = mapped.model(table)
    value, *key = edge if isinstance(edge, list) else [edge]
    at = model._meta.get_field(name).to_python(value)
    return at, model._meta.pk.to_python(key[0]) if key else None
