"""Whether this person has had all the free answers that the law gives."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import yaml
from dateutil.relativedelta import relativedelta
from django.db import transaction
from django.db.models import Q, QuerySet

from dsr import deadlines
from dsr.models import FrequencyRule, Ticket

FILE = Path(__file__).resolve().parent / "rules" / "frequency.yaml"
TWELVE_MONTHS = relativedelta(months=12)


@dataclass(frozen=True)
class Often:
    """How many free answers a person has had, of how many, by which rule."""

    rule: FrequencyRule
    had: int

    @property
    def is_reached(self) -> bool:
        return self.had >= self.rule.quantity

    @property
    def words(self) -> str:
        given = f"{self.had} of {self.rule.quantity} {self.rule.get_per_display()}"
        return f"{given} ({self.rule.citation})"


def of(ticket: Ticket) -> Often | None:
    """None where the law sets no number."""
    on = deadlines.day_of(ticket.received_at)
    rule = _rules_at(on).filter(regime=ticket.regime, rights__contains=[ticket.right])
    first = rule.order_by("-valid_from").first()
    return Often(first, _had(ticket, first, on)) if first else None


def _had(ticket: Ticket, rule: FrequencyRule, on: dt.date) -> int:
    """Earlier requests of the same kind by the same person that were answered."""
    same = Ticket.objects.filter(
        regime=ticket.regime,
        right__in=rule.rights,
        status=Ticket.Status.ANSWERED,
        identifiers__in=ticket.identifiers.all(),
        received_at__lt=ticket.received_at,
    ).distinct()
    days = (deadlines.day_of(each.received_at) for each in same)
    if rule.per == FrequencyRule.Per.CALENDAR:
        return sum(day.year == on.year for day in days)
    return sum(day >= on - TWELVE_MONTHS for day in days)


def _rules_at(day: dt.date) -> QuerySet[FrequencyRule]:
    return FrequencyRule.objects.filter(
        Q(valid_to=None) | Q(valid_to__gte=day), valid_from__lte=day
    )


def load() -> int:
    """Adds the rules of the file that are not rows yet; returns how many."""
    rows = [FrequencyRule(**said) for said in yaml.safe_load(FILE.read_text())]
    with transaction.atomic():
        before = FrequencyRule.objects.count()
        FrequencyRule.objects.bulk_create(rows, ignore_conflicts=True)
        return FrequencyRule.objects.count() - before
