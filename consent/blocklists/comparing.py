"""Compares a carrier's block list with the ledger, in both directions.

Whoever the carrier blocks and we did not know becomes an opt-out, with the carrier as
its route. Whoever we stopped and the carrier does not block is listed for a person to
look at.
"""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from django.db import transaction

from consent import transfer
from consent.carriers import CARRIERS
from consent.models import BlockList, Event, Import
from consent.sql import blocklists
from consent.transfer import importing
from consent.transfer.results import Results
from privacy import audit
from privacy.refusals import Refusal

COUNTS = ("listed", "recorded", "missing", "consented")


class UnknownCarrier(Refusal):
    """The carrier is one of twilio, telnyx, bandwidth, vonage, plivo, sinch,
    messagebird, aws and standard."""


class OnlyOptOuts(Refusal):
    """A block list contains only opt-outs."""


class Difference(NamedTuple):
    """One number on which the carrier and the ledger differ, and why."""

    identifier: int
    since: dt.datetime
    event: int
    organization: str
    before: dt.datetime | None  # when it was first seen on the carrier's list

    def why_missing(self, carrier: str) -> str:
        stopped = (
            f"Opted out here on {self.since:%-d %B %Y}; {carrier} does not block it."
        )
        if self.before is None:
            return stopped
        return (
            f"{stopped} It was on the list of {self.before:%-d %B %Y}, so the person "
            f"may have sent START to {carrier}; that is not recorded as consent here."
        )

    def why_blocked(self, carrier: str) -> str:
        return (
            f"{carrier} blocks it, and the person consented here on "
            f"{self.since:%-d %B %Y}. Only a START by text lifts the carrier's block."
        )


def take(
    *,
    carrier: str,
    path: Path,
    results: Path,
    options: transfer.Options,
    by: str,
    clock: Callable[[], dt.datetime],
    progress: Callable[[Import], None] = lambda _: None,
) -> BlockList:
    """Imports the list, then compares. The same list again changes nothing; after a
    crash it continues."""
    row = take_in(
        carrier=carrier,
        path=path,
        results=results,
        options=options,
        by=by,
        clock=clock,
        progress=progress,
    )
    return compare(row, carrier, by=by, now=clock())


def take_in(
    *,
    carrier: str,
    path: Path,
    results: Path | Results,
    options: transfer.Options,
    by: str,
    clock: Callable[[], dt.datetime],
    progress: Callable[[Import], None],
) -> Import:
    """Imports the list; whatever is new in it is recorded."""
    refuse_nonsense(carrier, options)
    return transfer.take_in(
        path=path,
        results=results,
        options=options,
        by=by,
        clock=clock,
        progress=progress,
        blocks=importing.Blocks(carrier, _previous(carrier, options.organization)),
    )


def refuse_nonsense(carrier: str, options: transfer.Options) -> None:
    if carrier not in CARRIERS:
        raise UnknownCarrier
    if options.kind != Event.Kind.OPT_OUT:
        raise OnlyOptOuts


def _previous(carrier: str, organization: str) -> int:
    """The last import of that list, whose numbers are not new; 0 for the first."""
    lists = BlockList.objects.filter(
        carrier=carrier, taken__options__organization=organization
    )
    return lists.order_by("-pk").values_list("taken_id", flat=True).first() or 0


def compare(row: Import, carrier: str, *, by: str, now: dt.datetime) -> BlockList:
    """Once for each list that was imported."""
    if found := BlockList.objects.filter(taken=row).first():
        return found
    with transaction.atomic():
        listed, missing, consented = blocklists.counts(values_of(row, carrier))
        counts: dict[str, Any] = {
            "carrier": carrier,
            "listed": listed,
            "recorded": row.recorded,
            "consented": consented,
            "missing": missing,
        }
        made = BlockList.objects.create(
            taken=row, compared_at=now, compared_by=by, **counts
        )
        audit.record(
            action="blocklist.compared",
            subject=f"blocklist:{made.pk}",
            by=by,
            now=now,
            **counts,
        )
    return made


def values_of(row: Import, carrier: str) -> dict[str, object]:
    organization = row.options["organization"]
    return {"carrier": carrier, "import": row.pk, "organization": organization}


def missing(found: BlockList, *, most: int, after: int = 0) -> list[Difference]:
    """People whom we stopped and the carrier does not block, as of now."""
    return _differences(blocklists.missing, found, most, after)


def consented(found: BlockList, *, most: int, after: int = 0) -> list[Difference]:
    """People whom the carrier blocks although they have consented here since."""
    return _differences(blocklists.consented, found, most, after)


def _differences(
    query: Callable[[dict[str, object]], list[blocklists.Row]],
    found: BlockList,
    most: int,
    after: int,
) -> list[Difference]:
    values = values_of(found.taken, found.carrier)
    rows = query({**values, "most": most, "after": after})
    return [Difference(*row) for row in rows]


def last(carrier: str) -> BlockList | None:
    return BlockList.objects.filter(carrier=carrier).order_by("-pk").first()


def words(found: BlockList) -> str:
    return (
        f"Numbers on the list of {found.carrier}: {found.listed:,}; news among them, "
        f"which are opt-outs now: {found.recorded:,}; with a later consent here: "
        f"{found.consented:,}. Opt-outs of ours that are not on it: {found.missing:,}."
    )


def facts(found: BlockList, *, most: int) -> dict[str, Any]:
    """As plain data, without the numbers."""
    differences = [
        ("not_blocked", each, each.why_missing(found.carrier))
        for each in missing(found, most=most)
    ]
    differences += [
        ("consented", each, each.why_blocked(found.carrier))
        for each in consented(found, most=most)
    ]
    return {
        "carrier": found.carrier,
        "compared_at": found.compared_at,
        **{name: getattr(found, name) for name in COUNTS},
        "differences": [
            {
                "difference": kind,
                "event": each.event,
                "organization": each.organization,
                "since": each.since,
                "why": why,
            }
            for kind, each, why in differences
        ],
    }
