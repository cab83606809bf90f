"""What staff wrote in English in rows, in the language of the reader."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import yaml
from django.db import transaction
from django.db.models import QuerySet

from dsr import languages
from dsr.models import Ground, Translation
from privacy.models import Category, Purpose, Rule, Source, Table

FILE = Path(__file__).resolve().parent / "rules" / "translations.yaml"
BETWEEN = re.compile(r"(: |; )")
OTHERS = [code for code in languages.LANGUAGES if code != languages.DEFAULT]


def of(language: str, text: str) -> str:
    """As a whole, else piece by piece (“Calls: Not about people”), else unchanged."""
    if language == languages.DEFAULT or not text:
        return text
    wanted = [text, *BETWEEN.split(text)]
    return _said(dict(_known(language).filter(original__in=wanted)), text)


def reader(language: str) -> Callable[[str], str]:
    """`of` for many texts, which reads the translations once."""
    if language == languages.DEFAULT:
        return str
    known = dict(_known(language))
    return lambda text: _said(known, text)


def _known(language: str) -> QuerySet[Translation, tuple[str, str]]:
    rows = Translation.objects.filter(language=language)
    return rows.values_list("original", "text")


def _said(known: Mapping[str, str], text: str) -> str:
    pieces = BETWEEN.split(text)
    return known.get(text) or "".join(known.get(each, each) for each in pieces)


def missing() -> dict[str, list[str]]:
    """By language, what a letter or copy could need and nobody has translated."""
    wanted = _wanted()
    found: dict[str, list[str]] = {}
    for language in OTHERS:
        known = Translation.objects.filter(language=language)
        left = wanted - set(known.values_list("original", flat=True))
        if left:
            found[language] = sorted(left)
    return found


def _wanted() -> set[str]:
    """Titles and grounds of tables, laws and rules; the words of the policy."""
    tables = Table.objects.exclude(about=Table.About.CONTEXT).values_list(
        "title", "ground"
    )
    grounds = Ground.objects.values_list("title", flat=True)
    rules = Rule.objects.filter(is_active=True).values_list("title", flat=True)
    words = [
        *Category.objects.values_list("title", "description"),
        *Source.objects.values_list("title", "description"),
        *Purpose.objects.values_list("title", "lawful_basis", "logic"),
    ]
    return {*sum(tables, ()), *grounds, *rules, *sum(words, ())} - {""}


def load() -> int:
    """Adds the translations of the file that are not rows yet; what staff changed
    stays."""
    rows = [
        Translation(language=language, original=said["en"], text=said[language])
        for said in yaml.safe_load(FILE.read_text())
        for language in OTHERS
    ]
    with transaction.atomic():
        before = Translation.objects.count()
        Translation.objects.bulk_create(rows, ignore_conflicts=True)
        return Translation.objects.count() - before
