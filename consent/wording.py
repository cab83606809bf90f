"""Do the answers of a program say what they must, and nothing that they must not?

How each thing is said is a dated rule by language (`rules/wording.yaml`). A text is
checked in the language in which it says most.
"""

import datetime as dt
import re
from collections import defaultdict
from functools import lru_cache
from pathlib import Path

from django.db.models import Q

from consent.keywords import compiled, words_of
from consent.models import Program, Wording
from privacy import periods

FILE = Path(__file__).resolve().parent / "rules" / "wording.yaml"
Where = Wording.Where
# Of no language: what leads to an offer, and what leads to somebody who helps.
LINK = re.compile(r"https?://|www\.|%", re.IGNORECASE)
CONTACT = re.compile(r"https?://|www\.|\w@\w|\d[\d ().-]{5,}\d", re.IGNORECASE)
NO_CONTACT = "It must say where to get help: a web page, an address or a number."
ADVERTISES = "A confirmation of STOP may only confirm: no offers, no links."


def load() -> int:
    """Adds the wordings of the file that are not rows yet; returns how many."""
    return periods.load(Wording, FILE)


def problems(program: Program, *, now: dt.datetime) -> dict[str, list[str]]:
    """One sentence for each, by field; empty for texts that are fine."""
    day = now.astimezone(dt.UTC).date()
    helps = missing(program.help_text, Where.HELP, day)
    found = {
        "help_text": [
            *helps,
            *([] if CONTACT.search(program.help_text) else [NO_CONTACT]),
        ],
        "opt_out_text": advertising(program.opt_out_text, day),
        "clarify_text": advertising(program.clarify_text, day),
        "opt_in_text": missing(program.opt_in_text, Where.OPT_IN, day),
    }
    return {field: said for field, said in found.items() if said}


def missing(text: str, where: str, day: dt.date) -> list[str]:
    """What the text must say and does not, in the language in which it lacks least."""
    return min(_lacks(text, where, day).values(), key=len, default=[])


def language(program: Program, *, now: dt.datetime) -> str:
    """That in which its answer to HELP lacks least, else English."""
    lacks = _lacks(program.help_text, Where.HELP, now.astimezone(dt.UTC).date())
    return min(lacks, key=lambda each: (len(lacks[each]), each != "en"), default="en")


def _lacks(text: str, where: str, day: dt.date) -> dict[str, list[str]]:
    """By language."""
    spaced = _spaced(text)
    by_language: dict[str, list[str]] = defaultdict(list)
    for rule in _in_force(where, day):
        lacks = by_language[rule.language]
        if not _says(spaced, rule):
            lacks.append(f"It must say {rule.thing}.")
    return by_language


def advertising(text: str, day: dt.date) -> list[str]:
    """47 CFR 64.1200(a)(12): a confirmation must not advertise, in any language."""
    spaced = _spaced(text)
    rules = _in_force(Where.OPT_OUT, day)
    if LINK.search(text) or any(_says(spaced, rule) for rule in rules):
        return [ADVERTISES]
    return []


def _in_force(where: str, day: dt.date) -> list[Wording]:
    live = Q(valid_to=None) | Q(valid_to__gte=day)
    return list(Wording.objects.filter(live, where=where, valid_from__lte=day))


def _spaced(text: str) -> str:
    return "".join(f" {word}" for word in words_of(text))


def _says(spaced: str, rule: Wording) -> bool:
    return any(_compiled(each).search(spaced) for each in rule.patterns)


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return compiled(pattern, {})
