"""Rows that an erasure left exactly as they were.

A row that is somebody else's too may say nothing of the person, and one of their own
may hold nothing any more. Such a row never went, so no backup can bring it back; taken
for one that is back, it would be erased again and again.
"""

import contextlib
import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterator

from django.db.models import Count, F, Q, QuerySet

from privacy import journal, stores, subjects
from privacy.datamap import Map
from privacy.erasure import drafts, fingerprints
from privacy.models import Plan, PlannedRow, Range, Table


def note(plan: Plan, now: dt.datetime) -> None:
    """Once everything is worked off; for the plan, and for those that it replays."""
    same = list(_same(plan))
    for each in _replayed(plan) if same else ():
        rows = PlannedRow.objects.filter(plan=each, fingerprint__in=same)
        rows.update(is_unchanged=True)
        journal.leave_out(plan=str(each), prints=same, now=now)


def _replayed(plan: Plan) -> Iterator[uuid.UUID]:
    seen: set[uuid.UUID] = set()
    key: uuid.UUID | None = plan.pk
    while key and key not in seen:
        seen.add(key)
        yield key
        key = Plan.objects.filter(pk=key).values_list("replays", flat=True).first()


def _same(plan: Plan) -> Iterator[str]:
    """Fingerprints of planned rows that are what they were."""
    by_table: dict[Table, list[PlannedRow]] = defaultdict(list)
    planned = PlannedRow.objects.filter(range__in=_ranges(plan))
    for row in planned.select_related("table__store"):
        by_table[row.table].append(row)
    for table, rows in by_table.items():
        mapped = Map(table.store)
        keys = [subjects.read_key(mapped, table, row.key.open()) for row in rows]
        with contextlib.suppress(stores.StoreDown), stores.reaching(table.store):
            now = fingerprints.of_rows(mapped, table, keys)
            yield from {row.fingerprint for row in rows} & set(now.values())


def _ranges(plan: Plan) -> QuerySet[Range]:
    """Only where a row may have been left: what a range counts as changed is changed,
    except in texts, which may read the same afterwards."""
    done = plan.ranges.filter(status=Range.Status.DONE).annotate(many=Count("planned"))
    left = Q(action=drafts.DEIDENTIFY, rows__lt=F("many"))
    return done.filter(left | Q(action=drafts.REDACT))
