"""Whom each law wants told, and by when: dated rows, loaded from a file."""

import datetime as dt
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from django.db.models import Q, QuerySet

from privacy import workdays
from privacy.models import IncidentRule
from privacy.refusals import Refusal

FILE = Path(__file__).resolve().parents[1] / "rules" / "incidents.yaml"


class UnknownPlace(Refusal):
    """No duty to notify is known for that law; see “incident rules”."""


class Closed(Refusal):
    """This incident is closed."""


def in_force(on: dt.date) -> QuerySet[IncidentRule]:
    live = Q(valid_to=None) | Q(valid_to__gte=on)
    return IncidentRule.objects.filter(live, valid_from__lte=on)


def places() -> list[tuple[str, str]]:
    """Code and law of every place that the rules know, in force or not."""
    rows = IncidentRule.objects.order_by("place").values_list("place", "law")
    return list(dict(rows).items())


def load() -> int:
    """Loads rules of the file that are not rows yet; returns how many were added."""
    rows = [IncidentRule(**_fields(said)) for said in yaml.safe_load(FILE.read_text())]
    for row in rows:
        workdays.public_holidays(row.calendar or "US")  # a misspelt one is found now
    with transaction.atomic():
        before = IncidentRule.objects.count()
        IncidentRule.objects.bulk_create(rows, ignore_conflicts=True)
        return IncidentRule.objects.count() - before


def _fields(said: dict[str, Any]) -> dict[str, Any]:
    if "within" in said:
        number, unit = said.pop("within").split()
        said |= {"quantity": int(number), "unit": unit}
    return said
