"""Nobody is served on other terms because they made a request (CCPA 1798.125).

What the data map calls the terms of a table (status, plan, price) is recorded, sealed,
for the rows of everyone who makes a request, and compared for 90 days. Only a person
can tell why something changed: differences are listed for one to judge. Afterwards the
records are removed.
"""

import datetime as dt
import json
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from django.db.models import QuerySet

from dsr.models import Right, Terms, Ticket
from privacy import stores, subjects
from privacy.datamap import Map
from privacy.identifiers import Mark, value
from privacy.models import Store, Table
from privacy.subjects import by_key, read_key, written_key
from privacy.subjects.rows import chunks

WATCHED = dt.timedelta(days=90)
FRESH = dt.timedelta(days=2)  # so long a request is looked up again if nothing is noted
OURS = (Right.ERASURE, Right.RECTIFICATION)  # what they change, the person asked for


class Changed(NamedTuple):
    """One column of one row that is not what it was when the request came in."""

    terms: Terms
    column: str


def note(*, now: dt.datetime) -> int:
    """Records, for new requests, on what terms the person is served; returns how many
    rows."""
    new = Ticket.objects.filter(opened_at__gte=now - FRESH, terms=None)
    rows = [
        row
        for ticket in new.prefetch_related("identifiers")
        for row in _of(ticket, now)
    ]
    return len(Terms.objects.bulk_create(rows))


def forget(*, now: dt.datetime) -> int:
    return Terms.objects.filter(ticket__opened_at__lt=now - WATCHED).delete()[0]


def changed(*, now: dt.datetime) -> Iterator[Changed]:
    """Without rows that are gone, and without what the person asked to change."""
    watched = Terms.objects.filter(ticket__opened_at__gte=now - WATCHED)
    watched = watched.exclude(
        ticket__right__in=OURS, ticket__status=Ticket.Status.ANSWERED
    ).select_related("ticket", "table__store")
    for table, rows in groupby(watched.order_by("table", "pk"), lambda r: r.table):
        yield from _changed(table, rows)


def _of(ticket: Ticket, now: dt.datetime) -> Iterator[Terms]:
    marks = [value(each) for each in ticket.identifiers.all() if each.value]
    for store in Store.objects.filter(kind=Store.Kind.DATABASE).exclude(tables=None):
        mapped = Map(store)
        watched = [table for table in mapped.tables.values() if table.terms]
        if watched and marks:
            yield from _in_store(ticket, mapped, watched, marks, now)


def _in_store(
    ticket: Ticket,
    mapped: Map,
    watched: list[Table],
    marks: list[Mark],
    now: dt.datetime,
) -> Iterator[Terms]:
    found = subjects.glance(mapped=mapped, marks=marks, at=ticket.received_at)
    with stores.reaching(mapped.store):
        for table in watched:
            keys = [row.key for row in found.of(table)]
            for key, told in _told(mapped, table, keys).items():
                yield Terms(ticket=ticket, table=table, key=key, told=told, seen_at=now)


def _told(mapped: Map, table: Table, keys: list[subjects.Key]) -> dict[str, str]:
    """For each row that exists, by its written key, its terms as JSON."""
    found = {}
    for chunk in chunks(keys):
        rows = mapped.rows(table).filter(by_key(table, chunk))
        for values in rows.values_list(*table.key, *table.terms):
            key = written_key(tuple(values[: len(table.key)]))
            terms = zip(table.terms, values[len(table.key) :], strict=True)
            found[key] = json.dumps({name: str(value) for name, value in terms})
    return found


def _changed(table: Table, rows: Iterable[Terms]) -> Iterator[Changed]:
    mapped = Map(table.store)
    noted = [(row, row.key.open(), json.loads(row.told.open())) for row in rows]
    keys = [read_key(mapped, table, key) for _, key, _ in noted]
    with stores.reaching(table.store):
        present = _told(mapped, table, keys)
    for row, key, was in noted:
        now_told = json.loads(present.get(key, "null")) or was
        for column in was:
            if now_told.get(column, was[column]) != was[column]:
                yield Changed(row, column)


def watched() -> QuerySet[Table]:
    return Table.objects.exclude(terms=[])
