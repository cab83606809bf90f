"""Months of the consent ledger: what is due, and removing it."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from consent import keeping, months
from consent.models import KeepingRule, LedgerMonth
from consent.months import ending
from privacy.management.base import PortalCommand, subcommands


class Command(PortalCommand):
    help = "Destroy months of the consent ledger that are past their period."

    def arguments(self, parser: CommandParser) -> None:
        verbs = subcommands(parser)
        verbs.add_parser("status", help="which months are due, and by which period")
        verbs.add_parser("preview", help="what would be destroyed with the next month")
        verbs.add_parser(
            "approve", help="approve the month that another person previewed"
        )
        verbs.add_parser("run", help="carry out now what is approved")

    def run(self, verb: str, **options: Any) -> None:
        getattr(self, f"do_{verb.replace('-', '_')}")(options)

    def do_status(self, options: dict[str, Any]) -> None:
        self.require("consent.view_ledgermonth")
        now = timezone.now()
        due, began = ending.due(now=now), months.began()
        words = [f"{len(due)} months of the ledger are past their period."]
        words += [f"The record begins on {began:%Y-%m-%d}."] if began else []
        facts = {
            "months": [f"{each:%Y-%m}" for each in due],
            "begins": began,
            "periods": {
                what.value: keeping.period(what, now=now).months
                for what in KeepingRule.What
            },
        }
        self.answer(" ".join(words), facts)

    def do_preview(self, options: dict[str, Any]) -> None:
        self.require("consent.add_ledgermonth")
        self._tell(ending.preview(by=self.by, now=timezone.now()))

    def do_approve(self, options: dict[str, Any]) -> None:
        self.require("consent.approve_ledgermonth")
        waiting = LedgerMonth.objects.filter(approved_at=None).order_by("first")
        row = waiting.first()
        if row is None:
            raise ending.NotPreviewed
        self._tell(ending.approve(row=row, by=self.by, now=timezone.now()))

    def do_run(self, options: dict[str, Any]) -> None:
        self.require("consent.approve_ledgermonth")
        now = timezone.now()
        ended = ending.end_approved(now=now)
        stuck = LedgerMonth.objects.filter(ended_at=None).exclude(problem="").first()
        words = f"{ended} months ended."
        words += f" {stuck}: {stuck.problem}" if stuck else ""
        facts: dict[str, Any] = {"months": ended}
        self.answer(words, facts | {"problem": stuck.problem if stuck else ""})

    def _tell(self, row: LedgerMonth) -> None:
        words = f"{row}: of {row.events} events {row.events - row.kept} go."
        facts = {"month": f"{row.first:%Y-%m}", "events": row.events, "kept": row.kept}
        self.answer(words, facts | {"approved_by": row.approved_by})
