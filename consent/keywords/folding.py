"""Normalises texts for comparison: case, accents, width, invisible characters,
punctuation."""

import re
import unicodedata

LONG_RUN = re.compile(r"([a-z])\1{2,}")
LONG_WORD = 8
APOSTROPHES = "'\u2019\u2018`\u00b4"


def words_of(text: str) -> list[str]:
    wide = unicodedata.normalize("NFKC", text).casefold()
    apart = unicodedata.normalize("NFKD", wide)
    return "".join(_fold(character) for character in apart).split()


def _fold(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Mn", "Cf") or character in APOSTROPHES:
        return ""
    return character if category[0] in "LNM" else " "


def key(text: str) -> str:
    """What all spellings of one keyword have in common: OPT OUT, opt-out, OptOut."""
    return "".join(words_of(text))


def squeezed(word: str) -> str:
    """A letter that was held down counts once: stoooop."""
    return LONG_RUN.sub(r"\1", word)


def signs_of(text: str) -> list[str]:
    """The emoji in a text."""
    return [sign for sign in text if unicodedata.category(sign) == "So"]


def is_near(word: str, meant: str) -> bool:
    """One typing error away: a letter wrong, missing or too many; or the same letters
    in another order, the first one right."""
    if sorted(word) == sorted(meant):
        return word[0] == meant[0]
    if abs(len(word) - len(meant)) > 1:
        return False
    head = 0
    while head < min(len(word), len(meant)) and word[head] == meant[head]:
        head += 1
    w, m = word[head:], meant[head:]
    return w[1:] == m[1:] or w[1:] == m or w == m[1:]


def is_slip(word: str, meant: str) -> bool:
    """For a word among others: two neighbouring letters swapped, which seldom makes
    another word; or one error in a long word."""
    if len(meant) >= LONG_WORD and is_near(word, meant):
        return not word.startswith(meant)
    if len(word) != len(meant) or word[0] != meant[0]:
        return False
    apart = [n for n, (w, m) in enumerate(zip(word, meant, strict=True)) if w != m]
    first, last = (apart[0], apart[-1]) if apart else (0, 0)
    changed = word[first : last + 1] == meant[first : last + 1][::-1]
    return last - first == 1 and changed
