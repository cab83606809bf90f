"""The texts of the public pages and letters, one YAML file for each language.

A sentence has a name ("form.title") and may have {placeholders}. Every file has the
same names; a test enforces it.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import get_language_info

from privacy.languages import DEFAULT, LANGUAGES, chosen, frame, known

__all__ = [
    "DEFAULT",
    "LANGUAGES",
    "chosen",
    "frame",
    "group",
    "in_english",
    "known",
    "say",
    "sentences",
]
FOLDER = Path(__file__).resolve().parent


@cache
def sentences(language: str) -> dict[str, str]:
    """Every sentence of one language, by its full name."""
    read = yaml.safe_load((FOLDER / f"{language}.yaml").read_text())
    return {
        f"{group}.{name}": text.strip()
        for group, some in read.items()
        for name, text in some.items()
    }


def say(language: str, name: str, /, **values: Any) -> str:
    """A sentence with its placeholders filled in; a missing value is a `KeyError`."""
    return sentences(language)[name].format_map(values)


def group(language: str, name: str) -> Mapping[str, str]:
    """The sentences whose names begin alike, without that beginning."""
    start = f"{name}."
    return {
        key.removeprefix(start): text
        for key, text in sentences(language).items()
        if key.startswith(start)
    }


def in_english(language: str) -> str:
    """“German”, for staff; an unknown code stays a code."""
    try:
        return str(get_language_info(language)["name"])
    except KeyError:
        return language or "unknown"
