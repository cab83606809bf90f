"""Where everyone stands, as a file for a recipient whose contract covers it.

It contains numbers in clear, so the disclosure gate is asked, and the disclosure is
recorded before the first row is read. Whoever gets it writes to people by it: a consent
is in it only where the check says yes, and opt-outs of a sender include those from all.
"""

import csv
import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import QuerySet

from consent import check, expiry, scopes
from consent.models import Channel, Listing, Standing
from consent.telling import CATEGORIES
from consent.transfer.results import CannotWrite
from privacy import audit, identifiers, spreadsheets
from privacy.identifiers import AlreadyErased, Mark
from privacy.models import Disclosure, Identifier
from privacy.providers import gate
from privacy.providers.grounds import Ground
from privacy.refusals import Refusal

HEAD = (
    "address",
    "channel",
    "organization",
    "kind",
    "occurred_at",
    "renewed_at",
    "part",
)
# What opt-outs may be used for (47 CFR 64.1200(c)(2); 4 CCR 904-3 R. 6.11(F)).
TO_COMPLY = ("compliance", "legal", "protect")
CHUNK = 5000
REQUESTED = Listing.List.REQUESTED
WHO = [*Standing.State.choices, (REQUESTED.value, REQUESTED.label)]
NEVER = (Standing.State.OPTED_OUT, REQUESTED)  # who wants no more
Row = Standing | Listing


class OnlyToComply(Refusal):
    """Opt-outs are shared with others only so that they stop too: export the list for
    the purpose compliance."""


class Which(NamedTuple):
    """Which people, one of `WHO`: every channel and every sender unless given. With
    `within`, whose consent ends within so many days unless they renew it."""

    state: str = Standing.State.OPTED_OUT
    channel: str = ""
    organization: str | None = None
    within: int = 0


class Page(NamedTuple):
    """`after` is what to ask the next page with; None after the last."""

    rows: list[dict[str, str]]
    after: int | None


def export(
    *,
    target: Path,
    ground: Ground,
    reason: str,
    by: str,
    now: dt.datetime,
    channel: str = "",
    organization: str | None = None,
    state: str = Standing.State.OPTED_OUT,
    within: int = 0,
    progress: Callable[[int], None] = lambda _: None,
) -> int:
    """Returns how many rows were written. Erased people have nothing left to write;
    those who forbade the purpose are left out. Raises `OnlyToComply` for opt-outs,
    before anything leaves."""
    which = Which(state, channel, organization, within)
    let_go(ground, which, reason=reason, by=by, now=now)
    return _written(target, lines_of(ground.purpose, which, now), progress)


def page(
    *,
    ground: Ground,
    which: Which,
    reason: str,
    by: str,
    now: dt.datetime,
    after: int = 0,
) -> Page:
    """The next rows, with the names of the file's columns; each page is a
    disclosure."""
    with transaction.atomic():
        found = rows_after(ground.purpose, which, after, now)
        _let_go(ground, which, reason=reason, people=len(found), by=by, now=now)
    told = [dict(zip(HEAD, line, strict=True)) for line in lines(found, now)]
    return Page(told, found[-1].pk if len(found) == CHUNK else None)


def rows_after(purpose: str, which: Which, after: int, now: dt.datetime) -> list[Row]:
    """The next rows of the list, in the order of their keys."""
    rows = _rows(purpose, which, now).filter(pk__gt=after).order_by("pk")
    return list(rows.select_related("identifier")[:CHUNK])


# --- past the gate, whose entry comes before the first row; or not at all -----------
def refuse(ground: Ground, which: Which, *, reason: str, now: dt.datetime) -> None:
    """Raises what the gate would raise."""
    if which.state in NEVER and ground.purpose not in TO_COMPLY:
        raise OnlyToComply
    gate.refuse(_transfer(ground), reason=reason, now=now)


def let_go(
    ground: Ground, which: Which, *, reason: str, by: str, now: dt.datetime
) -> Disclosure:
    """Records the disclosure of the whole list."""
    with transaction.atomic():
        count = _rows(ground.purpose, which, now).count()
        return _let_go(ground, which, reason=reason, people=count, by=by, now=now)


def _transfer(ground: Ground) -> gate.Transfer:
    return gate.Transfer(fields=CATEGORIES, **ground._asdict())


def _let_go(
    ground: Ground, which: Which, *, reason: str, people: int, by: str, now: dt.datetime
) -> Disclosure:
    refuse(ground, which, reason=reason, now=now)
    entry = gate.disclose(
        _transfer(ground),
        what="List of consent",
        reason=reason,
        people=people,
        by=by,
        now=now,
    )
    audit.record(
        action="consent.exported",
        subject="list",
        by=by,
        now=now,
        disclosure=entry.pk,
        rows=people,
        **which._asdict(),
    )
    return entry


def _written(
    target: Path, found: Iterator[tuple[str, ...]], progress: Callable[[int], None]
) -> int:
    written = 0
    try:
        with target.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(HEAD)
            for line in found:
                writer.writerow(line)
                written += 1
                if written % CHUNK == 0:
                    progress(written)
    except OSError:
        raise CannotWrite from None
    return written


def lines_of(purpose: str, which: Which, now: dt.datetime) -> Iterator[tuple[str, ...]]:
    """The whole list, some thousand rows in memory at once."""
    after = 0
    while found := rows_after(purpose, which, after, now):
        yield from lines(found, now)
        after = found[-1].pk


def lines(rows: Sequence[Row], now: dt.datetime) -> Iterator[tuple[str, ...]]:
    told = list(_opened(rows))
    believed = _believed(told, now)
    for row, mark in told:
        if not _is_consent(row) or row.pk in believed:
            yield spreadsheets.cell(mark.value), *map(spreadsheets.cell, _facts(row))


def _is_consent(row: Row) -> bool:
    return isinstance(row, Standing) and row.state == Standing.State.OPTED_IN


def _opened(rows: Sequence[Row]) -> Iterator[tuple[Row, Mark]]:
    for row in rows:
        try:
            mark = identifiers.value(row.identifier)
        except AlreadyErased:
            continue  # erased while we read
        yield row, mark


def _believed(told: Sequence[tuple[Row, Mark]], now: dt.datetime) -> set[int]:
    """The consents that the check believes: a STOP to every sender, a list, a hold or
    time stands elsewhere than in their row."""
    alike: dict[tuple[str, str, str], list[tuple[int, Mark]]] = defaultdict(list)
    for row, mark in told:
        if isinstance(row, Standing) and _is_consent(row) and row.channel in check.ALL:
            place = row.channel, row.organization, mark.kind
            alike[place].append((row.pk, mark))
    return {
        pk
        for (channel, organization, _), those in alike.items()
        for (pk, _), found in zip(
            those,
            check.may_contact_each(
                [mark for _, mark in those],
                channel=channel,
                organization=organization,
                now=now,
            ),
            strict=True,
        )
        if found.reason == "opted_in"
    }


def _rows(purpose: str, which: Which, now: dt.datetime) -> QuerySet[Any]:
    if which.state == REQUESTED:
        return _requests(purpose, which, now)
    rows = Standing.objects.filter(state=which.state, identifier__erased_at=None)
    if which.within:
        rows = rows.filter(expiry.soon(days=which.within, now=now))
    rows = rows.exclude(part=scopes.EXEMPTED)  # says nothing that the whole does not
    if which.state != Standing.State.OPTED_OUT:  # consent to a part is not to all
        rows = rows.filter(part=scopes.WHOLE)
    rows = rows.exclude(identifier__in=gate.barred(purpose))
    rows = rows.filter(channel=which.channel) if which.channel else rows
    if which.organization is None:
        return rows
    if which.state == Standing.State.OPTED_OUT:  # from every sender is from this one
        return rows.filter(organization__in=("", which.organization))
    return rows.filter(organization=which.organization)


def _requests(purpose: str, which: Which, now: dt.datetime) -> QuerySet[Listing]:
    """To be left alone, which goes for every sender."""
    rows = Listing.objects.filter(
        list=REQUESTED, ended_by=None, ends_at__gt=now, identifier__erased_at=None
    )
    rows = rows.exclude(identifier__in=gate.barred(purpose))
    if not which.channel:
        return rows
    is_mail = which.channel == Channel.EMAIL
    kind = Identifier.Kind.EMAIL if is_mail else Identifier.Kind.PHONE
    return rows.filter(identifier__kind=kind)


def _facts(row: Row) -> tuple[str, ...]:
    """Who asked to be left alone opted out of marketing, by every channel."""
    if isinstance(row, Listing):
        asked = row.listed_at.isoformat()
        return "", "", Standing.State.OPTED_OUT, asked, asked, scopes.MARKETING
    times = (row.since.isoformat(), row.renewed_at.isoformat())
    return (row.channel, row.organization, row.state, *times, row.part)
