"""What proof a law asks for, and what a proof is worth: dated data."""

import datetime as dt
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from django.db import transaction
from django.db.models import Q

from dsr.models import IdentityRule
from dsr.models.identity import EVERYWHERE
from privacy.refusals import Refusal

FILE = Path(__file__).resolve().parents[1] / "rules" / "identity.yaml"
Level = IdentityRule.Level


class NoRule(Refusal):
    """No rule says how sure we must be for that right: see “Proofs that laws ask
    for”."""


class Capacity(NamedTuple):
    """What somebody who asks for another person has to show."""

    paper: str
    subject_proof: bool
    attorney_ends_it: bool
    citation: str


class Comparing(NamedTuple):
    """How the portal compares a point of data: with which kinds of columns."""

    kinds: list[str]
    least: str
    hint: str


@cache
def _file() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(FILE.read_text())
    return read


REACHED = {"phone", "email"}  # points of data that a code shows as well


def points_of_level(level: str) -> int:
    return int(_file()["levels"][level])


def points_of_method(method: str) -> int:
    return int(_file()["methods"][method])


def points_of_data() -> dict[str, str]:
    """What may be matched with what we hold: codes, and their words."""
    return dict(_file()["points"])


def compared() -> dict[str, Comparing]:
    """The points that the portal compares itself, as far as the data map has them."""
    return {code: Comparing(**said) for code, said in _file()["compared"].items()}


def capacity(name: str) -> Capacity:
    return Capacity(**_file()["capacities"][name])


def limit(name: str) -> int:
    return int(_file()["limits"][name])


def citation(name: str) -> str:
    return str(_file()[name]["citation"])


def needed(*, regime: str, right: str, on: dt.date) -> IdentityRule:
    """The rule of that law, else the one for every law. Raises `NoRule`."""
    rules = IdentityRule.objects.filter(
        Q(valid_to=None) | Q(valid_to__gte=on),
        valid_from__lte=on,
        right=right,
        regime__in=[regime, EVERYWHERE],
    ).order_by("-valid_from")
    found = sorted(rules, key=lambda rule: rule.regime == EVERYWHERE)
    if not found:
        raise NoRule
    return found[0]


def load() -> int:
    """Adds the rules of the file that are not rows yet; what staff changed stays."""
    rows = [
        IdentityRule(
            regime=regime,
            right=right,
            level=said["level"],
            points=said.get("points", 0),
            declaration=said.get("declaration", False),
            citation=said["citation"],
            mark=said["mark"],
            valid_from=said["valid_from"],
            valid_to=said.get("valid_to"),
        )
        for said in _file()["rights"]
        for regime in said["regimes"]
        for right in said["rights"]
    ]
    with transaction.atomic():
        before = IdentityRule.objects.count()
        IdentityRule.objects.bulk_create(rows, ignore_conflicts=True)
        return IdentityRule.objects.count() - before
