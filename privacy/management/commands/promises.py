"""The promise board."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from privacy import promises, tasks
from privacy.management.base import PortalCommand, subcommands
from privacy.models import Promise, PromiseCheck


class Command(PortalCommand):
    help = "Run the promise board's checks; show what they found."

    def arguments(self, parser: CommandParser) -> None:
        verbs = subcommands(parser)
        check = verbs.add_parser("check", help="check now; exit 1 if any is broken")
        check.add_argument("promise", nargs="?", metavar="ID")
        check.add_argument(
            "--later", action="store_true", help="let a worker check them all"
        )
        verbs.add_parser("list", help="every promise and its last result")

    def run(self, *args: Any, **options: Any) -> None:
        if options["verb"] == "list":
            self.list()
        elif options["later"]:
            self.ask()
        else:
            self.look(options["promise"])

    def ask(self) -> None:
        self.require("privacy.add_promisecheck")
        tasks.check_promises.delay()
        self.answer("A worker will check every promise.", {"later": True})

    def look(self, code: str | None) -> None:
        self.require("privacy.add_promisecheck")
        found = promises.run(code=code, now=timezone.now())
        self.answer("\n".join(map(_words, found)), [_described(row) for row in found])
        broken = sum(row.state == PromiseCheck.State.BROKEN for row in found)
        if broken:
            verb = "promise is" if broken == 1 else "promises are"
            raise CommandError(f"{broken} {verb} broken.")

    def list(self) -> None:
        self.require("privacy.view_promisecheck")
        found = promises.latest()
        rows = [(promise, found.get(promise.code)) for promise in Promise.objects.all()]
        words = [
            _words(row) if row else f"{'never checked':<20} {promise.code}"
            for promise, row in rows
        ]
        self.answer(
            "\n".join(words),
            [
                {
                    "promise": promise.code,
                    "section": promise.section,
                    "sentence": promise.sentence,
                    "state": row.state if row else None,
                    "checked_at": row.checked_at if row else None,
                }
                for promise, row in rows
            ],
        )


def _words(row: PromiseCheck) -> str:
    head = f"{row.get_state_display():<20} {row.promise_id}: {row.summary}"
    return "\n".join([head, *(f"{'':<20} - {_line(e)}" for e in row.evidence)])


def _line(evidence: dict[str, Any]) -> str:
    if evidence["count"] is None:
        return str(evidence["sentence"])
    return f"{evidence['sentence']}: {evidence['count']}"


def _described(row: PromiseCheck) -> dict[str, Any]:
    return {
        "promise": row.promise_id,
        "state": row.state,
        "summary": row.summary,
        "evidence": row.evidence,
        "checked_at": row.checked_at,
    }
