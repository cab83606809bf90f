"""Notices that a store has gone back in time: erased rows are there again.

A row is back if it is wholly what it was before it was erased. It may have changed
between the backup and the erasure; then it is known by its key and by an identifier of
the erased person in a cell that the erasure ended. A key that may be given to a new row
proves nothing by itself: the row must be older than the erasure, too.

Not every erased row is looked up every few minutes: the latest, because those come back
first, and some of every age, others each time.
"""

import contextlib
import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.db.models import Exists, Max, Min, OuterRef

from privacy import identifiers, instants, journal, plans, stores, subjects
from privacy.datamap import Map
from privacy.erasure import drafts, files_back, fingerprints, planning
from privacy.models import Column, Plan, PlannedRow, Store, Table
from privacy.models.sealing import ring
from privacy.subjects import Key

LATEST = 250  # rows of a store
PLACES = 25  # of the rows before those, evenly far apart
AT_A_PLACE = 10
WHOLE = (drafts.DELETE, drafts.DEIDENTIFY)  # of a row that was the person's alone


def notice(
    *, now: dt.datetime, kinds: Sequence[str] = Store.Kind.values
) -> dict[str, int]:
    """Stores in which erased rows, or files, are back, and how many of those that were
    looked up."""
    found: dict[str, int] = {}
    for store in Store.objects.filter(kind__in=kinds):
        with contextlib.suppress(stores.StoreDown), stores.reaching(store):
            is_files = store.kind == Store.Kind.FILES
            count = (
                sum(1 for _ in files_back.look(store))
                if is_files
                else _rows_back(store, now)
            )
            if count:
                found[store.name] = count
    return found


def _rows_back(store: Store, now: dt.datetime) -> int:
    by_table: dict[str, list[PlannedRow]] = defaultdict(list)
    for row in _sample(store, now):
        by_table[row.table.full_name].append(row)
    mapped = Map(store) if by_table else None
    return sum(
        len(_back(mapped, name, rows))
        for name, rows in by_table.items()
        if mapped and name in mapped.tables
    )


def _back(mapped: Map, name: str, rows: Sequence[PlannedRow]) -> set[Key]:
    whole = same(mapped, name, {row.fingerprint: row.key.open() for row in rows})
    return {*whole, *_known_again(mapped, mapped.tables[name], rows)}


# --- which rows are looked up ---------------------------------------------------


def _sample(store: Store, now: dt.datetime) -> Iterator[PlannedRow]:
    rows = ended(store).select_related("table", "range", "plan").order_by("-pk")
    latest = list(rows[:LATEST])
    yield from latest
    if len(latest) == LATEST:
        yield from _of_every_age(rows.filter(pk__lt=latest[-1].pk), now)


def _of_every_age(rows: Any, now: dt.datetime) -> Iterator[PlannedRow]:
    """The places move a little each minute, so that no row is out of sight for ever."""
    edges = rows.order_by().aggregate(first=Min("pk"), last=Max("pk"))
    if edges["first"] is None:
        return
    step = (edges["last"] - edges["first"]) // PLACES + 1
    moved = int(now.timestamp()) // 60 * AT_A_PLACE % step
    for place in range(PLACES):
        start = edges["first"] + place * step + moved
        here = rows.filter(pk__gte=start, pk__lt=start + step).order_by("pk")
        yield from here[:AT_A_PLACE]


def ended(store: Store) -> Any:
    """Rows of finished erasures that nobody put back and no replay is working on."""
    return PlannedRow.objects.filter(
        ~Exists(open_replays().filter(replays=OuterRef("plan"))),
        table__store=store,
        action__in=journal.ENDS,
        is_unchanged=False,
        range__status="done",
        plan__in=erasures(),
    )


def open_replays() -> Any:
    return Plan.objects.filter(replays__isnull=False, finished_at=None).exclude(
        status__in=plans.ENDED_EARLY
    )


def erasures() -> Any:
    erased = Plan.objects.filter(kind=Plan.Kind.ERASURE, status__in=plans.FINISHED)
    return erased.filter(undone_at=None)


# --- what tells that one is back ------------------------------------------------


def same(mapped: Map, table_name: str, prints: dict[str, str]) -> dict[Key, str]:
    """Rows that are wholly what they were before the erasure: key to fingerprint."""
    table = mapped.tables[table_name]
    keys = [subjects.read_key(mapped, table, text) for text in prints.values() if text]
    found: dict[Key, str] = {}
    for start in range(0, len(keys), drafts.RANGE):
        chunk = keys[start : start + drafts.RANGE]
        for secret in ring(tuple(settings.IDENTIFIER_KEYS)).values():
            now = fingerprints.of_rows(mapped, table, chunk, secret=secret)
            found |= {key: said for key, said in now.items() if said in prints}
    return found


def _known_again(
    mapped: Map, table: Table, rows: Sequence[PlannedRow]
) -> Iterator[Key]:
    """Of the person's own rows, those that say again whose they were."""
    if not journal.is_surrogate(table):
        return
    telling = {action: _ended_by(mapped, table, action) for action in WHOLE}
    digests, refused = _digests(rows), _refused(rows)
    planned = {
        subjects.read_key(mapped, table, row.key.open()): row
        for row in rows
        if _tells(row) and row.plan_id not in refused
    }
    there = mapped.rows(table).filter(subjects.by_key(table, list(planned)))
    for key, cells in _cells(mapped, table, there) if planned else ():
        row = planned[key]
        said = {digest for c in telling[row.action] for digest in _read(c, cells)}
        if said & digests[row.plan_id] and _is_older(table, row, cells):
            yield key


def _tells(row: PlannedRow) -> bool:
    """A hold may have kept a row of its range as it was, and of somebody else's row
    only a part went."""
    is_own = not drafts.is_others(row.action, row.ground)
    is_free = row.range is not None and not row.range.held
    return is_own and is_free and row.action in WHOLE


def _refused(rows: Sequence[PlannedRow]) -> set[Any]:
    """Plans that somebody refused to carry out again: the person came back."""
    again = Plan.objects.filter(replays__in={row.plan_id for row in rows})
    stopped = again.filter(status=plans.Status.CANCELLED)
    return set(stopped.values_list("replays", flat=True))


def _digests(rows: Sequence[PlannedRow]) -> dict[Any, set[str]]:
    some = Plan.objects.filter(pk__in={row.plan_id for row in rows})
    listed = some.prefetch_related("identifiers")
    return {plan.pk: {i.digest for i in plan.identifiers.all()} for plan in listed}


def _cells(
    mapped: Map, table: Table, rows: Any
) -> Iterator[tuple[Key, dict[str, Any]]]:
    names = [column.lookup for column in subjects.identifying(mapped, table)]
    names += [*table.key, *([table.start] * bool(table.start))]
    for cells in rows.values(*dict.fromkeys(names)).order_by():
        yield tuple(cells[name] for name in table.key), cells


def _ended_by(mapped: Map, table: Table, action: str) -> list[Column]:
    """The identifying columns whose values went with the rows; others were kept."""
    telling = subjects.identifying(mapped, table)
    if action == drafts.DELETE:
        return telling
    treated = {column.full_name for column in planning.treated(mapped, table)}
    return [column for column in telling if column.full_name in treated]


def _read(column: Column, cells: dict[str, Any]) -> list[str]:
    value = cells[column.lookup]
    mark = None if value is None else subjects.read(column, value)
    return identifiers.digests(mark) if mark else []


def _is_older(table: Table, row: PlannedRow, cells: dict[str, Any]) -> bool:
    """A new row may get the number of a deleted one; not one of before, nor a UUID."""
    if row.action != drafts.DELETE:
        return True
    if not table.start:
        kinds = {c.kind for c in table.columns.all() if c.name in table.key}
        return kinds == {"UUIDField"}
    began = _instant(cells[table.start])
    return began is not None and began < (row.plan.started_at or row.plan.planned_at)


def _instant(value: Any) -> dt.datetime | None:
    """Of a day its end, which is not yet past when the person comes back on it."""
    said = instants.read(value)
    if said is None:
        return None
    if not isinstance(said, dt.datetime):
        said = dt.datetime.combine(said, dt.time.max)
    return said if said.tzinfo else said.replace(tzinfo=dt.UTC)
