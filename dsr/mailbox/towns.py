"""The country of a town: telephone area codes are named after towns.

From the data of `phonenumbers`. A name that towns in two countries have says nothing.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

import phonenumbers
from phonenumbers.geodata import GEOCODE_DATA

from dsr.mailbox.letter import Letter

WORD = r"[^\W\d_a-z][\w'\u2019-]+"
TOWN = rf"{WORD}(?: (?:{WORD}|am|an der|de|del|della|do|la|sur|y)){{0,3}}"
AFTER_STREET = re.compile(
    rf"\b\d{{1,4}}\w?(?:, [^,\n]{{1,16}})?,\s+(?:\d{{4,5}}\s+)?({TOWN})"
)
A_LINE = re.compile(rf"(?:\d{{4,5}}\s+)?({TOWN})\W*$")
LAST = 8  # lines of a signature
SHORTEST = 4  # letters: Eu, Die and Best are towns too
SIGNED = re.compile(rf"{WORD}(?: \S+){{1,4}}$")  # a name


def country(letter: Letter, says_lives: re.Pattern[str]) -> str:
    """The country of the first town in a postal address, in a signature, or after words
    that say where the writer lives (they end where the town begins); empty if none is
    known."""
    return next(filter(None, map(_known, _towns(letter, says_lives))), "")


def _towns(letter: Letter, says_lives: re.Pattern[str]) -> Iterator[str]:
    text = letter.text
    yield from (found[1] for found in AFTER_STREET.finditer(text))
    yield from _signed(text)
    for found in says_lives.finditer(text):
        if town := re.compile(TOWN).match(text, found.end()):
            yield town[0]


def _signed(text: str) -> Iterator[str]:
    """Lines below a name that are nothing but a town."""
    lines = [line.strip() for line in text.splitlines() if line.strip()][-LAST:]
    for above, line in pairwise(lines):
        if (found := A_LINE.match(line)) and SIGNED.match(above):
            yield found[1]


def _known(town: str) -> str:
    """By as many of its words as make a town: `Korbach am Freitag`."""
    words = town.split()
    some = (" ".join(words[:many]) for many in range(len(words), 0, -1))
    return next(filter(None, (_countries().get(name.casefold()) for name in some)), "")


@cache
def _countries() -> dict[str, str]:
    codes: dict[str, set[int]] = defaultdict(set)
    for prefix, names in GEOCODE_DATA.items():
        for name in names.values():
            codes[name.casefold()].add(_code(prefix))
    return {
        name: phonenumbers.region_code_for_country_code(next(iter(some)))
        for name, some in codes.items()
        if len(some) == 1 and len(name) >= SHORTEST
    }


def _code(prefix: str) -> int:
    """The calling code that a prefix of numbers begins with."""
    starts = (int(prefix[:many]) for many in (1, 2, 3))
    return next(each for each in starts if each in CODES)


CODES = phonenumbers.COUNTRY_CODE_TO_REGION_CODE
