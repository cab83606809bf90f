"""The published policy as rows: versions, its words for data, and its promises.

`rules/` holds them as files. Loading twice changes nothing; a corrected file corrects
its rows. A published version never changes: a change is a new version.
"""

import datetime as dt
import hashlib
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from privacy.models import Category, PolicyVersion, Promise, Purpose, Source
from privacy.models.policy import Word

RULES = Path(__file__).resolve().parent / "rules"
WORDS: dict[str, type[Word]] = {
    "categories": Category,
    "sources": Source,
    "purposes": Purpose,
}


def load() -> None:
    policy, promises = _read("policy.yaml"), _read("promises.yaml")
    with transaction.atomic():
        for version in policy["versions"]:
            _publish(version["effective_date"], (RULES / version["file"]).read_text())
        for name, model in WORDS.items():
            _write(model, policy[name])
        _write(
            Promise,
            [
                {"section": section["section"], **promise}
                for section in promises
                for promise in section["promises"]
            ],
        )


def _read(name: str) -> Any:
    return yaml.safe_load((RULES / name).read_text())


def _publish(effective_date: Any, text: str) -> None:
    PolicyVersion.objects.get_or_create(
        effective_date=effective_date,
        defaults={"text": text, "digest": digest(text)},
    )


def in_force(day: dt.date) -> PolicyVersion | None:
    """The version in force on that day; later ones are only announced."""
    begun = PolicyVersion.objects.filter(effective_date__lte=day)
    return begun.order_by("-effective_date").first()


def unsaid(version: PolicyVersion) -> list[Word | Promise]:
    """Records whose quotation is not in the policy's text; line breaks don't count."""
    text = _on_one_line(version.text)
    models: tuple[type[Word | Promise], ...] = (*WORDS.values(), Promise)
    return [
        row
        for model in models
        for row in model._default_manager.all()
        if not row.quote or _on_one_line(row.quote) not in text
    ]


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _write(model: type[Word] | type[Promise], rows: list[dict[str, Any]]) -> None:
    for order, row in enumerate(rows, 1):
        fields = {name: value for name, value in row.items() if name != "code"}
        model._default_manager.update_or_create(
            code=row["code"], defaults={**fields, "order": order}
        )
