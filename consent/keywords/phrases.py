"""Patterns of phrases, as the head of `rules/phrases.yaml` describes them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from consent.keywords.folding import key, words_of
from privacy.refusals import Refusal

TOKEN = re.compile(r"(?:\([^()]*\)|\[[^\[\]]*\]|[^\s()\[\]])+")
LIST = re.compile(r"\{(\w+)\}")
ANY = r"(?: \S+){0,%s}?"
MOST_ANY = 9
MANY = "mul"
COVERED = " \u25a0"  # stands where harmless words were
Lists = Mapping[str, tuple[str, ...]]


class BadPattern(Refusal):
    """A pattern is words, {lists}, a|b, (a|b c), [perhaps], *3, ^, $, or ~letters."""


class UnknownList(BadPattern):
    """The pattern names a {list} that there is not."""


@dataclass(frozen=True)
class Pattern:
    """A phrase, compiled for searching."""

    text: str
    meaning: str
    rule: str
    language: str
    compiled: re.Pattern[str]

    def is_of(self, other: "Pattern") -> bool:
        """Whether it is of the text's language, if both have one: “till” is a limit in
        English, but in Swedish only means “to”."""
        own = {self.language, other.language}
        return len(own) == 1 or MANY in own

    def found_in(self, spaced: str) -> bool:
        where = spaced if self.text[:1] != "~" else spaced.replace(" ", "")
        return self.compiled.search(where) is not None


def compiled(text: str, lists: Lists) -> re.Pattern[str]:
    """Matches words that each have a space before them."""
    if text.startswith("~"):
        if not key(text):
            raise BadPattern
        return re.compile(re.escape(key(text)))
    if TOKEN.sub("", text).strip():
        raise BadPattern
    return re.compile("".join(_piece(token, lists) for token in TOKEN.findall(text)))


def _piece(token: str, lists: Lists) -> str:
    if token in ("^", "$"):
        return token
    if token.startswith("["):
        return f"(?:{_choice(token[1:-1], lists)})?"
    return _choice(token, lists)


def _choice(text: str, lists: Lists) -> str:
    inner = text.replace("(", "").replace(")", "")
    return f"(?:{'|'.join(_one(each.strip(), lists) for each in inner.split('|'))})"


def _one(text: str, lists: Lists) -> str:
    if text.startswith("*"):
        if not (text[1:].isdecimal() and int(text[1:]) <= MOST_ANY):
            raise BadPattern
        return ANY % text[1:]
    if text == "{number}":
        return r" \d{4,}(?!\S)"
    if found := LIST.fullmatch(text):
        if found[1] not in lists:
            raise UnknownList
        return f"(?:{'|'.join(_literal(word) for word in lists[found[1]])})"
    return _literal(text)


def _literal(text: str) -> str:
    words = words_of(text)
    if not words or set(text) & set("{}[]()^$"):
        raise BadPattern
    return "".join(f" {re.escape(word)}" for word in words) + r"(?!\S)"
