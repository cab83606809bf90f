"""Files that end with the rows that name them.

One upload may be named by many rows, as in stores that name a file by its content. It
goes with the last of them: while a row that stays names it (one on hold, not due yet,
or somebody else's), the file stays too.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from django.core.files.storage import Storage
from django.db.models import Count

from privacy import audit, storages, stores, undo
from privacy.datamap import Map
from privacy.journal.files import note
from privacy.models import Identifier, Plan, Store, Table
from privacy.subjects.rows import chunks

ENDED = "files.ended"
Named = tuple[Map, Table, str]  # a column that names files


def drop(
    plan: Plan,
    mapped: Map,
    table: Table,
    rows: Any,
    names: Sequence[str],
    now: dt.datetime,
) -> None:
    """Deletes the files that these columns of the rows name, before the rows change."""
    if not names:
        return
    people = list(plan.identifiers.all())
    for store in sorted({table.files[name] for name in names}):
        own = [name for name in names if table.files[name] == store]
        ending = _Ending(mapped, table, rows, own, stores.named(store))
        found: Counter[str] = Counter()
        for some in ending.paths():
            found += _drop(plan, ending, some, people, now)
        record(plan, store, found, now)


class _Ending:
    """The files of one storage that rows of one table name."""

    def __init__(
        self, mapped: Map, table: Table, rows: Any, names: Sequence[str], store: Store
    ) -> None:
        self.rows, self.names, self.store = rows, names, store
        self.storage: Storage = stores.files(store)
        self.naming = list(naming(store, mapped))

    def paths(self) -> Iterator[list[str]]:
        for name in self.names:
            said = self.rows.exclude(**{name: None}).values_list(name, flat=True)
            yield from chunks(filter(None, said.iterator(2000)))

    def shared(self, paths: Sequence[str]) -> set[str]:
        """Those that other rows name, too."""
        there = named(self.naming, paths)
        for name in self.names:
            there -= _counted(self.rows, name, paths)
        return set(there)


def _drop(
    plan: Plan,
    ending: _Ending,
    paths: Sequence[str],
    people: Sequence[Identifier],
    now: dt.datetime,
) -> Counter[str]:
    """How many were deleted, were already gone, or stay because other rows name
    them."""
    shared = ending.shared(paths)
    free = [path for path in paths if path not in shared]
    found = Counter(shared=len(paths) - len(free))
    note(plan, ending.store, ending.storage, free, people, now)
    for path in free:
        undo.keep_file(plan=plan, store=ending.store, storage=ending.storage, path=path)
        is_ended = storages.drop(ending.storage, path)
        found["ended" if is_ended else "missing"] += 1
    return found


def record(plan: Plan, store: str, found: Counter[str], now: dt.datetime) -> None:
    if found.total():
        audit.record(
            action=ENDED, subject=f"plan:{plan.pk}", by=plan.approved_by, now=now,
            store=store, ended=found["ended"], missing=found["missing"],
            shared=found["shared"],
        )  # fmt: skip


# --- who names a file ---------------------------------------------------------------


def naming(store: Store, known: Map | None = None) -> Iterator[Named]:
    """The columns of all databases that name files of a storage; `known` saves reading
    a map again."""
    maps = {known.store.pk: known} if known else {}
    tables = Table.objects.filter(store__retired_at=None).exclude(files={})
    for table in tables.select_related("store"):
        for name in (n for n, where in table.files.items() if where == store.name):
            mapped = maps.setdefault(table.store_id, Map(table.store))
            yield mapped, mapped.table(table.full_name), name


def named(naming: Sequence[Named], paths: Sequence[str]) -> Counter[str]:
    """How many rows name each path. Raises `StoreDown`: then nobody can tell."""
    there: Counter[str] = Counter()
    for mapped, table, name in naming:
        with stores.reaching(mapped.store):
            there += _counted(mapped.rows(table), name, paths)
    return there


def _counted(rows: Any, name: str, paths: Sequence[str]) -> Counter[str]:
    some = rows.filter(**{f"{name}__in": list(paths)}).order_by()
    return Counter(dict(some.values_list(name).annotate(many=Count("*"))))
