"""What staff wrote in English in rows, in the language of whoever reads a letter."""

import re
from pathlib import Path

import yaml
from django.db import transaction

from dsr import languages
from dsr.models import Ground, Translation
from privacy.models import Category, Table

FILE = Path(__file__).resolve().parent / "rules" / "translations.yaml"
BETWEEN = re.compile(r"(: |; )")
OTHERS = [code for code in languages.LANGUAGES if code != languages.DEFAULT]


def of(language: str, text: str) -> str:
    """As a whole, else piece by piece (“Calls: Not about people”), else as it is."""
    if language == languages.DEFAULT or not text:
        return text
    pieces = BETWEEN.split(text)
    known = dict(
        Translation.objects.filter(
            language=language, original__in=[text, *pieces]
        ).values_list("original", "text")
    )
    return known.get(text) or "".join(known.get(each, each) for each in pieces)


def missing() -> dict[str, list[str]]:
    """By language, what a letter could need and nobody has translated."""
    wanted = _wanted()
    found: dict[str, list[str]] = {}
    for language in OTHERS:
        known = Translation.objects.filter(language=language)
        left = wanted - set(known.values_list("original", flat=True))
        if left:
            found[language] = sorted(left)
    return found


def _wanted() -> set[str]:
    """Titles and grounds of what is connected, grounds of laws, kinds of data."""
    tables = Table.objects.exclude(about=Table.About.CONTEXT).values_list(
        "title", "ground"
    )
    grounds = Ground.objects.values_list("title", flat=True)
    categories = Category.objects.values_list("title", flat=True)
    return {*sum(tables, ()), *grounds, *categories} - {""}


def load() -> int:
    """The translations of the file that are not rows yet; what staff changed stays."""
    rows = [
        Translation(language=language, original=said["en"], text=said[language])
        for said in yaml.safe_load(FILE.read_text())
        for language in OTHERS
    ]
    with transaction.atomic():
        before = Translation.objects.count()
        Translation.objects.bulk_create(rows, ignore_conflicts=True)
        return Translation.objects.count() - before
