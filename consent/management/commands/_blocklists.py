"""Verbs of the consent command about carriers' block lists."""

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from consent import blocklists, transfer
from consent.carriers import CARRIERS
from consent.models import BlockList, Event
from privacy.management.base import PortalCommand

SHOWN = 100


def arguments(verbs: Any) -> None:
    take = verbs.add_parser("blocklist", help="compare a carrier's block list")
    take.add_argument("carrier", choices=CARRIERS)
    take.add_argument(
        "file", type=Path, nargs="?", help="without it: show the last comparison again"
    )
    take.add_argument("--results", type=Path, help="default: FILE.results.csv")
    take.add_argument("--organization", default="", help="default: every sender")
    _reading(take)
    push = verbs.add_parser(
        "blocklist-push", help="write the numbers a carrier should block"
    )
    push.add_argument("carrier", choices=CARRIERS)
    push.add_argument("file", type=Path, metavar="OUT")
    push.add_argument("--to", default="", metavar="RECIPIENT", dest="recipient")
    push.add_argument("--purpose", default="compliance")
    push.add_argument("--reason", required=True)


def _reading(take: argparse.ArgumentParser) -> None:
    take.add_argument("--columns", default="", metavar="phone=NAME,occurred_at=3")
    take.add_argument("--timezone", default="UTC")
    take.add_argument("--day-first", action="store_true")


def do_blocklist(command: PortalCommand, options: dict[str, Any]) -> None:
    path: Path | None = options["file"]
    if path is None:
        command.require("consent.view_blocklist")
        found = _last(options["carrier"])
    else:
        command.require("consent.add_event")
        found = blocklists.take(
            carrier=options["carrier"],
            path=path,
            results=options["results"] or path.with_name(f"{path.name}.results.csv"),
            options=transfer.Options(
                kind=Event.Kind.OPT_OUT,
                organization=options["organization"],
                columns=options["columns"],
                timezone=options["timezone"],
                day_first=options["day_first"],
            ),
            by=command.by,
            clock=timezone.now,
        )
    command.answer(blocklists.words(found), blocklists.facts(found, most=SHOWN))


def do_push(command: PortalCommand, options: dict[str, Any]) -> None:
    command.require("privacy.reveal_identifier")
    written = blocklists.push(
        found=_last(options["carrier"]),
        target=options["file"],
        ground=transfer.Ground(options["recipient"], options["purpose"]),
        reason=options["reason"],
        by=command.by,
        now=timezone.now(),
    )
    command.answer(f"{written:,} numbers written.", {"rows": written})


def _last(carrier: str) -> BlockList:
    found = blocklists.last(carrier)
    if found is None:
        raise CommandError(f"No block list of {carrier} was taken yet.")
    return found
