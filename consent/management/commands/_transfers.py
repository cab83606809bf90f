"""Verbs of the consent command that read and write lists."""

import argparse
import sys
from pathlib import Path
from typing import Any

from django.utils import timezone

from consent import check, transfer
from consent.check.consents import ALLOWING
from consent.models import Channel, Dealing, Event, Import, Program, Standing
from consent.transfer import importing
from privacy.management.base import PortalCommand
from privacy.refusals import Refusal


class SameFile(Refusal):
    """The result can't be written over the list; name another file."""


def arguments(verbs: Any) -> None:
    """The sub-parsers of import, export and scrub."""
    take = verbs.add_parser("import", help="import a list of opt-outs or opt-ins")
    take.add_argument("file", type=Path)
    take.add_argument("--results", type=Path, help="default: FILE.results.csv")
    take.add_argument(
        "--kind", default="", choices=["", Event.Kind.OPT_OUT, Event.Kind.OPT_IN]
    )
    take.add_argument("--channel", default=Channel.SMS, choices=Channel)
    take.add_argument("--organization", default="", help="default: every sender")
    take.add_argument("--source", default="providers", choices=Event.Source)
    _listing_arguments(take)
    _reading_arguments(take)
    _proof_arguments(take)
    _export_arguments(
        verbs.add_parser("export", help="write consent states to a file, unmasked")
    )
    clean = verbs.add_parser(
        "scrub", help="keep in a list only people who may be contacted"
    )
    clean.add_argument("file", type=Path, metavar="IN")
    clean.add_argument("out", type=Path, metavar="OUT")
    clean.add_argument("--channel", required=True, choices=check.ALL)
    clean.add_argument("--organization", default="")
    clean.add_argument(
        "--purpose",
        default=Program.Purpose.MARKETING,
        choices=Program.Purpose,
        help="“service” leaves in who did not consent, must not be called or waits for "
        "review",
    )
    clean.add_argument("--columns", default="", metavar="phone=NAME")
    clean.add_argument(
        "--removed", type=Path, help="write the removed rows here, with reasons"
    )


def _listing_arguments(take: argparse.ArgumentParser) -> None:
    take.add_argument(
        "--listing",
        default="",
        choices=["", *importing.LISTS],
        help="numbers that must not be called, onto this list",
    )
    take.add_argument(
        "--whole",
        default="",
        metavar="NAME",
        help="the file is a complete copy of that registry: numbers missing from "
        "it come off the list",
    )
    take.add_argument(
        "--dealing",
        default="",
        choices=["", *Dealing.Kind],
        help="purchases or inquiries, which imply consent; for rows that do not "
        "say which",
    )
    take.add_argument(
        "--country", default="", help="for e-mail addresses in such a list: CA"
    )


def _reading_arguments(take: argparse.ArgumentParser) -> None:
    """How to read a list that does not show it itself."""
    take.add_argument(
        "--columns",
        default="",
        metavar="phone=NAME,occurred_at=3",
        help="what each column is, by name or by position from 1",
    )
    take.add_argument(
        "--timezone",
        default="UTC",
        help="time zone for times that have none: America/New_York",
    )
    take.add_argument("--day-first", action="store_true", help="1/3/2026 means 1 March")
    take.add_argument(
        "--received",
        default="",
        metavar="DATE",
        help="when we received the list; its opt-outs must be obeyed in time from "
        "then; default: today",
    )


def _proof_arguments(take: argparse.ArgumentParser) -> None:
    """Without both, an opt-in is stored as unproven and is not consent."""
    take.add_argument("--wording", default="", help="wording shown at opt-in")
    take.add_argument(
        "--page", default="", help="the page, form or document it was shown on"
    )


def _export_arguments(give: argparse.ArgumentParser) -> None:
    give.add_argument("file", type=Path)
    give.add_argument(
        "--to",
        default="",
        metavar="RECIPIENT",
        dest="recipient",
        help="a name from the list of recipients, with a contract on file",
    )
    give.add_argument(
        "--process",
        default="",
        metavar="REFERENCE",
        help="or the reference of a legal process",
    )
    give.add_argument(
        "--purpose", default="compliance", help="of the policy; default: compliance"
    )
    give.add_argument("--reason", required=True)
    give.add_argument("--channel", default="", choices=["", *Channel])
    give.add_argument("--organization", help="default: all of them")
    give.add_argument("--state", default="opt_out", choices=dict(transfer.WHO))
    give.add_argument(
        "--ends-within",
        type=int,
        default=0,
        metavar="DAYS",
        help="of the consents, those that end within so many days unless they are "
        "renewed",
    )


def do_import(command: PortalCommand, options: dict[str, Any]) -> None:
    command.require("consent.add_event")
    path: Path = options["file"]
    results = options["results"] or path.with_name(f"{path.name}.results.csv")
    _refuse_same(path, results)
    row = transfer.take_in(
        path=path,
        results=results,
        options=transfer.Options(
            options["kind"],
            options["channel"],
            options["organization"],
            options["source"],
            options["columns"],
            options["timezone"],
            options["day_first"],
            options["wording"],
            options["page"],
            options["listing"],
            options["whole"],
            options["dealing"],
            options["country"],
            options["received"],
        ),
        by=command.by,
        clock=timezone.now,
        progress=lambda row: _show(command, row.rows),
    )
    words = (
        f"{row.rows:,} rows: {row.recorded:,} recorded, {row.known:,} known already, "
        f"{row.refused:,} refused. Result for each row: {results.name}"
    )
    command.answer(words, _counts(row, results))


def _counts(row: Import, results: Path) -> dict[str, Any]:
    names = ("rows", "recorded", "known", "refused")
    counts = {name: getattr(row, name) for name in names}
    return {"import": row.pk, **counts, "results": str(results)}


def do_export(command: PortalCommand, options: dict[str, Any]) -> None:
    command.require("privacy.reveal_identifier")
    written = transfer.export(
        target=options["file"],
        ground=transfer.Ground(
            options["recipient"], options["purpose"], options["process"]
        ),
        reason=options["reason"],
        channel=options["channel"],
        organization=options["organization"],
        state=Standing.State.OPTED_IN if options["ends_within"] else options["state"],
        within=options["ends_within"],
        by=command.by,
        now=timezone.now(),
        progress=lambda rows: _show(command, rows),
    )
    command.answer(f"{written:,} rows written.", {"rows": written})


def do_scrub(command: PortalCommand, options: dict[str, Any]) -> None:
    command.require("consent.view_standing")
    _refuse_same(options["file"], options["out"])
    counts = transfer.scrub(
        source=options["file"],
        target=options["out"],
        channel=options["channel"],
        organization=options["organization"],
        purpose=options["purpose"],
        removed=options["removed"],
        declared=options["columns"],
        by=command.by,
        now=timezone.now(),
        progress=lambda rows: _show(command, rows),
    )
    kept = sum(counts[reason] for reason in ALLOWING)
    removed = counts.total() - kept
    each = ", ".join(f"{reason} {count:,}" for reason, count in sorted(counts.items()))
    words = f"{kept:,} rows kept, {removed:,} removed ({each or 'none'})."
    command.answer(words, {"kept": kept, "removed": removed, "reasons": dict(counts)})


def _refuse_same(source: Path, target: Path) -> None:
    if source.resolve() == target.resolve():
        raise SameFile


def _show(command: PortalCommand, rows: int) -> None:
    """Shows progress on a terminal."""
    if sys.stderr.isatty():
        command.stderr.write(f"\r{rows:,} rows", ending="")
