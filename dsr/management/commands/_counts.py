"""Verbs of `dsr` about a year: its counts, and its register."""

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from dsr import deadlines, metrics
from dsr import register as words
from privacy.management import listing
from privacy.management.base import PortalCommand

HEAD = (
    "law", "kind", "received", "whole", "part", "nothing", "denied", "withdrawn",
    "open", "late", "median days", "mean days",
)  # fmt: skip


def arguments(verbs: Any) -> None:
    counts = verbs.add_parser("counts", help="what was asked, and how it ended")
    register = verbs.add_parser("register", help="the list that must be kept, as CSV")
    for each in (counts, register):
        each.add_argument("--year", type=int, help="default: this one")
    register.add_argument("--to", default="", help="a recipient with a contract")
    register.add_argument("--process", default="", help="or a legal process on file")
    register.add_argument("--purpose", default="compliance", help="of the policy")
    register.add_argument("--for", required=True, dest="reason", help="it is recorded")
    register.add_argument("--out", required=True, metavar="FILE")


def counts(command: PortalCommand, options: dict[str, Any], now: dt.datetime) -> None:
    command.require("dsr.view_ticket")
    lines = metrics.counts(year=_year(options, now), now=now)
    rows = [[_shown(line, name) for name in metrics.COLUMNS] for line in lines]
    table = listing.lines(HEAD, [row[:3] + row[4:13] for row in rows])
    answer = [dict(zip(metrics.COLUMNS, row, strict=True)) for row in rows]
    command.answer("\n".join(table) or "Nobody asked for anything.", answer)


def register(command: PortalCommand, options: dict[str, Any], now: dt.datetime) -> None:
    command.require("dsr.export_register")
    lines = words.export(
        year=_year(options, now),
        ground=words.Ground(options["to"], options["purpose"], options["process"]),
        reason=options["reason"],
        by=command.by,
        now=now,
    )
    number = _written(Path(options["out"]), lines) - 1
    done = f"Wrote {number} requests to {options['out']}."
    command.answer(done, {"file": options["out"], "requests": number})


def _written(path: Path, lines: Iterable[str]) -> int:
    try:
        with path.open("w", newline="") as file:
            return sum(file.write(line) and line.count("\n") for line in lines)
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}.") from None


def _year(options: dict[str, Any], now: dt.datetime) -> int:
    return int(options["year"] or deadlines.day_of(now).year)


def _shown(line: metrics.Line, name: str) -> Any:
    value = getattr(line, name)
    return "" if value is None else value
