"""Shared by the commands that remove the portal's own records."""

from typing import Any, ClassVar

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from privacy import keeping, plans
from privacy.management.base import PortalCommand, subcommands
from privacy.models import Plan


class EndingCommand(PortalCommand):
    """`preview` by one person, `approve` by another; then the scheduler, or `run`."""

    kind: ClassVar[keeping.Kind]
    looks: ClassVar[str]  # the permission to look at what would end

    def arguments(self, parser: CommandParser) -> None:
        verbs = subcommands(parser)
        verbs.add_parser(
            "status", help="how many are past their period, and under which law"
        )
        verbs.add_parser(
            "preview", help="preview what would be removed, for a second person"
        )
        verbs.add_parser("approve", help="approve what another person previewed")
        verbs.add_parser("run", help="carry out now what is approved")

    def run(self, verb: str, **options: Any) -> None:
        {"run": self.end}.get(verb, getattr(self, verb))()

    def status(self) -> None:
        self.require("privacy.view_plan")
        now = timezone.now()
        period, due = self.kind.period(now=now), keeping.due(self.kind, now=now)
        approved = keeping.approval(self.kind, now=now) is not None
        words = f"{due} records are past {period.months} months ({period.citation})."
        words += (
            ""
            if approved
            else (
                " Two people are needed to remove them: one previews, another approves."
            )
        )
        facts = {"due": due, "months": period.months, "citation": period.citation}
        self.answer(words, {**facts, "approved": approved})

    def preview(self) -> None:
        self.require(self.looks)
        made = keeping.preview(self.kind, by=self.by, now=timezone.now())
        self._tell(made)

    def approve(self) -> None:
        self.require("privacy.approve_plan")
        waiting = self._mine().filter(status=Plan.Status.PLANNED).first()
        if waiting is None:
            raise CommandError(
                "Nobody has previewed what would be removed: preview it first."
            )
        plans.approve(plan=waiting, by=self.by, now=timezone.now())
        self._tell(waiting)

    def end(self) -> None:
        self.require("privacy.approve_plan")
        if keeping.approval(self.kind, now=timezone.now()) is None:
            raise CommandError(
                "Two people are needed to remove them: one previews, another approves."
            )
        keeping.start_due(now=timezone.now())
        todo = self._mine().filter(
            status__in=(Plan.Status.APPROVED, Plan.Status.RUNNING)
        )
        done = [keeping.carry_out(plan=plan, clock=timezone.now) for plan in todo]
        count = sum(keeping.progress(plan)["rows"] for plan in done)
        self.answer(f"{count} records removed.", {"ended": count})

    def _mine(self) -> Any:
        kind = {"kind": Plan.Kind.RECORDS, "summary__records": self.kind.code}
        return Plan.objects.filter(**kind)

    def _tell(self, plan: Plan) -> None:
        words = f"{plan}: {plan.summary['rows']} of them, {plan.summary['held']} held. "
        words += f"{plan.get_status_display()}."
        self.answer(
            words, {"plan": str(plan.pk), "status": plan.status, **plan.summary}
        )
