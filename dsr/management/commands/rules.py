"""The dated legal rules: load the files, show what is in force on a day."""

import datetime as dt
from typing import Any

from django.core.management.base import CommandParser
from django.db.models import Q
from django.utils import timezone

from consent import keywords
from consent.models import Keyword
from dsr import deadlines, frequency, grounds, records
from dsr.models import DeadlineRule
from privacy.management.base import PortalCommand, subcommands
from privacy.refusals import Refusal


class NotADay(Refusal):
    """Write a day as 2026-05-03."""


class Command(PortalCommand):
    help = "The dated legal rules."

    def arguments(self, parser: CommandParser) -> None:
        verbs = subcommands(parser)
        verbs.add_parser(
            "load", help="add rules that are in the files but not in the database"
        )
        show = verbs.add_parser("show", help="the rules in force on a day")
        show.add_argument("--at", metavar="DATE", help="2026-05-03; today by default")

    def run(self, **options: Any) -> None:
        if options["verb"] == "load":
            self.load()
        else:
            self.show(options["at"])

    def load(self) -> None:
        self.require("dsr.add_deadlinerule")
        added = {
            "deadlines": deadlines.load(),
            "free answers": frequency.load(),
            "grounds": grounds.load(),
            "keywords": keywords.load(),
            "periods of records": records.load(),
        }
        words = ", ".join(f"{count} {name}" for name, count in added.items())
        self.answer(f"Added {words}.", added)

    def show(self, at: str | None) -> None:
        self.require("dsr.view_deadlinerule")
        day = _day(at) if at else timezone.now().date()
        rules = list(deadlines.rules_at(day))
        texts = list(_keywords_at(day))
        self.answer(
            "\n".join([*map(_rule_in_words, rules), *map(_keyword_in_words, texts)])
            or "No rule was in force.",
            {
                "at": day.isoformat(),
                "deadlines": [_rule(rule) for rule in rules],
                "keywords": [_keyword(text) for text in texts],
            },
        )


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise NotADay from None


def _keywords_at(day: dt.date) -> Any:
    return Keyword.objects.filter(
        Q(valid_to=None) | Q(valid_to__gte=day), valid_from__lte=day
    )


def _rule_in_words(rule: DeadlineRule) -> str:
    count = f"{rule.quantity} {rule.get_unit_display()}"
    longest = ""
    if rule.extension_quantity:
        longest = f", at most {rule.extension_quantity}"
    return f"{rule.regime:<12} {rule.right:<22} {count}{longest:<14} {rule.citation}"


def _keyword_in_words(keyword: Keyword) -> str:
    return f"keyword      {keyword.meaning:<22} {keyword.text} ({keyword.citation})"


def _rule(rule: DeadlineRule) -> dict[str, Any]:
    shown = (
        "code", "regime", "law", "right", "quantity", "unit", "calendar", "rolls",
        "extension_quantity", "extension_unit", "acknowledgement_quantity",
        "acknowledgement_unit", "citation", "mark", "valid_from", "valid_to",
    )  # fmt: skip
    return {name: getattr(rule, name) for name in shown}


def _keyword(keyword: Keyword) -> dict[str, Any]:
    shown = (
        "text",
        "meaning",
        "language",
        "rule",
        "citation",
        "valid_from",
        "valid_to",
    )
    return {name: getattr(keyword, name) for name in shown}
