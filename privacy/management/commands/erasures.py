"""Erasures at work and after the fact: list, pause, replay after a restore, put
back."""

from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from privacy import erasure, guard, identifiers, plans, stores, undo
from privacy.erasure import Replayed, paper
from privacy.management.base import PortalCommand, subcommands
from privacy.management.commands._erasures import described, latest, words
from privacy.models import Plan
from privacy.tasks import prove, work

STEPS = {
    "pause": "pause after the current range",
    "resume": "continue where it stopped",
    "retry": "try failed ranges again",
    "cancel": "stop for good; what is erased stays erased",
}
REFUSED = (
    "The store refused {rows} rows: what they refer to is not there, or what must be "
    "unique in them is somebody's by now. They stay sealed until the days of the undo "
    "are over. Remove the cause, then again: erasures undo {plan}"
)


class Command(PortalCommand):
    help = (
        "List, pause, resume and cancel erasures; erase again what a restore brought "
        "back; undo a wrong match."
    )

    def arguments(self, parser: CommandParser) -> None:
        verbs = subcommands(parser)
        listed = verbs.add_parser("list", help="what is open, and how far it is")
        listed.add_argument("--all", action="store_true", help="also what has ended")
        for verb, said in STEPS.items():
            verbs.add_parser(verb, help=said).add_argument("plan")
        replay = verbs.add_parser("replay", help="after a restore, erase again")
        replay.add_argument("--store", metavar="NAME", help="only there")
        replay.add_argument("--journal", type=Path, help="another ERASURE_JOURNAL")
        replay.add_argument("--wait", action="store_true", help="do it here and now")
        back = verbs.add_parser("undo", help="undo what a plan changed")
        back.add_argument("plan")
        lost = verbs.add_parser(
            "give-up-undo", help="go on with a plan whose key in UNDO_KEYS is lost"
        )
        lost.add_argument("plan")
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
        elif verb == "list":
            self.show(is_all=options["all"])
        elif verb in STEPS:
            self.step(verb, options["plan"])
        elif verb == "undo":
            self.undo(options["plan"])
        elif verb == "give-up-undo":
            self.give_up_undo(options["plan"])
        elif verb == "certificate":
            self.certificate(options["plan"], options["file"])
        else:
            self.check_people(options["people"])

    def show(self, *, is_all: bool) -> None:
        self.require("privacy.view_plan")
        some = latest(is_all=is_all)
        self.answer(words(some), [described(plan) for plan in some])

    def step(self, verb: str, key: str) -> None:
        """Pause, resume, retry or cancel: one domain call of that name."""
        self.require("privacy.approve_plan")
        plan = _plan(key)
        if plan.kind == Plan.Kind.SWEEP:
            raise CommandError(f"That is a sweep: retention {verb} {plan.pk}.")
        goes_on = verb in ("resume", "retry")
        getattr(erasure if goes_on else plans, verb)(
            plan=plan, by=self.by, now=timezone.now()
        )
        if goes_on:
            work.delay(str(plan.pk))
        plan.refresh_from_db()
        self.answer(words([plan]), described(plan))

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
        said = f"{done.rows} rows are as they were before."
        if done.files or done.files_lost:
            said += f" {done.files} files are back."
        if done.files_lost:
            said += f" {done.files_lost} were too large to be kept and are gone."
        if done.without_key:
            said += (
                f" {done.without_key} of tables without a key can't be put back: "
                "nothing tells them apart."
            )
        if done.changed_since:
            said += f" {done.changed_since} were changed since and stay as they are."
        self.answer(said, vars(done))
        if done.refused:
            raise CommandError(REFUSED.format(rows=done.refused, plan=key))

    def give_up_undo(self, key: str) -> None:
        self.require("privacy.approve_plan")
        plan = _plan(key)
        undo.give_up(plan=plan, by=self.by, now=timezone.now())
        work.delay(str(plan.pk))
        plan.refresh_from_db()
        said = "The plan goes on. What it has erased and will erase stays erased."
        self.answer(said, described(plan))

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
