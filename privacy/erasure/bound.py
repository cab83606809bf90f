"""Parts of a name that are left in the person's own rows: in codes, keys and file names
that cannot be changed because they must be unique or have a certain form. They are
reported, and a person looks at them."""

import contextlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from privacy import stores, subjects
from privacy.datamap import Map
from privacy.erasure import naming, planning
from privacy.erasure.drafts import GONE, NOTHING_OWN, OF_OTHERS, OWN_TEXTS, REDACT
from privacy.models import Column, Plan, PlannedRow, Store, Table
from privacy.residue import Hit, as_read
from privacy.subjects import Key, by_key
from privacy.subjects.rows import chunks, values_of

SHORTEST = 4  # letters of a part of a name that is looked for inside of a code
Whose = dict[Key, list[UUID]]


def left(some: Sequence[Plan]) -> dict[UUID, set[Hit]]:
    """For each plan, the places in its own rows; the rows are read by key."""
    words = {plan.pk: _words(plan) for plan in some}
    named = [pk for pk, mine in words.items() if mine]
    found: dict[UUID, set[Hit]] = defaultdict(set)
    for store in Store.objects.filter(tables__in=_tables(named)).distinct():
        with contextlib.suppress(stores.StoreDown):  # the reading says so
            for pk, hit, text in _read(Map(store), named):
                if any(word in text for word in words[pk]):
                    found[pk].add(hit)
    return found


def _read(mapped: Map, named: Sequence[UUID]) -> Iterator[tuple[UUID, Hit, str]]:
    for table in mapped.tables.values():
        columns = _bound(mapped, table)
        whose = _own(mapped, table, named) if columns else {}
        for key, name, text in _texts(mapped, table, columns, whose):
            hit = Hit(str(table), name, as_read(key))
            yield from ((pk, hit, text) for pk in whose[key])


def _tables(named: Sequence[UUID]) -> Any:
    return PlannedRow.objects.filter(plan__in=named).values("table")


def _words(plan: Plan) -> set[str]:
    every = {word for name in naming.read(plan) for word in name}
    return {word for word in every if len(word) >= SHORTEST}


def _bound(mapped: Map, table: Table) -> list[Column]:
    """Text columns that stay unchanged because of a constraint."""
    texts = planning.redactable(mapped, table)
    free = {c.name for c in planning.named_in(texts)}
    return [
        c
        for c in texts
        if c.name not in free
        and not c.options.get("labels")
        and not (c.is_personal and c.strategy["strategy"] in GONE)
    ]


def _own(mapped: Map, table: Table, named: Sequence[UUID]) -> Whose:
    """The rows that are theirs and still exist."""
    rows = PlannedRow.objects.filter(plan__in=named, table=table)
    whose: Whose = defaultdict(list)
    for row in rows.exclude(ground__in=OF_OTHERS):
        is_texts = row.action == REDACT and row.ground == OWN_TEXTS
        if is_texts or row.action == "deidentify" or row.ground == NOTHING_OWN:
            key = subjects.read_key(mapped, table, row.key.open())
            whose[key].append(row.plan_id)
    return whose


def _texts(
    mapped: Map, table: Table, columns: Sequence[Column], whose: Whose
) -> Iterator[tuple[Key, str, str]]:
    names = [column.name for column in columns]
    width = len(table.key)
    with stores.reaching(mapped.store):
        for chunk in chunks(whose):
            rows = mapped.rows(table).filter(by_key(table, chunk))
            for cells in values_of(rows, [*table.key, *names]):
                for name, text in zip(names, cells[width:], strict=True):
                    yield tuple(cells[:width]), name, str(text or "").casefold()
