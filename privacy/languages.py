"""The languages we write in, and the frame of every public page."""

from typing import Any

from django.conf import settings
from django.utils.translation.trans_real import parse_accept_lang_header

LANGUAGES = {"en": "English", "es": "Español", "fr": "Français", "de": "Deutsch"}
DEFAULT = "en"


def known(language: str) -> str:
    """A language we write in: `pt-BR` and other unknown ones become English."""
    short = language.strip().lower().replace("_", "-").split("-")[0]
    return short if short in LANGUAGES else DEFAULT


def chosen(asked: str, accepted: str) -> str:
    """The one that was clicked, else what the browser prefers (RFC 9110, 12.5.4)."""
    if asked in LANGUAGES:
        return asked
    for language, _ in parse_accept_lang_header(accepted[:200].lower()):
        if language.split("-")[0] in LANGUAGES:
            return language.split("-")[0]
    return DEFAULT


def frame(language: str) -> dict[str, Any]:
    """Context for `public/base.html`: its language, the other languages by their own
    names, and whom to write to."""
    return {
        "language": language,
        "others": [(code, own) for code, own in LANGUAGES.items() if code != language],
        "address": settings.DEFAULT_FROM_EMAIL,
    }
