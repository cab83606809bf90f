"""How long the portal keeps records of its own, and the yes that lets them end."""

import datetime as dt
from pathlib import Path
from typing import TypeVar

import yaml
from django.db import transaction
from django.db.models import Q, QuerySet

from privacy import audit
from privacy.models import KeepingPeriod
from privacy.refusals import Refusal

Period = TypeVar("Period", bound=KeepingPeriod)


class NoPeriod(Refusal):
    """No rule in force says how long that is kept."""


class NotApproved(Refusal):
    """Somebody must approve the period first."""


class Changed(Refusal):
    """The period was changed since you looked at it. Look again."""


def longest(rules: QuerySet[Period], *, day: dt.date) -> Period:
    """Of those in force on a day."""
    live = Q(valid_to=None) | Q(valid_to__gte=day)
    found = rules.filter(live, valid_from__lte=day).order_by("-months", "code").first()
    if found is None:
        raise NoPeriod
    return found


def approve(
    rule: Period, *, months: int, due: int, by: str, now: dt.datetime
) -> Period:
    """From then on the clock ends what is past it; `due` is how much that is now.
    Another number of months needs it anew."""
    with transaction.atomic():
        fresh = type(rule)._default_manager.select_for_update().get(pk=rule.pk)
        if fresh.months != months:
            raise Changed
        fresh.approved_months, fresh.approved_by, fresh.approved_at = months, by, now
        fresh.save(update_fields=["approved_months", "approved_by", "approved_at"])
        name = fresh._meta.model_name
        audit.record(
            action=f"{name}.approved",
            subject=f"{name}:{fresh.pk}",
            by=by,
            now=now,
            months=months,
            due=due,
        )
    return fresh


def load(model: type[KeepingPeriod], file: Path) -> int:
    """The periods of a file that are not rows yet; how many were added."""
    rows = [model(**said) for said in yaml.safe_load(file.read_text())]
    with transaction.atomic():
        before = model._default_manager.count()
        model._default_manager.bulk_create(rows, ignore_conflicts=True)
        return model._default_manager.count() - before
