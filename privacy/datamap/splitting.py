"""Splits names into words: snake_case, camelCase, digits, and words written
together."""

import re
import unicodedata
from functools import lru_cache

from privacy.datamap.lexicon import LETTERS, lexicon

PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_a-zA-Z]+")
GLUED = 6  # letters of the shortest name that may be several words
ENDS = {"id", "ids", "no", "nr", "at", "by", "ip"}  # with which such a name may end
SIDED = re.compile(r"(\w{3,})id(to|from|by)")  # useridfrom
OF_USERS = re.compile(r"(\w{3,})userid")  # relateduserid, whatever stands before it
PLURALS = {"people": "person", "children": "child"}


def tokens(name: str) -> list[str]:
    """The parts of a name: custBillingEMail2 is cust, billing, e, mail, 2."""
    return list(_tokens(name))


@lru_cache(maxsize=20_000)
def _tokens(name: str) -> tuple[str, ...]:
    apart = unicodedata.normalize("NFKD", name.translate(LETTERS))
    ascii_ = "".join(c for c in apart if not unicodedata.combining(c))
    parts = [part.casefold() for part in PART.findall(ascii_)]
    return tuple(word for part in parts for word in _unglued(part) or [part])


def _unglued(part: str) -> list[str]:
    """`channelid`, as PostgreSQL writes channelId: only if all its words are known."""
    if len(part) < GLUED or _is_word(part):
        return []
    if (sided := SIDED.fullmatch(part)) and _is_word(sided[1]):
        return [sided[1], "id", sided[2]]
    if of_users := OF_USERS.fullmatch(part):
        return [of_users[1], "user", "id"]
    for at in range(len(part) - 2, 2, -1):
        begin, end = part[:at], part[at:]
        if _is_word(begin) and (end in ENDS or (len(end) > 2 and _is_word(end))):
            return [begin, end]
        if len(end) > 2 and _is_word(begin) and (rest := _unglued(end)):
            return [begin, *rest]
    return []


def _is_word(part: str) -> bool:
    return part in lexicon().words or singular(part) in lexicon().words


def singular(word: str) -> str:
    """In English, near enough."""
    if word in PLURALS:
        return PLURALS[word]
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    if word.endswith("ss"):
        return word
    return word[:-1] if word.endswith("s") and len(word) > 3 else word
