"""Lists that staff or partners upload, instead of whoever runs the portal.

Kept sealed, shown as the portal understood them, imported by a worker once somebody
agreed, then destroyed. What became of each row is written in the transaction of the
row, so a worker that dies leaves nothing half reported.
"""

import contextlib
import datetime as dt
import functools
import io
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED as DEFLATED

from django.db import DataError, transaction

from consent import blocklists, transfer
from consent.models import Import, ListResult, ListUpload
from consent.transfer import importing
from consent.transfer.importing import LISTS, UnknownZone, refuse_nonsense
from consent.transfer.results import StoredResults
from privacy import audit, leases
from privacy.models.sealing import seal_bytes, unseal_bytes
from privacy.refusals import Refusal

__all__ = ["LISTS", "UnknownZone"]

CONTEXT = "consent_listupload.content"
LARGEST = 20 * 1024 * 1024
WAITS = dt.timedelta(days=7)  # for a yes; then it is set aside
State = ListUpload.State


class TooLarge(Refusal):
    """The list is larger than 20 MB; whoever runs the portal can take it in with
    “consent import”."""


class NoRows(Refusal):
    """The file is empty."""


class NotWaiting(Refusal):
    """Somebody has already started it or set it aside."""


def keep(
    *,
    content: bytes,
    options: transfer.Options,
    by: str,
    now: dt.datetime,
    carrier: str = "",
) -> ListUpload:
    """Stores it until somebody agrees. Raises for a file in which nothing is
    understood. With a carrier it is that carrier's block list, and is compared
    afterwards."""
    if len(content) > LARGEST:
        raise TooLarge
    if not content.strip():
        raise NoRows
    refuse_nonsense(options)
    if carrier:
        blocklists.refuse_nonsense(carrier, options)
    with _on_disk(content) as path:
        importing.understood(path, options)
    with transaction.atomic():
        row = ListUpload.objects.create(
            content=seal_bytes(content, context=CONTEXT),
            size=len(content),
            options=asdict(options),
            carrier=carrier,
            uploaded_at=now,
            uploaded_by=by,
        )
        _record("uploaded", row, by, now)
    return row


def options_of(row: ListUpload) -> transfer.Options:
    names = {field.name for field in fields(transfer.Options)}
    return transfer.Options(**{k: v for k, v in row.options.items() if k in names})


def clean(*, content: bytes, by: str, now: dt.datetime, **terms: Any) -> bytes:
    """A list of those who may be contacted, and why the rest was removed, as a zip; of
    neither anything is kept. `terms` are those of `transfer.scrub`."""
    if len(content) > LARGEST:
        raise TooLarge
    if not content.strip():
        raise NoRows
    zipped = io.BytesIO()
    with _on_disk(content) as path, zipfile.ZipFile(zipped, "w", DEFLATED) as archive:
        kept, removed = path.with_name("clean.csv"), path.with_name("removed.csv")
        transfer.scrub(
            source=path, target=kept, removed=removed, by=by, now=now, **terms
        )
        for each in (kept, removed):
            archive.write(each, each.name)
    return zipped.getvalue()


# --- taking it in -----------------------------------------------------------------
def start(*, row: ListUpload, by: str, now: dt.datetime) -> None:
    """A worker continues from here."""
    _leave(row, State.RUNNING, by, now, started_at=now, started_by=by)
    _record("started", row, by, now)


def set_aside(*, row: ListUpload, by: str, now: dt.datetime) -> None:
    """Its content is destroyed, and nothing of it is recorded."""
    _leave(row, State.SET_ASIDE, by, now, content=None, finished_at=now)


def _leave(
    row: ListUpload, state: str, by: str, now: dt.datetime, **changed: Any
) -> None:
    with transaction.atomic():
        waiting = ListUpload.objects.filter(pk=row.pk, state=State.WAITING)
        if not waiting.update(state=state, **changed):
            raise NotWaiting
        if state == State.SET_ASIDE:
            _record("set_aside", row, by, now)


def run(*, clock: Callable[[], dt.datetime]) -> int:
    """Every list that was started and that no worker has; returns how many were
    imported."""
    now = clock()
    for row in ListUpload.objects.filter(
        state=State.WAITING, uploaded_at__lt=now - WAITS
    ):
        set_aside(row=row, by="portal", now=now)
    started = ListUpload.objects.filter(state=State.RUNNING)
    return sum(_run(row, clock) for row in leases.claimed(started, clock))


def _run(row: ListUpload, clock: Callable[[], dt.datetime]) -> bool:
    def renew(taken: Import) -> None:
        ListUpload.objects.filter(pk=row.pk).update(
            taken=taken, leased_until=clock() + leases.LEASE
        )

    try:
        taken = _taken_in(row, clock, renew)
        if row.carrier:
            blocklists.compare(taken, row.carrier, by=row.started_by, now=clock())
    except importing.UnderWay:
        return False
    except Refusal as refusal:
        _end(row, State.STOPPED, clock(), problem=str(refusal)[:300])
        return False
    except (ValueError, LookupError, DataError) as error:
        # not the error's words: they may hold a row. The next worker would fail too.
        kind = type(error).__name__
        problem = f"Something in it can't be read ({kind}); earlier rows are recorded."
        _end(row, State.STOPPED, clock(), problem=problem)
        return False
    _end(row, State.DONE, clock(), taken=taken)
    return True


def _taken_in(
    row: ListUpload, clock: Callable[[], dt.datetime], renew: Callable[[Import], None]
) -> Import:
    """A worker that died after the last row has left only the rest to do."""
    if row.taken and row.taken.finished_at:
        return row.taken
    take = transfer.take_in
    if row.carrier:
        take = functools.partial(blocklists.take_in, carrier=row.carrier)
    with opened(row) as path:
        return take(
            path=path,
            results=StoredResults(row),
            options=options_of(row),
            by=row.started_by,
            clock=clock,
            progress=renew,
        )


def _end(row: ListUpload, state: str, now: dt.datetime, **changed: Any) -> None:
    with transaction.atomic():
        ListUpload.objects.filter(pk=row.pk).update(
            state=state, content=None, leased_until=None, finished_at=now, **changed
        )
        _record(state, row, row.started_by, now)


def _record(verb: str, row: ListUpload, by: str, now: dt.datetime) -> None:
    audit.record(
        action=f"list.{verb}",
        subject=f"listupload:{row.pk}",
        by=by,
        now=now,
        options=row.options,
        size=row.size,
    )


# --- the file, and what became of its rows ------------------------------------------
@contextlib.contextmanager
def opened(row: ListUpload) -> Iterator[Path]:
    if row.content is None:
        raise NotWaiting
    with _on_disk(unseal_bytes(bytes(row.content), context=CONTEXT)) as path:
        yield path


@contextlib.contextmanager
def _on_disk(content: bytes) -> Iterator[Path]:
    """Readable by this process alone, and removed at the end."""
    with tempfile.TemporaryDirectory() as place:
        path = Path(place, "list")
        path.write_bytes(content)
        yield path


def results(row: ListUpload) -> Iterator[str]:
    """The result file, piece by piece: row, result, reason."""
    texts = ListResult.objects.filter(upload=row).order_by("pk")
    yield from texts.values_list("text", flat=True).iterator()


def facts(row: ListUpload) -> dict[str, Any]:
    """As plain data; while it runs, with its progress."""
    names = ("rows", "recorded", "known", "refused")
    taken = row.taken
    return {
        "id": row.pk,
        "state": row.state,
        "problem": row.problem,
        "uploaded_at": row.uploaded_at,
        "finished_at": row.finished_at,
        **{name: getattr(taken, name) if taken else 0 for name in names},
    }
