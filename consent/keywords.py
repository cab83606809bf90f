"""What a message means for consent: its keyword, or that a person should read it."""

import datetime as dt
import itertools
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from django.db.models import Q

from consent.models import InboundMessage, Keyword

FILE = Path(__file__).resolve().parent / "rules" / "keywords.yaml"
LONGEST_KEY = 80  # as Keyword.key
WORDS_READ = 400  # a long message can't make a query longer than this
Says = InboundMessage.Meaning


@dataclass(frozen=True)
class Meaning:
    """opt_out, opt_in, help, none or ambiguous; the rule that said so, and its text."""

    meaning: str
    rule: str
    keyword: str = ""


NOTHING = Meaning(Says.NONE, "no_keyword")


def words_of(text: str) -> list[str]:
    """Folded words: no case, accents, width, invisible characters or punctuation."""
    wide = unicodedata.normalize("NFKC", text).casefold()
    apart = unicodedata.normalize("NFKD", wide)
    return "".join(_fold(character) for character in apart).split()


def _fold(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Mn", "Cf") or character in "'\u2019":
        return ""
    return character if category[0] in "LNM" else " "


def key(text: str) -> str:
    """What two spellings of one keyword have in common: OPT OUT, opt-out, OptOut."""
    return "".join(words_of(text))


def understand(text: str, at: dt.datetime) -> Meaning:
    """By the keywords in force on that day (UTC); only a whole message counts."""
    words = words_of(text)[:WORDS_READ]
    known = _in_force(["".join(words), *words, *_pairs(words)], at)
    plain = "".join(_without_courtesy(words, known))
    if plain not in known:
        known |= _in_force([plain], at)
    keyword = known.get("".join(words)) or known.get(plain)
    if keyword is None or keyword.meaning == Keyword.Meaning.COURTESY:
        return _mentioned(words, known)
    if keyword.meaning == Keyword.Meaning.OPT_OUT and "?" in text:
        return Meaning(Says.AMBIGUOUS, f"question: {keyword.text}", keyword.text)
    return Meaning(keyword.meaning, f"{keyword.rule}: {keyword.text}", keyword.text)


def _in_force(keys: list[str], at: dt.datetime) -> dict[str, Keyword]:
    """By key; of two rows of one key the later rule."""
    day = at.astimezone(dt.UTC).date()
    rows = Keyword.objects.filter(
        Q(valid_to=None) | Q(valid_to__gte=day),
        key__in={each for each in keys if 0 < len(each) <= LONGEST_KEY},
        valid_from__lte=day,
    )
    return {row.key: row for row in rows.order_by("valid_from", "pk")}


def _pairs(words: list[str]) -> list[str]:
    return [left + right for left, right in itertools.pairwise(words)]


def _without_courtesy(words: list[str], known: dict[str, Keyword]) -> list[str]:
    """The words that are not please or thank you."""
    kept: list[str] = []
    rest = list(words)
    while rest:
        if len(rest) > 1 and _is_courtesy(known.get(rest[0] + rest[1])):
            del rest[:2]
        elif _is_courtesy(known.get(rest[0])):
            del rest[0]
        else:
            kept.append(rest.pop(0))
    return kept


def _is_courtesy(keyword: Keyword | None) -> bool:
    return keyword is not None and keyword.meaning == Keyword.Meaning.COURTESY


def _mentioned(words: list[str], known: dict[str, Keyword]) -> Meaning:
    """A stop word among others may be a wish to stop, or a bus stop: a person reads."""
    for word in [*words, *_pairs(words)]:
        keyword = known.get(word)
        if keyword and keyword.meaning == Keyword.Meaning.OPT_OUT:
            return Meaning(Says.AMBIGUOUS, f"mentions: {keyword.text}", keyword.text)
    return NOTHING


def load() -> int:
    """The keywords of the file that are not rows yet; how many were added.

    A row that staff changed stays as they left it: a rule that changes gets a new row
    with its own first day.
    """
    rows = [row for rule in yaml.safe_load(FILE.read_text()) for row in _rows(rule)]
    with transaction.atomic():
        before = Keyword.objects.count()
        Keyword.objects.bulk_create(rows, ignore_conflicts=True)
        return Keyword.objects.count() - before


def _rows(rule: dict[str, Any]) -> list[Keyword]:
    same = {name: value for name, value in rule.items() if name != "texts"}
    return [Keyword(key=key(text), text=text, **same) for text in rule["texts"]]
