"""The erasure journal: what was erased, written outside every database before the first
change, so that no restore takes the knowledge back with the data.

One line of JSON for each table and some thousand rows: keys (only numbers and UUIDs),
and keyed digests of the rows' content and of the person's identifiers. No personal
data. Each line carries the hash of the one before it.
"""

import contextlib
import datetime as dt
import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings

from privacy import audit
from privacy.models import Plan, PlannedRow, Table
from privacy.refusals import Refusal

ENDS = ("delete", "deidentify", "redact")
CHUNK = 2000
TAIL = 1_048_576  # more than a line has bytes
SURROGATES = (
    "AutoField", "BigAutoField", "SmallAutoField", "IntegerField", "BigIntegerField",
    "SmallIntegerField", "PositiveIntegerField", "PositiveBigIntegerField", "UUIDField",
)  # fmt: skip


class JournalDown(Refusal):
    """The erasure journal can't be written, so nothing may be erased."""


class JournalBroken(Refusal):
    """The erasure journal was changed after it was written."""


@dataclass
class Erased:
    """One erasure, from the portal's rows or from the journal."""

    plan: str
    title: str
    asked_at: dt.datetime
    at: dt.datetime
    approved_by: str
    digests: frozenset[str]  # of the person's identifiers
    rows: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    """(store, table) to fingerprint to key, as JSON; the key is empty if withheld."""
    own: set[str] = field(default_factory=set)
    """Fingerprints of rows that were the person's alone. All others are somebody else's
    too, and a replay may do no more to them than take the person out."""
    unchanged: set[str] = field(default_factory=set)
    """Fingerprints of rows that the erasure left as they were: they can't come back."""


# --- writing --------------------------------------------------------------------


def write(*, plans: Sequence[Plan], now: dt.datetime) -> None:
    """Call before the first change. Calling twice is harmless. Raises `JournalDown`."""
    shows: dict[int, bool] = {}
    with appending() as lines:
        for plan in plans:
            for said in _lines(plan, now, shows):
                lines.add(said)


def withdraw(*, plan: Plan, now: dt.datetime) -> None:
    """The erasure was a wrong match and is undone: never replay it."""
    with appending() as lines:
        lines.add({"plan": str(plan.pk), "withdrawn_at": now.isoformat()})


def leave_out(*, plan: str, prints: Sequence[str], now: dt.datetime) -> None:
    """Rows, by their fingerprints, that the erasure left as they were: they can't come
    back."""
    with appending() as lines:
        for start in range(0, len(prints), CHUNK):
            some = list(prints[start : start + CHUNK])
            lines.add({"plan": plan, "unchanged": some, "at": now.isoformat()})


def _lines(
    plan: Plan, now: dt.datetime, shows: dict[int, bool]
) -> Iterator[dict[str, Any]]:
    """`shows` remembers the tables whose keys may be written to the file."""
    head = {
        "plan": str(plan.pk),
        "asked_at": (plan.cutoff or plan.planned_at).isoformat(),
        "at": now.isoformat(),
        "approved_by": plan.approved_by,
        "digests": sorted(i.digest for i in plan.identifiers.all()),
    }
    for table, rows in _by_table(plan):
        place = {"store": table.store.name, "table": table.full_name}
        if table.pk not in shows:
            shows[table.pk] = is_surrogate(table)
        for start in range(0, len(rows), CHUNK):
            some = rows[start : start + CHUNK]
            yield {
                **head,
                **place,
                "rows": [_row(row, shows[table.pk]) for row in some],
                "own": [row.fingerprint for row in some if _is_own(row)],
            }


def _by_table(plan: Plan) -> Iterator[tuple[Table, list[PlannedRow]]]:
    """One person's rows, which are few."""
    rows = plan.rows.filter(action__in=ENDS).order_by("table", "pk")
    related = rows.select_related("table__store")
    for _, some in groupby(related, key=lambda row: row.table_id):
        found = list(some)
        yield found[0].table, found


def _row(row: PlannedRow, shows_key: bool) -> list[str]:
    return [row.fingerprint, row.key.open() if shows_key else ""]


def _is_own(row: PlannedRow) -> bool:
    from privacy.erasure import drafts  # which plans erasures, and writes them here

    return not drafts.is_others(row.action, row.ground)


def is_surrogate(table: Table) -> bool:
    """Only a number or a UUID, which says nothing about the person, may be in the
    file."""
    columns = [c for c in table.columns.all() if c.name in table.key and not c.path]
    return len(columns) == len(table.key) and all(
        c.kind in SURROGATES and not c.identifier and c.category_id is None
        for c in columns
    )


class _Lines:
    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.last = _last_hash(file)

    def add(self, said: dict[str, Any]) -> None:
        body = audit.canonical(said)
        line = {"said": body, "previous": self.last, "hash": _link(self.last, body)}
        self.file.write(audit.canonical(line).encode() + b"\n")
        self.last = line["hash"]


@contextlib.contextmanager
def appending() -> Iterator[_Lines]:
    path = Path(settings.ERASURE_JOURNAL)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield _Lines(file)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        raise JournalDown from None


def _last_hash(file: BinaryIO) -> str:
    """The hash of the last whole line; a line cut off by a crash is closed."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - TAIL))
    tail = file.read()
    if tail and not tail.endswith(b"\n"):
        file.write(b"\n")
    for line in reversed(tail.splitlines()):
        with contextlib.suppress(ValueError, KeyError):
            return str(json.loads(line)["hash"])
    return audit.GENESIS


def _link(previous: str, body: str) -> str:
    return hashlib.sha256((previous + body).encode()).hexdigest()


# --- reading --------------------------------------------------------------------


def read(path: Path) -> list[Erased]:
    """Every erasure of a journal that was not withdrawn. Raises `JournalBroken`."""
    found: dict[str, Erased] = {}
    for said in verified(path):
        if "withdrawn_at" in said:
            found.pop(said["plan"], None)
            continue
        if "files" in said:
            continue  # `journal.files` reads them
        if "unchanged" in said:
            if one := found.get(said["plan"]):
                one.unchanged.update(said["unchanged"])
            continue
        one = found.setdefault(said["plan"], _erased(said))
        rows = one.rows.setdefault((said["store"], said["table"]), {})
        rows.update(dict(said["rows"]))
        one.own.update(said.get("own", ()))
    return list(found.values())


def _erased(said: dict[str, Any]) -> Erased:
    return Erased(
        plan=said["plan"],
        title=f"Erasure {said['plan']}",
        asked_at=dt.datetime.fromisoformat(said["asked_at"]),
        at=dt.datetime.fromisoformat(said["at"]),
        approved_by=said["approved_by"],
        digests=frozenset(said["digests"]),
    )


def verified(path: Path) -> Iterator[dict[str, Any]]:
    last = audit.GENESIS
    for number, line in enumerate(_whole_lines(path), 1):
        if not _follows(line, last):
            raise JournalBroken(f"Line {number} of the journal was changed.")
        last = line["hash"]
        yield json.loads(line["said"])


def _follows(line: Any, last: str) -> bool:
    """The line may be any JSON: somebody may have named the wrong file."""
    try:
        said = line["said"]
        return bool(line["previous"] == last and line["hash"] == _link(last, said))
    except (KeyError, TypeError):
        return False


def _whole_lines(path: Path) -> Iterator[Any]:
    """A line that a crash cut off was never finished, and nothing was erased for it."""
    try:
        with path.open("rb") as file:
            for line in file:
                with contextlib.suppress(ValueError):
                    yield json.loads(line)
    except FileNotFoundError:
        return
    except OSError:
        raise JournalDown("The erasure journal can't be read.") from None


def known(plans: Sequence[Plan]) -> Iterator[Erased]:
    """The same, from the portal's own rows."""
    for plan in plans:
        one = Erased(
            plan=str(plan.pk),
            title=plan.title,
            asked_at=plan.cutoff or plan.planned_at,
            at=plan.started_at or plan.planned_at,
            approved_by=plan.approved_by,
            digests=frozenset(i.digest for i in plan.identifiers.all()),
        )
        rows = plan.rows.filter(action__in=ENDS).select_related("table__store")
        for row in rows.iterator(chunk_size=CHUNK):
            place = (row.table.store.name, row.table.full_name)
            one.rows.setdefault(place, {})[row.fingerprint] = row.key.open()
            if _is_own(row):
                one.own.add(row.fingerprint)
            if row.is_unchanged:
                one.unchanged.add(row.fingerprint)
        yield one
