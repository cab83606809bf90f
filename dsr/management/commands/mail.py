"""Mails to the privacy address: taken in from a mailbox or files, and decided."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from dsr import mailbox, tasks
from dsr.mailbox import Taken, letter, polling
from dsr.management.commands import _queue
from privacy.management.base import PortalCommand, subcommands
from privacy.refusals import Refusal


class Unopened(Refusal):
    """The file can't be read."""


class Command(PortalCommand):
    help = "Take in mails to the privacy address, see which wait, and decide on them."

    def arguments(self, parser: CommandParser) -> None:
        verbs = subcommands(parser)
        verbs.add_parser(
            "poll", help="take in new mails from the mailbox (MAILBOX_URL)"
        )
        ingest = verbs.add_parser("ingest", help="take in mail files, each once")
        ingest.add_argument("files", nargs="+", metavar="FILE.eml", type=Path)
        ingest.add_argument(
            "--dry-run",
            action="store_true",
            help="only say what would happen; change nothing",
        )
        verbs.add_parser("queue", help="the mails that wait for a person")
        for name, (words, options) in _queue.VERBS.items():
            one = verbs.add_parser(name, help=words)
            one.add_argument("number", help="as mail queue shows it")
            for option, facts in options.items():
                one.add_argument(option, **facts)

    def run(self, verb: str, **options: Any) -> None:
        self.require("dsr.settle_mail")
        if verb == "poll":
            self.poll()
        elif verb == "queue":
            self.answer(*_queue.waiting(timezone.now()))
            return
        elif verb in _queue.ACTS:
            self.act(verb, **options)
        else:
            self.take(options["files"], is_dry=options["dry_run"])
        if not options.get("dry_run"):
            transaction.on_commit(lambda: tasks.acknowledge.delay(), robust=True)

    def poll(self) -> None:
        taken = polling.poll(now=timezone.now())
        self.answer(f"New mails taken: {taken}.", {"taken": taken})

    def act(self, verb: str, *, number: str, **options: Any) -> None:
        """One step with one mail of the queue, which you have read (`show`)."""
        if verb == "hold":
            self.require("privacy.add_hold")
        mail, who = _queue.find(number), {"by": self.by, "now": timezone.now()}
        names = [name.lstrip("-") for name in _queue.VERBS[verb][1]]
        said = {name: options[name] for name in names}
        self.answer(*_queue.ACTS[verb](mail, **said, **who))

    def take(self, files: list[Path], *, is_dry: bool) -> None:
        self.names: dict[int, str] = {}
        if is_dry:
            with transaction.atomic():
                said = self.ingested(files)
                transaction.set_rollback(True)
        else:
            said = self.ingested(files)
        bad = [f"{each['file']}: {each['error']}" for each in said if "error" in each]
        if bad and len(files) == 1:
            raise CommandError(bad[0])
        head = ["Nothing was changed."] if is_dry else []
        self.answer("\n".join([*head, *map(_in_words, said)]), said)
        for sentence in bad:
            self.stderr.write(sentence)
        if bad:
            raise SystemExit(1)

    def ingested(self, files: list[Path]) -> list[dict[str, Any]]:
        return [self.ingest(file) for file in files]

    def ingest(self, file: Path) -> dict[str, Any]:
        """One object for each file, also for one that is not a mail; the others go
        on."""
        try:
            taken = mailbox.ingest(_content(file), by=self.by, now=timezone.now())
        except Refusal as refusal:
            return {"file": str(file), "error": str(refusal)}
        return {"file": str(file), **self.described(taken, file)}

    def described(self, taken: Taken, file: Path) -> dict[str, Any]:
        """With the name of the file that it continues, if that was given too."""
        said = taken.described()
        earlier = [mail for mail in taken.belongs.mails if mail.pk != taken.mail.pk]
        self.names.setdefault(taken.mail.pk, file.stem)
        if earlier:
            said["relates_to"] = self.names.get(earlier[0].pk, f"mail:{earlier[0].pk}")
        return said


def _content(file: Path) -> bytes:
    """Only as much of a file as shows that it is too large."""
    try:
        with file.open("rb") as opened:
            return opened.read(letter.LARGEST + 1)
    except OSError as error:
        raise Unopened(f"{error.strerror}.") from None


def _in_words(said: dict[str, Any]) -> str:
    if "error" in said:
        return f"{said['file']}: not taken."
    asked = ", ".join(said["types"]) or "nothing"
    waits = " A person must look." if said["queue"] else ""
    where = ", ".join(said["references"])
    return (
        f"{said['file']}: {said['category']} ({asked}; {said['jurisdiction']}, "
        f"{said['language']}; {said['confidence']:.0%}). {said['reason']}{waits}"
        f"{' ' + where if where else ''}"
    )
