"""The place of a town: telephone area codes are named after towns.

From the data of `phonenumbers`. A name that towns in two countries have says nothing,
nor does one that towns in two states of the USA have.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import NamedTuple

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
IN_STATE = re.compile(r"(.+), ([A-Z]{2})$")  # Sacramento, CA


class Place(NamedTuple):
    """An ISO 3166 country; or a state of the USA, or a province of Canada, which is
    written like one."""

    country: str = ""
    state: str = ""


def place(letter: Letter, says_lives: re.Pattern[str]) -> Place:
    """The place of the first known town in a postal address, in a signature, or after
    words that say where the writer lives (they end where the town begins)."""
    return next(filter(any, map(_known, _towns(letter, says_lives))), Place())


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


def _known(town: str) -> Place:
    """By as many of its words as make a town: `Korbach am Freitag`."""
    words = town.split()
    some = (" ".join(words[:many]) for many in range(len(words), 0, -1))
    found = (_places().get(name.casefold(), Place()) for name in some)
    return next(filter(any, found), Place())


@cache
def _places() -> dict[str, Place]:
    """By name; a town of the USA only where nowhere else has one of its name."""
    found: dict[str, set[Place]] = defaultdict(set)
    states: dict[str, set[Place]] = defaultdict(set)
    for prefix, names in GEOCODE_DATA.items():
        for name in names.values():
            if town := IN_STATE.match(name):
                states[town[1].casefold()].add(Place(state=town[2]))
            else:
                country = phonenumbers.region_code_for_country_code(_code(prefix))
                found[name.casefold()].add(Place(country))
    return {
        name: next(iter(some))
        for name, some in (states | found).items()
        if len(some) == 1 and len(name) >= SHORTEST
    }


def _code(prefix: str) -> int:
    """The calling code that a prefix of numbers begins with."""
    starts = (int(prefix[:many]) for many in (1, 2, 3))
    return next(each for each in starts if each in CODES)


CODES = phonenumbers.COUNTRY_CODE_TO_REGION_CODE
