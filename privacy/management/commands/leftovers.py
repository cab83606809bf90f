"""What the search after an erasure still finds, without the browser."""

import uuid
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from privacy import erasure, leftovers, plans, tasks
from privacy.management import listing
from privacy.management.base import PortalCommand, subcommands
from privacy.models import Leftover, Plan

HEAD = ("number", "place", "row", "what was seen", "after")
NEXT = (
    "See what stands there: leftovers look NUMBER --reason WHY\n"
    "Then decide: leftovers decide NUMBER redact --word WORD, or empty, keep --ground "
    "WHY, not-them --ground WHY"
)


class Command(PortalCommand):
    help = "Places where an erasure left something that a person must decide about."

    def arguments(self, parser: CommandParser) -> None:
        verbs = subcommands(parser)
        listed = verbs.add_parser("list", help="what needs human review")
        listed.add_argument("plan", nargs="?", help="only for this erasure")
        look = verbs.add_parser("look", help="show its content, once")
        look.add_argument("leftover", type=int)
        look.add_argument("--reason", required=True)
        decide = verbs.add_parser("decide", help="decide what happens to it")
        decide.add_argument("leftover", type=int)
        decide.add_argument(
            "decision", choices=[v.replace("_", "-") for v in Leftover.Decision.values]
        )
        decide.add_argument(
            "--word", action="append", default=[], help="words to remove"
        )
        decide.add_argument("--ground", default="", help="why it stays")
        decide.add_argument(
            "--alike", action="store_true", help="apply to all of this place"
        )
        approve = verbs.add_parser(
            "approve", help="approve its plan as a second person"
        )
        approve.add_argument("leftover", type=int)
        for verb in (decide, approve):
            verb.add_argument("--wait", action="store_true", help="carry it out here")

    def run(self, verb: str, **options: Any) -> None:
        if verb == "list":
            self.list(options["plan"])
        else:
            self.require("privacy.change_leftover")
            row = _leftover(options["leftover"])
            wait = options.get("wait", False)
            {"look": self.look, "decide": self.decide, "approve": self.approve}[verb](
                row, options, wait=wait
            )

    def list(self, plan: str | None) -> None:
        self.require("privacy.view_leftover")
        found = list(leftovers.waiting(_plan(plan) if plan else None))
        lines = listing.lines(HEAD, [_line(each) for each in found])
        words = "\n".join([*lines, NEXT]) if found else "Nothing needs human review."
        self.answer(words, list(map(_said, found)))

    def look(self, row: Leftover, options: dict[str, Any], *, wait: bool) -> None:
        with transaction.atomic():
            text = leftovers.reveal(
                leftover=row, reason=options["reason"], by=self.by, now=timezone.now()
            )
        self.answer(text, {"leftover": row.pk, "content": text})

    def decide(self, row: Leftover, options: dict[str, Any], *, wait: bool) -> None:
        plan = leftovers.decide(
            leftovers=leftovers.alike(row) if options["alike"] else [row],
            decision=options["decision"].replace("-", "_"),
            ground=options["ground"],
            words="\n".join(options["word"]),
            by=self.by,
            now=timezone.now(),
        )
        if plan.pk == row.plan_id:
            self._carry(plan, wait=wait)
        self._tell(row, plan)

    def approve(self, row: Leftover, options: dict[str, Any], *, wait: bool) -> None:
        self.require("privacy.approve_plan")
        if row.ending is None:
            raise CommandError("Nothing is planned for it.")
        plans.approve(plan=row.ending, by=self.by, now=timezone.now())
        self._carry(row.ending, wait=wait)
        self._tell(row, row.ending)

    def _carry(self, plan: Plan, *, wait: bool) -> None:
        if wait:
            erasure.carry_out(plan=plan, clock=timezone.now)
        else:
            tasks.work.delay(str(plan.pk))

    def _tell(self, row: Leftover, plan: Plan) -> None:
        plan.refresh_from_db()
        row.refresh_from_db()
        words = f"{plan.title}: {plan.state}. {plan.problem}".strip()
        if plan.status == Plan.Status.PLANNED:
            words += f" Next, another person: leftovers approve {row.pk} --by NAME"
        said = {"plan": str(plan.pk), "status": plan.status, "problem": plan.problem}
        self.answer(words, {**_said(row), **said})


def _line(row: Leftover) -> tuple[str, ...]:
    which = leftovers.row_name(row) or "see look"
    return str(row.pk), row.place, which, row.get_kind_display(), str(row.plan)


def _said(row: Leftover) -> dict[str, Any]:
    return {
        "leftover": row.pk,
        "place": row.place,
        "row": leftovers.row_name(row),
        "kind": row.kind,
        "erasure": str(row.plan_id),
        "decision": row.decision,
        "gone": row.gone_at,
    }


def _leftover(number: int) -> Leftover:
    found = Leftover.objects.select_related("plan", "ending").filter(pk=number).first()
    if found is None:
        raise CommandError(
            "There is no leftover with that number; leftovers list shows them."
        )
    return found


def _plan(text: str) -> Plan:
    try:
        return Plan.objects.get(pk=uuid.UUID(text))
    except (ValueError, Plan.DoesNotExist):
        raise CommandError("There is no erasure with that number.") from None
