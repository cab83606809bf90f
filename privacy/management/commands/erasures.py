"""Erasures after the fact: replay after a restore, put back, guard."""

from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from privacy import erasure, guard, identifiers, plans, stores, undo
from privacy.erasure import Replayed, paper
from privacy.management.base import PortalCommand, subcommands
from privacy.models import Plan
from privacy.tasks import prove, work


class Command(PortalCommand):
    help = "Erase again what a restore brought back; undo a wrong match."

    def arguments(self, parser: CommandParser) -> None:
        verbs = subcommands(parser)
        replay = verbs.add_parser("replay", help="after a restore, erase again")
        replay.add_argument("--store", metavar="NAME", help="only there")
        replay.add_argument("--journal", type=Path, help="another ERASURE_JOURNAL")
        replay.add_argument("--wait", action="store_true", help="do it here and now")
        back = verbs.add_parser("undo", help="undo what a plan changed")
        back.add_argument("plan")
        proof = verbs.add_parser("certificate", help="write the signed pack of a plan")
        proof.add_argument("plan")
        proof.add_argument("file", type=Path, metavar="FILE.zip")
        check = verbs.add_parser(
            "check", help="check who was erased and must not be imported again"
        )
        check.add_argument("people", nargs="+", metavar="PHONE_OR_EMAIL")

    def run(self, verb: str, **options: Any) -> None:
        if verb == "replay":
            self.replay(options["store"], options["journal"], wait=options["wait"])
        elif verb == "undo":
            self.undo(options["plan"])
        elif verb == "certificate":
            self.certificate(options["plan"], options["file"])
        else:
            self.check_people(options["people"])

    def replay(self, name: str | None, path: Path | None, *, wait: bool) -> None:
        self.require("privacy.approve_plan")
        store = stores.named(name) if name else None
        if path and not path.is_file():
            raise CommandError(f"There is no journal {path}.")
        done = erasure.replay(store=store, by=self.by, now=timezone.now(), path=path)
        for plan in (*done.approved, *done.sweeps):
            (work if wait else work.delay)(str(plan.pk))
        if wait:
            prove()
        self.answer(_words(done), _document(done))
        if done.problems:
            raise CommandError(" ".join(done.problems))
        if wait and (open_ := [p for p in done.approved if not _is_done(p)]):
            raise CommandError(f"{len(open_)} erasures are not complete; see Plans.")

    def certificate(self, key: str, file: Path) -> None:
        self.require("privacy.view_plan")
        made = paper.pack(plan=_plan(key), now=timezone.now())
        try:
            file.write_bytes(made)
        except OSError as error:
            raise CommandError(f"{file} can't be written: {error.strerror}.") from None
        self.answer(f"The signed pack is in {file}.", {"file": str(file)})

    def undo(self, key: str) -> None:
        self.require("privacy.approve_plan")
        plan = _plan(key)
        done = undo.put_back(plan=plan, by=self.by, now=timezone.now())
        words = f"{done.rows} rows are as they were before."
        if done.files or done.files_lost:
            words += f" {done.files} files are back."
        if done.files_lost:
            words += f" {done.files_lost} were too large to be kept and are gone."
        if done.changed_since:
            words += f" {done.changed_since} were changed since and stay as they are."
        self.answer(words, vars(done))

    def check_people(self, texts: list[str]) -> None:
        self.require("privacy.view_identifier")
        marks = [identifiers.understand(text) for text in texts]
        gone = guard.erased(marks)
        lines = [f"{'erased' if mark in gone else 'not erased'}" for mark in marks]
        said = [{"erased": m in gone, "erased_at": gone.get(m)} for m in marks]
        self.answer("\n".join(lines), said)


def _is_done(plan: Plan) -> bool:
    plan.refresh_from_db()
    return plan.status in plans.COMPLETE


def _plan(key: str) -> Plan:
    try:
        return Plan.objects.get(pk=key)
    except (Plan.DoesNotExist, ValidationError):
        raise CommandError("There is no plan with that number.") from None


def _words(done: Replayed) -> str:
    words = [
        f"{done.erasures} erasures were compared with {', '.join(done.stores)}.",
        f"{len(done.approved)} are erased again under the approval they had.",
    ]
    if done.drafts:
        words.append(f"{len(done.drafts)} wait for human review; see Plans.")
    if done.files:
        words.append(f"{done.files} files that were back are deleted again.")
    if done.sweeps:
        words.append(f"{len(done.sweeps)} sweeps were started.")
    return "\n".join(words)


def _document(done: Replayed) -> dict[str, Any]:
    return {
        "stores": done.stores,
        "erasures": done.erasures,
        "replayed": [str(plan.pk) for plan in done.approved],
        "waiting": [str(plan.pk) for plan in done.drafts],
        "files": done.files,
        "sweeps": [str(plan.pk) for plan in done.sweeps],
    }
