"""Ranges of many plans claimed, recorded and settled together.

Each person has few rows; most time goes into round trips. So one worker takes the next
ranges of many plans as one piece of work. All ranges of a claim have the same token,
and if anything goes wrong, all are given back.
"""

import datetime as dt
import uuid
from collections.abc import Sequence

from django.conf import settings
from django.db import connection, transaction
from django.db.models import (
    Case,
    Count,
    F,
    PositiveBigIntegerField,
    QuerySet,
    Value,
    When,
)

from privacy.models import Plan, PlannedRow, Range
from privacy.plans.ranges import UNFINISHED, Status
from privacy.sql import statements

MOST_RANGES = 150  # in one transaction of a store
MOST_ROWS = 4000


def claim(plans: Sequence[Plan], now: dt.datetime) -> list[Range]:
    """The next ranges of these plans in one store, in order; empty when none is free.

    Ranges that another worker has, and those after them, are left alone.
    """
    with transaction.atomic():
        live = Range.objects.filter(plan__in=plans, status__in=UNFINISHED)
        locked = live.select_for_update(of=("self",)).select_related("table__store")
        free = _free(list(locked.order_by("plan__planned_at", "plan", "ordinal")), now)
        token = uuid.uuid4()
        until = now + dt.timedelta(seconds=settings.RANGE_LEASE_SECONDS)
        Range.objects.filter(pk__in=[piece.pk for piece in free]).update(
            status=Status.CLAIMED, claim=token, lease_until=until,
            attempts=F("attempts") + 1,
        )  # fmt: skip
    for piece in free:
        piece.claim, piece.status = token, Status.CLAIMED
    return free


def _free(pieces: Sequence[Range], now: dt.datetime) -> list[Range]:
    """For each plan, in one store, the ranges before the first that is taken."""
    found: list[Range] = []
    stuck: set[uuid.UUID] = set()
    sizes, rows = _sizes(pieces), 0
    for piece in pieces:
        is_expired = piece.lease_until is not None and piece.lease_until < now
        is_free = piece.status == Status.OPEN or (
            piece.status == Status.CLAIMED and is_expired
        )
        same = not found or piece.table.store_id == found[0].table.store_id
        if piece.plan_id in stuck or is_part(piece) or not (is_free and same):
            stuck.add(piece.plan_id)
            continue
        found.append(piece)
        rows += sizes.get(source(piece), 0)
        if len(found) >= MOST_RANGES or rows > MOST_ROWS:
            break
    return found


def _sizes(pieces: Sequence[Range]) -> dict[int | None, int]:
    named = PlannedRow.objects.filter(range__in={source(piece) for piece in pieces})
    return dict(named.order_by().values_list("range").annotate(Count("pk")))


def planned_rows(pieces: Sequence[Range]) -> dict[int, list[PlannedRow]]:
    """The rows that each range names, by the range's id; its own or another range's."""
    ids = {piece.pk: source(piece) for piece in pieces}
    by_range: dict[int, list[PlannedRow]] = {}
    rows = PlannedRow.objects.filter(range__in=set(ids.values())).order_by("pk")
    for row in rows:
        if row.range_id is not None:
            by_range.setdefault(row.range_id, []).append(row)
    return {pk: by_range.get(source, []) for pk, source in ids.items()}


def source(piece: Range) -> int:
    said = piece.lower if isinstance(piece.lower, dict) else {}
    return int(said.get("rows_of", piece.pk))


def is_part(piece: Range) -> bool:
    """A part of a range that was split names only some of its rows."""
    return isinstance(piece.lower, dict) and "from" in piece.lower


def note(
    pieces: Sequence[Range], done: dict[int, tuple[int, int]], *, transaction_id: str
) -> bool:
    """As for one range: False if somebody else has claimed any of them."""
    rows, held = (
        Case(
            *(When(pk=pk, then=Value(each[i])) for pk, each in done.items()),
            output_field=PositiveBigIntegerField(),
        )
        for i in (0, 1)
    )
    changes = {"status": Status.COMMITTING, "store_transaction": transaction_id}
    count = _ours(pieces).update(**changes, rows=rows, held=held)
    return bool(count == len(pieces))


def settle(pieces: Sequence[Range], *, seconds: float) -> None:
    with transaction.atomic():
        statements.commit_soon(connection)
        share = seconds / len(pieces)
        done = {"status": Status.DONE, "seconds": share, "problem": ""}
        _ours(pieces).update(**done, lease_until=None)
        Plan.objects.filter(pk__in={piece.plan_id for piece in pieces}).exclude(
            waits=""
        ).update(waits="")


def give_back(pieces: Sequence[Range]) -> None:
    """As if never claimed: each is tried by itself, so that a bad row is singled
    out."""
    back = {"status": Status.OPEN, "lease_until": None, "rows": 0, "held": 0}
    _ours(pieces).update(**back, attempts=F("attempts") - 1)


def _ours(pieces: Sequence[Range]) -> QuerySet[Range]:
    keys = [piece.pk for piece in pieces]
    return Range.objects.filter(pk__in=keys, claim=pieces[0].claim)
