"""The personal data that the portal itself holds: its own tables, declared like
anybody's.

An organisation that answers requests holds a list of the people who asked.
`rules/own.yaml` says of each column what it is for and how it ends; an undeclared
sealed column breaks the promise that all data is declared.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from django.apps import apps
from django.core.exceptions import FieldDoesNotExist

from privacy.models.sealing import SealedField

RULES = Path(__file__).resolve().parent / "rules" / "own.yaml"


@dataclass(frozen=True)
class Own:
    """One column, `table.column`; without a category it is about nobody."""

    place: str
    category: str
    purpose: str
    ending: str


@cache
def declared() -> list[Own]:
    said = yaml.safe_load(RULES.read_text())
    return [Own(place, *facts) for place, facts in said.items()]


def undeclared() -> list[str]:
    """Sealed columns that nobody declared, and declared ones that no longer exist."""
    known = {each.place for each in declared()}
    return sorted(_sealed() - known) + sorted(p for p in known if not _is_there(p))


def _sealed() -> set[str]:
    return {
        f"{model._meta.db_table}.{field.column}"
        for model in apps.get_models()
        for field in model._meta.local_concrete_fields
        if isinstance(field, SealedField)
    }


def _is_there(place: str) -> bool:
    table, column = place.split(".")
    models = {model._meta.db_table: model for model in apps.get_models()}
    try:
        return table in models and bool(models[table]._meta.get_field(column))
    except FieldDoesNotExist:
        return False
