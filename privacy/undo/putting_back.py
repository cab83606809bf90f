"""Rows as they were before an erasure, written back by their keys.

Who was referred to comes before who refers. Within a table rows may refer to each other
in any order, so what the store refuses is tried again once the others are there. What
it refuses then (a number that must be unique is somebody's again) stays sealed, and can
be tried again once the cause is gone.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import Error, IntegrityError, connections, transaction

from privacy import faults, stores
from privacy.datamap import Map
from privacy.models import Range, Table, Undo, UndoCopy
from privacy.sql import copies
from privacy.subjects import Key, by_key
from privacy.undo.keys import NothingToPutBack, decrypt

Row = dict[str, Any]  # column to what it holds, as `copies` reads it


@dataclass
class PutBack:
    """How many rows and files were restored; which rows have changed since and stay,
    which the store refused, which have no key, and which files were too large to be
    kept."""

    rows: int = 0
    changed_since: int = 0
    refused: int = 0
    without_key: int = 0
    files: int = 0
    files_lost: int = 0


@dataclass(frozen=True)
class Sealed:
    """One row: as it was, what the erasure left of it, and what is there now."""

    mapped: Map
    table: Table
    key: Key
    was: Row
    left: Row | None
    there: Row | None


def put_back(kept: Undo, done: PutBack) -> None:
    for mapped, pieces in _by_store(kept):
        with stores.reaching(mapped.store), transaction.atomic(using=mapped.alias):
            rows = [row for copy in pieces for row in _rows(mapped, copy)]
            if rows and not _tried(rows, done):
                _one_by_one(rows, done)


def _one_by_one(waiting: list[Sealed], done: PutBack) -> None:
    """As often as it helps: a row may refer to a later one of its own table."""
    while some := [row for row in waiting if not _tried([row], done)]:
        if len(some) == len(waiting):
            break
        waiting = some
    done.refused += len(some)


def _by_store(kept: Undo) -> Iterator[tuple[Map, list[UndoCopy]]]:
    sealed = kept.copies.filter(range__isnull=False).order_by("-range__ordinal")
    by_store: dict[int, list[UndoCopy]] = {}
    for copy in sealed.select_related("range__table__store"):
        by_store.setdefault(_range(copy).table.store_id, []).append(copy)
    for some in by_store.values():
        yield Map(_range(some[0]).table.store), some


def _range(copy: UndoCopy) -> Range:
    if copy.range is None:
        raise NothingToPutBack
    return copy.range


def _rows(mapped: Map, copy: UndoCopy) -> Iterator[Sealed]:
    table = mapped.table(_range(copy).table.full_name)
    model, content = mapped.model(table), decrypt(copy)
    was, left = (_by_key(model, table, content[when]) for when in ("was", "now"))
    rows = mapped.rows(table).filter(by_key(table, list(was)))
    there = _by_key(model, table, copies.read(connections[mapped.alias], model, rows))
    for key, row in was.items():
        yield Sealed(mapped, table, key, row, left.get(key), there.get(key))


def _by_key(model: Any, table: Table, rows: Iterable[Row]) -> dict[Key, Row]:
    return {copies.key(model, table.key, row): row for row in rows}


def _tried(rows: Sequence[Sealed], done: PutBack) -> bool:
    """All of them, or none and False where the store refused any."""
    mapped = rows[0].mapped
    try:
        with transaction.atomic(using=mapped.alias):
            back = [_put_back_row(row) for row in rows]
            _check(mapped, {row.table.pk: row.table for row in rows}.values())
    except IntegrityError:
        return False
    except Error as error:
        if faults.read(error).kind is not faults.Kind.ROW:
            raise
        return False
    done.rows += sum(back)
    done.changed_since += len(back) - sum(back)
    return True


def _check(mapped: Map, tables: Iterable[Table]) -> None:
    """Foreign keys that wait for the commit would refuse everything there. MySQL's
    never wait."""
    connection = connections[mapped.alias]
    if connection.vendor != "mysql":
        names = [mapped.model(table)._meta.db_table for table in tables]
        connection.check_constraints(table_names=names)


def _put_back_row(row: Sealed) -> bool:
    """A deleted row is inserted again; a changed one gets its values back, unless
    somebody has changed them since."""
    mapped, left, there = row.mapped, row.left, row.there
    connection, model = connections[mapped.alias], mapped.model(row.table)
    if there == row.was:
        return True
    if left is None and there is None:
        copies.insert(connection, model, row.was)
        return True
    if left is None:
        return False
    old = {name: text for name, text in row.was.items() if text != left[name]}
    if there is None or any(there[name] not in (left[name], old[name]) for name in old):
        return False
    if old:
        copies.update(connection, model, row.table.key, row.key, old)
    return True
