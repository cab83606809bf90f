"""The words and phrases in force, from their rows; and the files that fill the rows."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from django.db import transaction
from django.db.models import Q, QuerySet

from consent.keywords.folding import key
from consent.keywords.phrases import Lists, Pattern, compiled
from consent.keywords.routes import Route
from consent.models import Keyword, Phrase, WordList
from consent.sql import messages
from privacy.sql import prepared

FOLDER = Path(__file__).resolve().parents[1] / "rules"
LONGEST_KEY = 80  # as Keyword.key


class Word(NamedTuple):
    """A keyword as it is looked up for every message."""

    key: str
    text: str
    meaning: str
    language: str
    also: str
    rule: str


@dataclass(frozen=True)
class Rules:
    patterns: tuple[Pattern, ...]
    lists: Lists


def in_force(keys: Sequence[str], day: dt.date, by: Route) -> dict[str, Word]:
    """By key; of two rows with one key the one limited to such a route, else the later
    rule."""
    known = [key for key in keys if len(key) <= LONGEST_KEY]
    values = {"keys": known, "day": day, **by._asdict()}
    words = (Word(*row) for row in prepared.rows(messages.KEYWORDS, values))
    return {word.key: word for word in words}


def _on(rows: QuerySet[Any], day: dt.date) -> QuerySet[Any]:
    return rows.filter(Q(valid_to=None) | Q(valid_to__gte=day), valid_from__lte=day)


def of(day: dt.date) -> Rules:
    """The phrases of a day; read once, as long as their rows stay the same."""
    ((version,),) = prepared.rows(messages.PHRASES, {})
    return _read_at(version, day)


@lru_cache(maxsize=4)
def _read_at(version: str, day: dt.date) -> Rules:
    """`version` is that of the rows, so that another one reads them again."""
    rows = _on(Phrase.objects.all(), day).order_by("order", "pk")
    lists = WordList.objects.order_by("name").values_list("name", "words")
    known = {name: tuple(words) for name, words in lists}
    patterns = (
        Pattern(text, meaning, rule, language, compiled(text, known))
        for text, meaning, rule, language in rows.values_list(
            "text", "meaning", "rule", "language"
        )
    )
    return Rules(tuple(patterns), known)


# --- the files ------------------------------------------------------------------
def load() -> int:
    """Adds what the files have and the rows have not; returns how many.

    A row that staff changed stays as they left it: a changed rule gets a new row with
    its own first day.
    """
    phrases = yaml.safe_load((FOLDER / "phrases.yaml").read_text())
    rows: dict[type[Any], list[Any]] = {
        Keyword: [_keyword(*each) for each in _texts(_read("keywords.yaml"))],
        WordList: [
            WordList(name=name, words=[word.strip() for word in words.split(",")])
            for name, words in phrases["lists"].items()
        ],
        Phrase: [
            Phrase(text=text, order=10 * number, **same)
            for number, (text, same) in enumerate(_texts(phrases["phrases"]), 1)
        ],
    }
    with transaction.atomic():
        return sum(_add(model, made) for model, made in rows.items())


def _read(name: str) -> Any:
    return yaml.safe_load((FOLDER / name).read_text())


def _texts(said: list[dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    """Each text of each rule, with the fields that the rule gives all of them."""
    return [
        (text, {name: value for name, value in rule.items() if name != "texts"})
        for rule in said
        for text in rule["texts"]
    ]


def _keyword(text: str, same: dict[str, Any]) -> Keyword:
    return Keyword(key=key(text), text=text, **same)


def _add(model: Any, rows: list[Any]) -> int:
    before: int = model.objects.count()
    model.objects.bulk_create(rows, ignore_conflicts=True)
    return int(model.objects.count()) - before
