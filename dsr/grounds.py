"""Grounds of refusal: which of them a law has for a right on a day."""

import datetime as dt
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from django.db.models import Q, QuerySet

from dsr.models import Ground
from privacy.refusals import Refusal

FILE = Path(__file__).resolve().parent / "rules" / "grounds.yaml"
EVERYWHERE, EVERY_STATE = "*", "US-*"


class NoSuchGround(Refusal):
    """That law has no such ground for this right; choose one from the list."""


def in_force(*, on: dt.date) -> QuerySet[Ground]:
    """Of every law."""
    return Ground.objects.filter(
        Q(valid_to=None) | Q(valid_to__gte=on), valid_from__lte=on
    )


def known(*, regime: str, right: str, on: dt.date) -> list[Ground]:
    """The grounds in force: of two with one code, the one specific to the law."""
    rows = in_force(on=on).filter(
        Q(rights=[]) | Q(rights__contains=[right]), regime__in=_scopes(regime)
    )
    nearest = sorted(
        rows, key=lambda g: (_scopes(regime).index(g.regime), -g.valid_from.toordinal())
    )
    found: dict[str, Ground] = {}
    for ground in nearest:
        found.setdefault(ground.code, ground)
    return sorted(found.values(), key=lambda ground: ground.title)


def named(code: str, *, regime: str, right: str, on: dt.date) -> Ground:
    there = known(regime=regime, right=right, on=on)
    for ground in there:
        if ground.code == code.strip().upper():
            return ground
    codes = ", ".join(ground.code for ground in there)
    raise NoSuchGround(f"That law has no such ground for this right; it has {codes}.")


def _scopes(regime: str) -> list[str]:
    states = [EVERY_STATE] if regime.startswith("US-") else []
    return [regime, *states, EVERYWHERE]


def load() -> int:
    """Adds the grounds of the file that are not rows yet; returns how many.

    A row that staff changed stays as they left it.
    """
    rows = [_row(said) for said in yaml.safe_load(FILE.read_text())]
    with transaction.atomic():
        before = Ground.objects.count()
        Ground.objects.bulk_create(rows, ignore_conflicts=True)
        return Ground.objects.count() - before


def _row(said: dict[str, Any]) -> Ground:
    facts = {key: value for key, value in said.items() if key != "drp"}
    return Ground(drp_reason=said.get("drp", "other"), **facts)
