"""What the preference centre says, in four languages: one YAML file each."""

from functools import cache
from pathlib import Path

import yaml
from django.utils.translation.trans_real import parse_accept_lang_header

LANGUAGES = {"en": "English", "es": "Español", "fr": "Français", "de": "Deutsch"}
DEFAULT = "en"
FOLDER = Path(__file__).resolve().parent


@cache
def words(language: str) -> dict[str, str]:
    read: dict[str, str] = yaml.safe_load((FOLDER / f"{language}.yaml").read_text())
    return {name: text.strip() for name, text in read.items()}


def chosen(asked: str, accepted: str) -> str:
    """What was clicked, else what the browser prefers (RFC 9110, 12.5.4)."""
    if asked in LANGUAGES:
        return asked
    for language, _ in parse_accept_lang_header(accepted[:200].lower()):
        if language.split("-")[0] in LANGUAGES:
            return language.split("-")[0]
    return DEFAULT
