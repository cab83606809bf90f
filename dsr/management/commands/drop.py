"""Lists of California's deletion platform: when the next is due, and taking one."""

import datetime as dt
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from dsr import drop
from privacy import identifiers
from privacy.management.base import PortalCommand, instant, subcommands


class Command(PortalCommand):
    help = "Lists of California's deletion platform, for data brokers."

    def arguments(self, parser: CommandParser) -> None:
        verbs = subcommands(parser)
        verbs.add_parser("due", help="the last day for the next fetch")
        take = verbs.add_parser(
            "take", help="numbers and addresses that match, one a line"
        )
        take.add_argument("file", type=Path)
        take.add_argument("--fetched", required=True, type=instant, metavar="ISO")

    def run(self, verb: str, **options: Any) -> None:
        if verb == "take":
            self.take(options["file"], options["fetched"])
            return
        self.require("dsr.view_ticket")
        due = drop.due(now=timezone.now())
        words = f"To be fetched by {due}." if due else "Nothing is due: no data broker."
        self.answer(words, {"due": due})

    def take(self, file: Path, fetched: dt.datetime) -> None:
        self.require("dsr.add_ticket")
        try:
            lines = file.read_text().split()
        except (OSError, UnicodeDecodeError):
            raise CommandError(f"{file} can't be read.") from None
        marks = [identifiers.understand(line) for line in lines]
        made = drop.take(
            marks=marks, fetched_at=fetched, by=self.by, now=timezone.now()
        )
        facts = {"numbers": made.numbers, "alone": made.alone, "shared": made.shared}
        words = (
            f"{made.numbers} taken: {made.alone} of one person each, to be erased; "
            f"{made.shared} shared by several, opted out of sale; we hold "
            f"nothing about the others."
        )
        self.answer(words, facts)
