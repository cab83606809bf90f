"""The one path to destruction (law 6).

Every row that the portal deletes, de-identifies or takes identifiers out of, for a
person or for a retention rule, goes through `end`: whoever wants to know what can be
destroyed, and what stops it, reads this file; of the portal's own records, `keeping`.

What could go wrong, and what stands against it:

- *A held row goes.* The condition of the holds is made inside the call, right before
  the statement, and is part of the statement. A hold placed while a sweep runs is
  obeyed by the very next range. Rows that a hold kept are counted as evidence.

- *A row goes that nobody approved.* A plan names rows by key (a person) or by bounds
  and a frozen cut-off (a rule). The statement repeats the condition: a row that does
  not fit any more is left alone.
  What a trigger copies in a range's own transaction is ended with the plan, and the
  trail says so (`erasure.latecomers`); what anybody else wrote is not.

- *A cascade takes what nobody named.* A rule deletes only rows to which none refers,
  locked before the statement looks (`Ending.lock`, `retention.referring`).

- *The worker dies.* A range is one transaction of the store. Before it commits, the
  portal notes its number (`plans.note`); whoever takes the range over asks the store
  whether it counted (`_already_counted`). A second run finds nothing that still fits.

- *Two workers hold a range.* The note is an update on the claim; the slower rolls back.

- *Many people wait.* Ranges of many plans may be one transaction (`end_together`), each
  with its own statement; if anything goes wrong, each is carried out by itself.

- *A value doesn't fit its column, or a row is still referred to.* The store refuses and
  the range is halved until the bad row stands alone (`isolation`); that one is given up
  with its reason, and the plan is not complete. A row of which only the code is
  refused, because another spelling of its value has it, gets its own (`Place.turn`).

- *The store dies, or its disk is full.* The range is free again, the plan says what it
  waits for, and the clock sends another worker later.

- *A file outlives its row, or a restore brings it back.* Its digest is in the journal
  before it goes. Files go before the statement: a crash in between leaves a name
  without a file, which the next attempt clears, never a file without a name. A file
  that other rows name too goes with the last of them (`files`).

The audit row of the plan was written when it was started, before any of this runs.
"""

import datetime as dt
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db import Error, connections, transaction
from django.db.models import Q

from privacy import faults, files, holds, isolation, plans, storages, stores, undo
from privacy.changes import Ending as Ending
from privacy.changes import assignments, still_raw
from privacy.journal import JournalDown
from privacy.journal.files import note as note_files
from privacy.models import Identifier, Plan, Range, Store
from privacy.sql import statements
from privacy.subjects.rows import by_key, chunks
from privacy.undo.keys import KeysDown

Clock = Callable[[], dt.datetime]
STAY_NAMED = ("redact", "correct")  # a row that goes on to name its file
DOWN = (storages.StorageDown, JournalDown, KeysDown, stores.StoreDown)


class ClaimLost(Exception):
    """Another worker has the range; ours is rolled back."""


def end(*, plan: Plan, piece: Range, ending: Ending, now: dt.datetime) -> None:
    """Carries out one claimed range, or finds that it was already carried out.

    Raises `plans.Waits` when the store as a whole is in trouble.
    """
    began = time.monotonic()
    try:
        if not _already_counted(piece, ending):
            _end_once(piece, ending, now)
    except ClaimLost:
        return
    except DOWN as down:
        plans.leave(piece, sentence=str(down))
    except Error as error:
        _refused(piece, ending, faults.read(error), now)
        return
    plans.settle(plan, piece, seconds=time.monotonic() - began)


def end_together(work: Sequence[tuple[Range, Ending]], now: dt.datetime) -> bool:
    """Carries out ranges of many plans, claimed together, in one transaction of a
    store.

    False when the store refused or a claim was lost: nothing was changed, the ranges
    are free again, and each must be carried out by itself.
    """
    pieces = [piece for piece, _ in work]
    began = time.monotonic()
    try:
        _end_all_once(work, now)
    except (ClaimLost, Error, *DOWN):
        plans.together.give_back(pieces)
        return False
    plans.together.settle(pieces, seconds=time.monotonic() - began)
    return True


def _end_all_once(work: Sequence[tuple[Range, Ending]], now: dt.datetime) -> None:
    alias = work[0][1].mapped.alias
    asked: dict[tuple[int, str], Q | None] = {}
    done: dict[int, tuple[int, int]] = {}
    with transaction.atomic(using=alias):
        for piece, ending in work:
            about = (ending.table.pk, piece.plan.kind)
            if about not in asked:
                asked[about] = _held(piece, ending)
            rows, held = _apart(piece, ending, asked[about], now)
            _drop_files(piece, ending, rows, now)
            done[piece.pk] = _write_undoable(piece, ending, rows), held
        number = statements.transaction_id(connections[alias])
        pieces = [piece for piece, _ in work]
        if not plans.together.note(pieces, done, transaction_id=number):
            raise ClaimLost


def _refused(
    piece: Range, ending: Ending, fault: faults.Fault, now: dt.datetime
) -> None:
    """The store rolled the range back; decides what the next attempt does
    differently."""
    if fault.kind is faults.Kind.WAIT:
        connections[ending.mapped.alias].close()
        plans.leave(piece, sentence=fault.sentence)
    if fault.kind in (faults.Kind.ROW, faults.Kind.BUSY):
        rows, _ = _not_held(piece, ending, now)
        some, is_bad = _matching(ending, rows), fault.kind is faults.Kind.ROW
        if isolation.split(piece, some, ending.cutter, single_out=is_bad):
            return
        if fault is faults.TAKEN and (other := isolation.another_code(ending, some)):
            end(plan=piece.plan, piece=piece, ending=other, now=now)
            return
    if fault.kind is faults.Kind.BUSY:
        plans.leave(piece, sentence=fault.sentence)
    plans.give_up(piece, problem=fault.sentence)


def _end_once(piece: Range, ending: Ending, now: dt.datetime) -> None:
    with transaction.atomic(using=ending.mapped.alias):
        if ending.partition:
            changed, held = _drop_partition(piece, ending, now), 0
        else:
            ending.lock()
            rows, held = _not_held(piece, ending, now)
            _drop_files(piece, ending, rows, now)
            changed = _write_undoable(piece, ending, rows)
        number = statements.transaction_id(connections[ending.mapped.alias])
        changed = changed or plans.noted(piece)
        if not plans.note(piece, transaction_id=number, rows=changed, held=held):
            raise ClaimLost


def _drop_partition(piece: Range, ending: Ending, now: dt.datetime) -> int:
    """Drops the whole partition, unless a hold keeps one of its rows: then its rows are
    left to ranges, like those of any table."""
    mapped = ending.mapped
    table = mapped.model(ending.table)._meta.db_table
    statements.lock_partition(connections[mapped.alias], table, ending.partition)
    rows = mapped.rows(ending.table).filter(ending.rows)
    held = holds.condition(mapped=mapped, table=ending.table, plan=piece.plan)
    if held is not None and rows.filter(held).exists():
        return 0
    count = int(rows.count())
    _drop_files(piece, ending, rows, now)
    statements.drop_partition(connections[mapped.alias], table, ending.partition)
    return count


def _not_held(piece: Range, ending: Ending, now: dt.datetime) -> tuple[Any, int]:
    """The rows that may go, and how many a hold keeps, with a receipt."""
    return _apart(piece, ending, _held(piece, ending), now)


def _held(piece: Range, ending: Ending) -> Q | None:
    return holds.condition(mapped=ending.mapped, table=ending.table, plan=piece.plan)


def _apart(
    piece: Range, ending: Ending, held: Q | None, now: dt.datetime
) -> tuple[Any, int]:
    rows = ending.mapped.rows(ending.table).filter(ending.rows)
    if held is None:
        return rows, 0
    if count := rows.filter(held).count():
        holds.keep_receipts(mapped=ending.mapped, piece=piece, rows=rows, now=now)
    return rows.exclude(held), count


def _write_undoable(piece: Range, ending: Ending, rows: Any) -> int:
    """As `_write`, with a sealed copy of the rows if the plan can be undone for some
    days."""
    mapped, table = ending.mapped, ending.table
    some = _matching(ending, rows)
    was = undo.before(piece=piece, mapped=mapped, table=table, rows=some)
    changed = _write(ending, rows)
    if was is not None:
        undo.keep(piece=piece, mapped=mapped, table=table, was=was)
    return changed


def _write(ending: Ending, rows: Any) -> int:
    """One statement: DELETE or UPDATE, with the whole condition in it."""
    if ending.values is not None:
        return int(rows.update(**ending.values))
    if ending.columns is None:
        return _delete(ending, rows)
    if not ending.columns:
        return 0
    new = assignments(ending.columns, **ending.how, turn=ending.turn)
    return int(_matching(ending, rows).update(**new))


def _delete(ending: Ending, rows: Any) -> int:
    """Where the store refuses a row while another one that goes with it still refers to
    it, these references go first: of the same rows, locked by the whole condition."""
    alias, table = ending.mapped.alias, ending.table
    if not (names := ending.own_references):
        return rows._raw_delete(alias) or 0
    keys = chunks(rows.select_for_update().values_list(*table.key))
    some = [ending.mapped.rows(table).filter(by_key(table, each)) for each in keys]
    for each in some:
        each.update(**dict.fromkeys(names))
    return sum(each._raw_delete(alias) or 0 for each in some)


def _matching(ending: Ending, rows: Any) -> Any:
    """Of the rows to be changed, those that hold something to change."""
    if ending.columns is None or ending.values is not None:
        return rows
    return rows.filter(still_raw(ending.columns, **ending.how))


def _drop_files(piece: Range, ending: Ending, rows: Any, now: dt.datetime) -> None:
    if ending.pattern or piece.action in STAY_NAMED:
        return
    touched = {column.name for column in ending.columns or ()}
    names = [n for n in ending.table.files if ending.columns is None or n in touched]
    files.drop(piece.plan, ending.mapped, ending.table, rows, names, now)


def end_files(
    *,
    plan: Plan,
    store: Store,
    paths: Sequence[str],
    people: Iterable[Identifier],
    now: dt.datetime,
) -> str:
    """Deletes files of an approved plan that no row names; returns why not. Whose those
    of a rule were nobody knows, so any hold keeps them."""
    people = list(people)
    if any(map(holds.covers, people)) or (not people and holds.are_open()):
        return "A legal hold is open."
    try:
        if files.named(list(files.naming(store)), paths):
            return "A row names the file, so it goes with the row."
        storage = stores.files(store)
        note_files(plan, store, storage, paths, people, now)
        found = [storages.drop(storage, path) for path in paths]
    except DOWN as down:
        return str(down)
    ended = Counter("ended" if each else "missing" for each in found)
    files.record(plan, store.name, ended, now)
    return ""


def _already_counted(piece: Range, ending: Ending) -> bool:
    """After a crash: did the store commit the recorded transaction?"""
    if piece.status != Range.Status.COMMITTING:
        return False
    connection = connections[ending.mapped.alias]
    status = statements.transaction_status(connection, piece.store_transaction)
    if status == "in progress":
        raise ClaimLost
    return status == "committed"
