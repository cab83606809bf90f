"""When somebody is reminded of a request, and who: rows that staff set.

An occasion comes so many days before the last day (after it, below zero), or once so
much of the time has passed.
"""

import datetime as dt
from pathlib import Path
from typing import NamedTuple

import yaml
from django.db import transaction

from dsr.deadlines import day_of
from dsr.models import ReminderRule, Ticket

FILE = Path(__file__).resolve().parents[1] / "rules" / "reminders.yaml"


class Occasion(NamedTuple):
    name: str
    days_before: int
    to: list[str]
    every: int = 0  # days after which it is told again

    def name_of(self, left: int) -> str:
        """Each repetition has a name of its own, so that it is told once."""
        past = (min(self.days_before, -1) - left) // self.every if self.every else 0
        return f"{self.name}, {past + 1}" if past > 0 else self.name


def rules() -> list[ReminderRule]:
    return list(ReminderRule.objects.filter(is_active=True))


def farthest(some: list[ReminderRule]) -> int | None:
    """Days before the last day on which the first of them comes; None: any day."""
    if any(rule.share is not None for rule in some):
        return None
    return max((rule.days_before or 0 for rule in some), default=-1)


def now_due(
    some: list[ReminderRule], ticket: Ticket, today: dt.date
) -> Occasion | None:
    """Of several that have come, the latest."""
    left = (ticket.due_date - today).days
    come = [each for each in (_of(rule, ticket) for rule in some)
            if left <= each.days_before]  # fmt: skip
    latest = min(come, key=lambda each: each.days_before, default=None)
    return latest and latest._replace(name=latest.name_of(left))


def _of(rule: ReminderRule, ticket: Ticket) -> Occasion:
    return Occasion(rule.name, _days_before(rule, ticket), rule.to, rule.every)


def _days_before(rule: ReminderRule, ticket: Ticket) -> int:
    if rule.share is None:
        return int(rule.days_before or 0)
    whole = (ticket.due_date - day_of(ticket.received_at)).days
    return whole - whole * rule.share // 100


def load() -> int:
    """Adds the occasions of the file that are not rows yet; what staff changed
    stays."""
    said = yaml.safe_load(FILE.read_text())["requests"]
    with transaction.atomic():
        before = ReminderRule.objects.count()
        ReminderRule.objects.bulk_create(
            [ReminderRule(**each) for each in said], ignore_conflicts=True
        )
        return ReminderRule.objects.count() - before
