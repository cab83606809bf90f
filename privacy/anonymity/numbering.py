"""Counts exactly how many numbers of a country's numbering plan fit a mask.

The plan is a pattern of digits (libphonenumber's metadata). Instead of listing eight
thousand million numbers, the pattern is turned into a state machine and the matching
numbers are counted by its states; the result is the same.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from phonenumbers import PhoneMetadata

TOKEN = re.compile(r"\\d|\[[^\]]*\]|\(\?:|[()|?]|\{\d+(?:,\d+)?\}|\d")
DIGITS = "0123456789"
FOR_PEOPLE = ("fixed_line", "mobile", "voip", "personal_number")

# What can follow: a set of digits, or alternatives. A word is a sequence of these, and
# a state is the set of words that may still come.
Word = tuple[Any, ...]
State = frozenset[Word]


class UnknownPlan(ValueError):
    """There is no numbering plan for that country, or its pattern has an unknown
    form."""


class Plan:
    """The numbers that a country assigns to people, without the country code."""

    def __init__(self, region: str) -> None:
        metadata: Any = PhoneMetadata.metadata_for_region(region.upper())
        if metadata is None:
            raise UnknownPlan(f"No country is called {region}.")
        kinds = [getattr(metadata, name) for name in FOR_PEOPLE]
        kinds = [kind for kind in kinds if kind and kind.national_number_pattern]
        patterns = {str(kind.national_number_pattern) for kind in kinds}
        words = (word for each in sorted(patterns) for word in _parse(each))
        self.start: State = frozenset(words)
        self.lengths = sorted({n for kind in kinds for n in kind.possible_length})
        self._paths = cache(self._count_paths)

    def size(self) -> int:
        """How many numbers there are."""
        return sum(
            self._paths(self.start, many, self._ends(many)) for many in self.lengths
        )

    def fewest(self, *, first: int, last: int) -> int:
        """How many numbers share their first and last digits, for the combination that
        the fewest share."""
        counts = (
            each for many in self.lengths for each in self._crowds(many, first, last)
        )
        return min(counts, default=0)

    def _crowds(self, many: int, first: int, last: int) -> Iterator[int]:
        middle = many - first - last
        if middle <= 0:
            if self._paths(self.start, many, self._ends(many)):
                yield 1
            return
        ends = self._endings(many, last)
        for state in self._after(first):
            counts = (self._paths(state, middle, each) for each in ends)
            yield from (count for count in counts if count)

    def _after(self, many: int) -> set[State]:
        states = {self.start}
        for _ in range(many):
            states = {after for state in states for after in _next(state)}
        return states

    def _ends(self, many: int) -> frozenset[State]:
        return frozenset(filter(_is_end, self._after(many)))

    def _endings(self, many: int, last: int) -> set[frozenset[State]]:
        """For each possible ending of that many digits, the states before it."""
        wanted: set[frozenset[State]] = {self._ends(many)}
        for back in range(1, last + 1):
            before = self._after(many - back)
            wanted = {
                frozenset(s for s in before if _step(s, digit) in after)
                for after in wanted
                for digit in DIGITS
            }
        return wanted - {frozenset()}

    def _count_paths(self, state: State, many: int, ends: Any) -> int:
        if many == 0:
            return int(state in ends)
        return sum(self._paths(after, many - 1, ends) for after in _next(state))


@cache
def plan(region: str) -> Plan:
    return Plan(region)


@cache
def _next(state: State) -> tuple[State, ...]:
    """The states after each possible digit; equal states are counted twice."""
    return tuple(filter(None, (_step(state, digit) for digit in DIGITS)))


@cache
def _step(state: State, digit: str) -> State:
    return frozenset(rest for word in state for rest in _rests(word, digit))


def _rests(word: Word, digit: str) -> Iterator[Word]:
    if not word:
        return
    item, rest = word[0], word[1:]
    if isinstance(item, str):
        if digit in item:
            yield rest
        return
    for alternative in item:
        yield from _rests(alternative + rest, digit)


def _is_end(state: State) -> bool:
    return any(_may_be_empty(word) for word in state)


def _may_be_empty(word: Word) -> bool:
    return all(
        not isinstance(item, str) and any(_may_be_empty(each) for each in item)
        for item in word
    )


# --- reading the pattern ------------------------------------------------------------


def _parse(pattern: str) -> tuple[Word, ...]:
    parts = TOKEN.findall(pattern)
    if "".join(parts) != pattern:
        raise UnknownPlan("The plan is not written as expected.")
    return _alternatives(iter(parts))


def _alternatives(parts: Iterator[str]) -> tuple[Word, ...]:
    words: list[Word] = []
    word: list[Any] = []
    for part in parts:
        if part == ")":
            break
        if part == "|":
            words.append(tuple(word))
            word = []
        elif part[0] == "(":
            word.append(_alternatives(parts))
        elif part[0] in "?{":
            word += _repeated(word.pop(), part)
        else:
            word.append(_digits(part))
    return (*words, tuple(word))


def _repeated(item: Any, part: str) -> Iterable[Any]:
    bounds = [0, 1] if part == "?" else [int(n) for n in part[1:-1].split(",")]
    maybe = ((item,), ())
    return [item] * bounds[0] + [maybe] * (bounds[-1] - bounds[0])


def _digits(part: str) -> str:
    matching = re.compile(part)
    return "".join(digit for digit in DIGITS if matching.fullmatch(digit))
