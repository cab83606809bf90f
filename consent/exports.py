"""Consent exports that staff ask for: a worker writes them, whatever their length.

The disclosure gate is asked when somebody requests one, so that a refusal is seen at
once; again by the worker, who records the disclosure before the first row; and when the
file is fetched. The file is kept sealed for a short while, then destroyed.
"""

import csv
import datetime as dt
import io
import zlib
from collections.abc import Callable, Iterator, Sequence

from django.db import transaction

from consent.models import ListExport, ListPiece
from consent.transfer import exporting
from consent.transfer.exporting import Ground, Which
from privacy import audit, leases
from privacy.models.sealing import seal_bytes, unseal_bytes
from privacy.refusals import Refusal

CONTEXT = "consent_listpiece.content"
KEPT = dt.timedelta(days=1)
State = ListExport.State


class NotThere(Refusal):
    """The file is not ready, or was destroyed."""


class Overtaken(Exception):
    """Another worker has taken it over."""


def ask(
    *, ground: Ground, which: Which, reason: str, by: str, now: dt.datetime
) -> ListExport:
    """A worker continues from here. Raises what the gate raises."""
    exporting.refuse(ground, which, reason=reason, now=now)
    with transaction.atomic():
        row = ListExport.objects.create(
            options={"ground": ground._asdict(), "which": which._asdict()},
            reason=reason.strip(),
            asked_at=now,
            asked_by=by,
        )
        _record("asked", row, by, now)
    return row


def ground_of(row: ListExport) -> Ground:
    return Ground(**row.options["ground"])


def which_of(row: ListExport) -> Which:
    return Which(**row.options["which"])


# --- writing it -------------------------------------------------------------------
def run(*, clock: Callable[[], dt.datetime]) -> int:
    """Writes every requested list that no worker has; returns how many were finished.
    Destroys those that were kept long enough."""
    now = clock()
    for row in ListExport.objects.filter(state=State.DONE, ends_at__lte=now):
        end(row=row, by="portal", now=now)
    waiting = ListExport.objects.filter(state=State.RUNNING)
    return sum(_run(row, clock) for row in leases.claimed(waiting, clock))


def _run(row: ListExport, clock: Callable[[], dt.datetime]) -> bool:
    try:
        if row.disclosure is None:
            _let_go(row, clock())
        while _write(row, clock()):
            pass
    except (Overtaken, ListExport.DoesNotExist):
        return False
    except Refusal as refusal:
        _leave(row, State.STOPPED, row.asked_by, clock(), problem=str(refusal)[:300])
        return False
    now = clock()
    _leave(row, State.DONE, row.asked_by, now, ends_at=now + KEPT)
    return True


def _let_go(row: ListExport, now: dt.datetime) -> None:
    with transaction.atomic():
        ListExport.objects.select_for_update().get(pk=row.pk, disclosure=None)
        row.disclosure = exporting.let_go(
            ground_of(row), which_of(row), reason=row.reason, by=row.asked_by, now=now
        )
        row.save(update_fields=["disclosure"])
        _keep(row, [exporting.HEAD])


def _write(row: ListExport, now: dt.datetime) -> bool:
    """Writes a piece, and with it the position; False after the last."""
    found = exporting.rows_after(ground_of(row).purpose, which_of(row), row.after, now)
    if not found:
        return False
    lines = list(exporting.lines(found, now))
    before, row.after = row.after, found[-1].pk
    row.rows += len(lines)
    with transaction.atomic():
        moved = ListExport.objects.filter(
            pk=row.pk, after=before, state=State.RUNNING
        ).update(after=row.after, rows=row.rows, leased_until=now + leases.LEASE)
        if not moved:
            raise Overtaken
        _keep(row, lines)
    return True


def _keep(row: ListExport, lines: Sequence[Sequence[str]]) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    packed = zlib.compress(text.getvalue().encode())
    ListPiece.objects.create(export=row, content=seal_bytes(packed, context=CONTEXT))


# --- fetching and ending it ---------------------------------------------------------
def fetch(*, row: ListExport, by: str, now: dt.datetime) -> Iterator[str]:
    """The file, piece by piece; fetching it is recorded first."""
    row.refresh_from_db()
    if row.state != State.DONE or row.ends_at is None or row.ends_at <= now:
        raise NotThere
    exporting.refuse(ground_of(row), which_of(row), reason=row.reason, now=now)
    _record("fetched", row, by, now)
    return _pieces(row)


def _pieces(row: ListExport) -> Iterator[str]:
    sealed = ListPiece.objects.filter(export=row).values_list("content", flat=True)
    for content in sealed.iterator(chunk_size=1):
        yield zlib.decompress(unseal_bytes(bytes(content), context=CONTEXT)).decode()


def end(*, row: ListExport, by: str, now: dt.datetime) -> None:
    """Destroys the file; the record that it was written stays."""
    _leave(row, State.ENDED, by, now)


def _leave(
    row: ListExport, state: str, by: str, now: dt.datetime, **changed: object
) -> None:
    with transaction.atomic():
        if state != State.DONE:
            ListPiece.objects.filter(export=row).delete()
        before = State.DONE if state == State.ENDED else State.RUNNING
        if before == State.RUNNING:
            changed["finished_at"] = now
        rows = ListExport.objects.filter(pk=row.pk, state=before)
        if not rows.update(state=state, leased_until=None, **changed):
            raise NotThere
        _record(state, row, by, now)


def _record(verb: str, row: ListExport, by: str, now: dt.datetime) -> None:
    audit.record(
        action=f"export.{verb}",
        subject=f"listexport:{row.pk}",
        by=by,
        now=now,
        **row.options,
        rows=row.rows,
        disclosure=row.disclosure_id,
    )
