"""The whole message as a keyword, courtesy aside; or one typing error away from one."""

import datetime as dt
import itertools
from collections.abc import Callable
from functools import partial

from consent.keywords import rules
from consent.keywords.folding import is_near, squeezed
from consent.keywords.meanings import Meaning, Says
from consent.keywords.routes import ANY, Route
from consent.keywords.rules import Rules, Word
from consent.models import Keyword


def keyword(
    text: str, words: list[str], day: dt.date, by: Route = ANY
) -> Meaning | None:
    """By the keywords in force on that day; None where the message is more than one."""
    find = partial(rules.in_force, day=day, by=by)
    known = find(["".join(words), *words, *_pairs(words)])
    return _whole(words, known, find, questioned="?" in text)


def _whole(
    words: list[str],
    known: dict[str, Word],
    find: Callable[[list[str]], dict[str, Word]],
    *,
    questioned: bool,
) -> Meaning | None:
    plain = "".join(_without_courtesy(words, known))
    if plain not in known:
        known = known | find([plain])
    keyword = known.get("".join(words)) or known.get(plain)
    if keyword is None or _is_courtesy(keyword):
        return None
    if keyword.meaning == Keyword.Meaning.OPT_OUT and questioned:
        return Meaning(Says.AMBIGUOUS, f"question: {keyword.text}", keyword.text)
    rule = f"{keyword.rule}: {keyword.text}"
    return Meaning(keyword.meaning, rule, keyword.text, keyword.language, keyword.also)


def _pairs(words: list[str]) -> list[str]:
    return [left + right for left, right in itertools.pairwise(words)]


def _without_courtesy(words: list[str], known: dict[str, Word]) -> list[str]:
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


def _is_courtesy(keyword: Word | None) -> bool:
    return keyword is not None and keyword.meaning == Keyword.Meaning.COURTESY


def slip(words: list[str], book: Rules) -> Meaning | None:
    """A message of one word, one typing error away from a keyword."""
    word = squeezed("".join(words))
    if len(words) > 2 or word in book.lists.get("spelt", ()):
        return None
    for meant in book.lists.get("misspelt", ()):
        if is_near(word, meant):
            return Meaning(Says.OPT_OUT, f"misspelt: {meant}", meant)
    return None
