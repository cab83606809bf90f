"""Records of requests: how many are past their period, and letting them end."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from dsr import records
from privacy.management.base import PortalCommand, subcommands


class Command(PortalCommand):
    help = "End what names people in records of requests that are past their period."

    def arguments(self, parser: CommandParser) -> None:
        verbs = subcommands(parser)
        verbs.add_parser("preview", help="how many are past their period, by which law")
        approve = verbs.add_parser("approve", help="let the clock end them from now on")
        approve.add_argument("--months", type=int, required=True)
        verbs.add_parser("run", help="end now what is due")

    def run(self, verb: str, **options: Any) -> None:
        now = timezone.now()
        if verb == "approve":
            self.require("dsr.approve_recordrule")
            records.approve(months=options["months"], by=self.by, now=now)
        if verb == "run":
            self.require("dsr.approve_recordrule")
            count = records.end_due(now=now, by=self.by)
            self.answer(f"{count} records ended.", {"ended": count})
            return
        self.require("dsr.view_recordrule")
        rule, due = records.period(now=now), records.due(now=now).count()
        approved = records.is_approved(now=now)
        words = f"{due} records are past {rule.months} months ({rule.citation})."
        words += "" if approved else " Nobody approved that they end."
        facts = {"due": due, "months": rule.months, "citation": rule.citation}
        self.answer(words, {**facts, "approved": approved})
