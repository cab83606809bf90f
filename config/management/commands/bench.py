"""The benchmarks: the portal beside the bare statement, in one run."""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from tests.benchmarks import desk, lookups, proof, requests, sweeps, transfer, webhooks
from tests.benchmarks.ground import Result

PARTS = {
    "sweeps": sweeps.run,
    "lookups": lookups.run,
    "transfer": transfer.run,
    "webhooks": webhooks.run,
    "proof": proof.run,
    "requests": requests.run,
    "alone": requests.alone,
    "desk": desk.run,
}
HEAD = f"{'what':<30}{'rows':>11}{'bare s':>10}{'ours s':>10}{'ratio':>7}  {'bar':>5}"


class Command(BaseCommand):
    help = "Print the ratios of the product to the bare statements; build/bench.json."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--rows", type=int, default=1_000_000)
        parser.add_argument("--rounds", type=int, default=3)
        parser.add_argument("--only", choices=PARTS, help="one part of it")

    def handle(
        self, *, rows: int, rounds: int, only: str | None = None, **_: Any
    ) -> None:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # servers of ours end too
        one, five, fifteen = os.getloadavg()
        self.stdout.write(
            f"{os.cpu_count()} cores, load {one:.1f} {five:.1f} {fifteen:.1f}"
        )
        self.stdout.write(HEAD)
        parts = [PARTS[only]] if only else PARTS.values()
        results = [self.show(found) for run in parts for found in run(rows, rounds)]
        path = Path(settings.BASE_DIR) / "build" / "bench.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps([found.said() for found in results], indent=2))
        self.stdout.write(f"written to {path.relative_to(settings.BASE_DIR)}")

    def show(self, found: Result) -> Result:
        spread = f"({found.worst} … {found.best})"
        longest = found.longest_transaction
        self.stdout.write(
            f"{found.name:<30}{found.rows:>11,}{found.bare_seconds:>10}"
            f"{found.product_seconds:>10}{found.ratio:>7}  ≥{found.bar:>4} {spread} "
            f"{'' if found.passed else 'BELOW ITS BAR '}"
            f"{f'longest transaction {longest} s ' if longest else ''}{found.remark}"
        )
        return found
