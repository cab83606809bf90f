"""Imports a list of opt-outs or opt-ins into the ledger.

A chunk is one transaction: read and fingerprinted here, staged by COPY, distributed as
sets. The position in the file is stored in the row of the import and changes with the
chunk; so an interrupted import continues where it stopped, and one that runs again
changes nothing.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import NamedTuple
from zoneinfo import available_timezones

from django.db import transaction
from django.utils.dateparse import parse_date

from consent import chunks, ledger, listings, marks, scopes
from consent.models import Dealing, Event, Import, Listing
from consent.sql import imports
from consent.transfer import columns, files, opening, staging
from consent.transfer.columns import Columns
from consent.transfer.options import Options
from consent.transfer.reading import STOPPED, UNPROVEN, Ours, Ready, read
from consent.transfer.results import KNOWN, RECORDED, REFUSED, Results
from privacy import audit
from privacy.refusals import Refusal

CHUNK = 10_000  # rows in one transaction; other writers to the ledger wait for it
BLOCK = 1_048_576
LISTS = (Listing.List.DO_NOT_CALL, Listing.List.STATE, Listing.List.REQUESTED)


class UnderWay(Refusal):
    """Another process is importing this file now."""


class UnknownZone(Refusal):
    """A time zone is named as America/New_York, or UTC."""


class NoSuchList(Refusal):
    """Numbers that must not be called go on one of the lists do_not_call, state and
    requested."""


class OnlyOfARegistry(Refusal):
    """Only a registry's list has complete copies: do_not_call or state. People who
    asked us directly stay on our list for the years the law requires."""


class OnlyWhoIsLeftAlone(Refusal):
    """Being on a do-not-call list is not an opt-in."""


class UnknownDealing(Refusal):
    """Say whether it is a list of purchases or of inquiries."""


class NotADay(Refusal):
    """Give the day on which we received the list as 2026-11-24."""


class OneOrTheOther(Refusal):
    """A list holds either opt-outs and opt-ins, or numbers not to call, or purchases
    and inquiries."""


class Blocks(NamedTuple):
    """The file is a carrier's block list; `previous` is the import of its last one."""

    carrier: str
    previous: int


Read = tuple[int, Ready | str]  # its number, and the row or why it is refused


def take_in(
    *,
    path: Path,
    results: Path | Results,
    options: Options,
    by: str,
    clock: Callable[[], dt.datetime],
    progress: Callable[[Import], None] = lambda _: None,
    blocks: Blocks | None = None,
) -> Import:
    """The import's row with its counts; `results` receives the result of each row of
    the file."""
    file = results if isinstance(results, Results) else Results(results)
    refuse_nonsense(options)
    known = understood(path, options)
    ours = Ours()
    digest = _digest(path, options, blocks.carrier if blocks else "")
    row = _begin(digest, options, by=by, now=clock())
    with file.opened(row.results_bytes):
        todo = islice(data(path, known), row.rows, None)
        while chunk := list(islice(todo, CHUNK)):
            now = clock()
            found = [(n, read(n, each, known, options, now, ours)) for n, each in chunk]
            _take_chunk(row, digest, found, file, blocks, by=by, now=now)
            progress(row)
    _finish(row, by=by, now=clock())
    return row


def refuse_nonsense(options: Options) -> None:
    if options.timezone not in available_timezones():
        raise UnknownZone
    if options.listing and options.listing not in LISTS:
        raise NoSuchList
    if options.dealing and options.dealing not in Dealing.Kind:
        raise UnknownDealing
    if options.dealing and (options.listing or options.kind):
        raise OneOrTheOther
    if options.listing and options.means != Event.Kind.OPT_OUT:
        raise OnlyWhoIsLeftAlone
    if options.whole and options.listing not in listings.REGISTRIES:
        raise OnlyOfARegistry
    if options.received and parse_date(options.received) is None:
        raise NotADay


def _digest(path: Path, options: Options, carrier: str) -> str:
    chosen = asdict(options) | ({"carrier": carrier} if carrier else {})
    if not options.listing:  # so that what began before there were lists goes on
        del chosen["listing"]
    for name in ("whole", "dealing", "country", "received"):  # nor these
        if not chosen[name]:
            del chosen[name]
    found = hashlib.sha256(json.dumps(chosen, sort_keys=True).encode())
    try:
        if not path.exists():
            raise opening.NotThere
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                found.update(block)
    except OSError:
        raise opening.Unreadable from None
    return found.hexdigest()


def _begin(digest: str, options: Options, *, by: str, now: dt.datetime) -> Import:
    with transaction.atomic():
        row, is_new = Import.objects.get_or_create(
            digest=digest,
            finished_at=None,
            defaults={"options": asdict(options), "started_at": now, "started_by": by},
        )
        audit.record(
            action="import.started" if is_new else "import.resumed",
            subject=f"import:{row.pk}",
            by=by,
            now=now,
            options=asdict(options),
        )
    return row


def _finish(row: Import, *, by: str, now: dt.datetime) -> None:
    """With the last row of a complete list: who is no longer on it."""
    with transaction.atomic():
        if row.options.get("whole"):
            listings.end_the_rest(row, by=by, now=now)
        elif row.options.get("listing"):
            listings.tell_of_copy(row, now=now)
        row.finished_at = now
        row.save(update_fields=["finished_at"])


def columns_of(path: Path, declared: str = "") -> Columns:
    first = islice(files.rows(path), columns.HEADER_WITHIN)
    return columns.find([row for _, row in first], declared)


def understood(path: Path, options: Options) -> Columns:
    """As `columns_of`; refuses a list whose every row would be refused, because nobody
    says what it is."""
    known = columns_of(path, options.columns)
    if not (options.means or options.dealing or known.says_what):
        raise columns.SaysNothing
    return known


def data(path: Path, known: Columns) -> Iterator[tuple[int, list[str]]]:
    """The rows with their numbers; 1 is the first after the header."""
    for place, row in islice(files.rows(path), known.start, None):
        yield place - known.zero, row


# --- one chunk ------------------------------------------------------------------
def _take_chunk(
    row: Import,
    digest: str,
    found: list[Read],
    file: Results,
    blocks: Blocks | None,
    *,
    by: str,
    now: dt.datetime,
) -> None:
    keyed: dict[str, Ready] = {}
    keys: list[str] = []
    for _, each in found:
        key = _key(each, digest) if isinstance(each, Ready) else ""
        keys.append(key)
        if isinstance(each, Ready):
            keyed.setdefault(key, each)
    evidence = {"import": str(row.pk)}
    if received := row.options.get("received"):
        evidence["received"] = received
    if blocks:
        evidence["carrier"] = blocks.carrier
    lines = staging.lines(keyed, evidence, now)
    with transaction.atomic():
        ledger.lock()
        _claim(row)
        values = _values(row, blocks, by, now)
        fresh, erased = imports.spread(lines, values)
        told = list(_outcomes(found, keys, fresh, erased))
        file.write(told)
        _count(row, [result for _, result, _ in told], file.length)
        audit.record(
            action="import.rows_taken",
            subject=f"import:{row.pk}",
            by=by,
            now=now,
            rows=row.rows,
            recorded=len(fresh),
            **chunks.seal(recorded_at=now),
        )


def _values(
    row: Import, blocks: Blocks | None, by: str, now: dt.datetime
) -> dict[str, object]:
    values: dict[str, object] = {"now": now, "by": by, "route": "import"}
    values |= {"source": row.options["source"], "scopes": scopes.now().table()}
    values |= {"listing": row.options.get("listing", ""), "file": str(row)}
    values |= {"whole": row.options.get("whole", ""), "import": row.pk}
    values |= {"dealing": row.options.get("dealing", "")}
    if blocks:
        values |= {**blocks._asdict(), "route": blocks.carrier}
    return values


def _outcomes(
    found: list[Read], keys: list[str], fresh: set[str], erased: set[str]
) -> Iterator[tuple[int, str, str]]:
    """Of a row that occurs twice in the file, the first is recorded."""
    left = set(fresh)
    for (number, each), key in zip(found, keys, strict=True):
        if isinstance(each, str):
            yield number, REFUSED, each
        elif key in erased:
            yield number, REFUSED, str(ledger.WasErased())
        elif key in left:
            left.discard(key)
            is_claim = each.event == Event.Kind.CLAIM
            yield number, RECORDED, UNPROVEN if is_claim else ""
        elif key + imports.CLAIMED in left:
            left.discard(key + imports.CLAIMED)
            yield number, RECORDED, STOPPED
        else:
            yield number, KNOWN, ""


def _count(row: Import, results: list[str], length: int) -> None:
    row.rows += len(results)
    row.recorded += results.count(RECORDED)
    row.refused += results.count(REFUSED)
    row.known += results.count(KNOWN)
    row.results_bytes = length
    row.save(update_fields=["rows", "recorded", "refused", "known", "results_bytes"])


def _claim(row: Import) -> None:
    """Nobody else has moved the position since we did; the ledger's lock is held."""
    if not Import.objects.filter(pk=row.pk, rows=row.rows, finished_at=None).exists():
        raise UnderWay


def _key(each: Ready, digest: str) -> str:
    """The same fact has the same key in every file; an undated one belongs to its
    file."""
    when = each.occurred_at.isoformat() if each.occurred_at else digest
    parts = (each.kind, each.value, each.event, each.channel, each.organization, when)
    secret = next(iter(marks.keys().values()))
    said = "\x1f".join(parts).encode()
    return (
        "import:" + hashlib.blake2b(said, key=secret[:64], digest_size=16).hexdigest()
    )
