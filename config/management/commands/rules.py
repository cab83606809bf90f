"""The dated legal rules: load the files, show what is in force on a day."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.management.base import CommandParser
from django.db.models import Model, Q
from django.utils import timezone

from config import loading
from consent.models import Keyword
from consent.models.dated import DatedRule
from dsr import deadlines
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
        added = loading.load_rules()
        words = ", ".join(f"{count} {name}" for name, count in added.items() if count)
        self.answer(f"Added {words or 'nothing; all are there'}.", added)

    def show(self, at: str | None) -> None:
        self.require("dsr.view_deadlinerule")
        day = _day(at) if at else timezone.now().date()
        rules = deadlines.rules_at(day)
        texts = _in_force(Keyword, day)
        dated = {model: _in_force(model, day) for model in _dated()}
        lines = [*map(_rule_in_words, rules), *map(_keyword_in_words, texts)]
        lines += [_dated_in_words(row) for rows in dated.values() for row in rows]
        facts: dict[str, Any] = {"at": day.isoformat()}
        facts |= {"deadlines": [_facts(rule) for rule in rules]}
        facts |= {"keywords": [_facts(text) for text in texts]}
        for model, rows in dated.items():
            facts[str(model._meta.model_name)] = [_facts(row) for row in rows]
        self.answer("\n".join(lines) or "No rule was in force.", facts)


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise NotADay from None


def _dated() -> Iterator[type[DatedRule]]:
    return (model for model in apps.get_models() if issubclass(model, DatedRule))


def _in_force(model: type[Model], day: dt.date) -> list[Any]:
    rows = model._default_manager.filter(
        Q(valid_to=None) | Q(valid_to__gte=day), valid_from__lte=day
    )
    return list(rows)


def _rule_in_words(rule: DeadlineRule) -> str:
    count = f"{rule.quantity} {rule.get_unit_display()}"
    longest = ""
    if rule.extension_quantity:
        longest = f", at most {rule.extension_quantity}"
    return f"{rule.regime:<12} {rule.right:<22} {count}{longest:<14} {rule.citation}"


def _keyword_in_words(keyword: Keyword) -> str:
    return f"keyword      {keyword.meaning:<22} {keyword.text} ({keyword.citation})"


def _dated_in_words(rule: DatedRule) -> str:
    return f"{rule.jurisdiction:<12} {rule.in_words:<22} {rule.says} ({rule.citation})"


def _facts(rule: Model) -> dict[str, Any]:
    """Every field but the row's key."""
    fields = (field.name for field in rule._meta.concrete_fields)
    return {name: getattr(rule, name) for name in fields if name != "id"}
