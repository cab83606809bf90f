"""The audit trail."""

import contextlib
import itertools
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from privacy import audit, signing
from privacy.management.base import PortalCommand, subcommands


class Command(PortalCommand):
    help = "Verify the audit trail; export it for tools/verify_audit.py."
    permission = "privacy.view_auditevent"

    def arguments(self, parser: CommandParser) -> None:
        verbs = subcommands(parser)
        verify = verbs.add_parser("verify", help="exit 1 if a row is wrong")
        verify.add_argument(
            "--export",
            type=Path,
            metavar="FILE",
            help="compare FILE, an earlier export, with the trail; then write it again",
        )
        export = verbs.add_parser("export", help="as JSON lines, or signed as a pack")
        export.add_argument("file", type=Path, metavar="FILE.jsonl|FILE.zip")

    def run(self, *args: Any, **options: Any) -> None:
        if options["verb"] == "export":
            count = _write(options["file"])
            words = f"{count} rows are in {options['file']}."
            self.answer(words, {"rows": count, "file": str(options["file"])})
            return
        count = audit.verify()
        if options["export"]:
            _compare(options["export"])
            _write(options["export"])
        ended = audit.ended()
        lines = [f"The trail is whole: {count} rows."]
        lines += [
            f"{each['month']} of the consent ledger ended on {each['at']}: "
            f"{each['gone']} events went, {each['kept']} were carried on."
            for each in ended
        ]
        self.answer("\n".join(lines), {"rows": count, "whole": True, "ended": ended})


def _compare(file: Path) -> None:
    """A file that exists must be the beginning of this trail, or it is left as it
    is."""
    if not file.exists():
        return
    try:
        with _exported(file) as lines:
            for number, (line, row) in enumerate(
                itertools.zip_longest(lines, audit.export_lines()), 1
            ):
                if line is None:
                    return
                if line.decode(errors="replace").rstrip("\n") != row:
                    raise CommandError(
                        f"Row {number} of {file} differs from this trail; the file was "
                        "not changed."
                    )
    except (OSError, KeyError, zipfile.BadZipFile):
        raise CommandError(
            f"{file} is not an export of the trail; it was not changed."
        ) from None


@contextlib.contextmanager
def _exported(file: Path) -> Iterator[IO[bytes]]:
    with contextlib.ExitStack() as stack:
        if file.suffix != ".zip":
            yield stack.enter_context(file.open("rb"))
            return
        pack = stack.enter_context(zipfile.ZipFile(file))
        yield stack.enter_context(pack.open("trail.jsonl"))


def _write(file: Path) -> int:
    """A pack is signed together with its last row's number, so that a cut is
    noticed."""
    rows = 0
    try:
        if file.suffix == ".zip":
            with file.open("wb") as pack:
                return signing.pack_trail(pack, now=timezone.now())
        with file.open("w", encoding="utf-8") as out:
            for line in audit.export_lines():
                out.write(line + "\n")
                rows += 1
    except OSError as error:
        raise CommandError(f"{file} can't be written: {error.strerror}.") from None
    return rows
