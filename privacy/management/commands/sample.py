"""The sample platform: a database of invented people to try the portal on."""

import argparse
import dataclasses
import datetime as dt
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from privacy.management.base import PortalCommand, subcommands
from privacy.sample import Summary, loading


class Command(PortalCommand):
    help = "Load the sample platform."
    permission = "privacy.add_store"

    def arguments(self, parser: CommandParser) -> None:
        load = subcommands(parser).add_parser("load", help="make and connect it, once")
        load.add_argument("--scale", type=float, default=1.0, help="1 is 10,000 leads")
        load.add_argument("--seed", type=int, default=1, help="same seed, same rows")
        load.add_argument("--now", type=instant, metavar="ISO", help="as of this time")

    def run(self, **options: Any) -> None:
        summary = loading.load(
            scale=options["scale"],
            seed=options["seed"],
            by=self.by,
            now=options["now"] or timezone.now(),
        )
        if summary is None:
            words, done = "The sample platform is already loaded.", {"loaded": False}
        else:
            words, done = in_words(summary), in_full(summary)
        self.answer(words, done)


def instant(text: str) -> dt.datetime:
    """A time with its offset; without one it could not be compared."""
    try:
        read = dt.datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is not a time (ISO 8601).") from None
    if read.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text} lacks its offset, such as Z.")
    return read


def in_words(summary: Summary) -> str:
    planted = "\n".join(
        f"{each.table} {each.key}: {each.sentence}" for each in summary.planted
    )
    return (
        f"Loaded the sample platform: {summary.rows:,} rows in "
        f"{len(summary.tables)} tables, {summary.recordings} recordings, "
        f"in {summary.seconds:.1f} s. Planted in it:\n{planted}"
    )


def in_full(summary: Summary) -> dict[str, Any]:
    made = dataclasses.asdict(summary)
    return {"loaded": True, "rows": summary.rows, **made}
