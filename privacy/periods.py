"""How long the portal keeps its own records; `keeping` removes what is past its
period."""

import datetime as dt
from pathlib import Path
from typing import TypeVar

import yaml
from django.db import transaction
from django.db.models import Model, Q, QuerySet

from privacy.models import KeepingPeriod
from privacy.refusals import Refusal

Period = TypeVar("Period", bound=KeepingPeriod)


class NoPeriod(Refusal):
    """No rule in force says how long that is kept."""


def longest(rules: QuerySet[Period], *, day: dt.date) -> Period:
    """The longest of those in force on a day."""
    live = Q(valid_to=None) | Q(valid_to__gte=day)
    found = rules.filter(live, valid_from__lte=day).order_by("-months", "code").first()
    if found is None:
        raise NoPeriod
    return found


def load(model: type[Model], file: Path) -> int:
    """Adds the dated rows of a file that are not there yet; returns how many. A row
    that staff changed stays as they left it."""
    rows = [model(**said) for said in yaml.safe_load(file.read_text())]
    with transaction.atomic():
        before = model._default_manager.count()
        model._default_manager.bulk_create(rows, ignore_conflicts=True)
        return model._default_manager.count() - before
