"""Which of many identifiers occur in a text: a condition that reads each row once
whatever their number, and the exact answer for the few rows that match."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import phonenumbers
from django.db.models import BooleanField, Func, Q, TextField, Value

from privacy import spellings
from privacy.identifiers import Kind, Mark
from privacy.sql import spotting, textindex
from privacy.strategies.base import Matches, matches

BEFORE_AT = re.compile(r"[a-z0-9._%+\-]*$")
AFTER_AT = re.compile(r"^[a-z0-9\-]*")
MOST_BY_INDEX = 50  # marks; for more, all texts are read as soon
WORTH_ASKING = 2  # digits of a block that is not whole
MOST_DIGITS = 3  # asked for by themselves, before the text is read as a number
ADDRESS = re.compile(r"[a-z0-9._%+\-]*@[a-z0-9\-]*")


class Spotter:
    """Searches for all the marks of many people at once."""

    def __init__(self, marks: Iterable[Mark]) -> None:
        self.marks = list(dict.fromkeys(marks))
        self._numbers: dict[int, dict[str, list[Mark]]] = defaultdict(dict)
        self._addresses: dict[str, list[Mark]] = {}
        self._others: list[Mark] = []
        self._exact: dict[Mark, re.Pattern[str]] = {}
        for mark in self.marks:
            self._sort_in(mark)

    def _sort_in(self, mark: Mark) -> None:
        if mark.kind == Kind.PHONE:
            number = phonenumbers.parse(mark.value)
            digits = phonenumbers.national_significant_number(number)
            self._numbers[len(digits)].setdefault(digits, []).append(mark)
        elif mark.kind == Kind.EMAIL:
            self._addresses.setdefault(_core(mark.value), []).append(mark)
        else:
            self._others.append(mark)

    def condition(self, text: Any, *, is_number: bool = False) -> Q:
        """Whether a text may hold one of them. `is_number`: plain numbers were looked
        up before."""
        condition = Q(
            Spotted(
                text,
                numbers={n: list(known) for n, known in self._numbers.items()},
                addresses=list(self._addresses),
                pattern=spellings.any_of(self.marks),
                is_number=is_number,
            )
        )
        if self._others:
            condition |= matches(text, spellings.any_of(self._others))
        return condition

    def sought(self) -> str:
        """What to ask an index of texts for (`sql.textindex`), as a tsquery; empty
        where the index could miss one, or where too many are searched for."""
        if self._others or len(self.marks) > MOST_BY_INDEX:
            return ""
        if min(self._numbers, default=textindex.SHORTEST) < textindex.SHORTEST:
            return ""
        words = [f"'{textindex.LONG}'", *(f"'{core}'" for core in self._addresses)]
        for known in self._numbers.values():
            words += [blocks for digits in known for blocks in _blocks(digits)]
        return " | ".join(words)

    def marks_in(self, text: str) -> list[Mark]:
        """Exactly those that occur in it, in any notation."""
        likely = dict.fromkeys(self._likely(text))
        return [mark for mark in likely if self._pattern(mark).search(text)]

    def _likely(self, text: str) -> Iterator[Mark]:
        digits = re.sub(r"[^0-9]", "", text)
        for length, known in self._numbers.items():
            for first in range(len(digits) - length + 1):
                yield from known.get(digits[first : first + length], ())
        if self._addresses:
            for address in ADDRESS.findall(text.replace("%40", "@").lower()):
                yield from self._addresses.get(address, ())
        yield from self._others

    def _pattern(self, mark: Mark) -> re.Pattern[str]:
        if mark not in self._exact:
            self._exact[mark] = re.compile(spellings.pattern(mark), re.IGNORECASE)
        return self._exact[mark]


def _shared(numbers: Sequence[str]) -> list[str]:
    """Some digits that all of them have: the highest, since texts mostly have low
    ones."""
    shared = set.intersection(*map(set, numbers))
    return sorted(shared, reverse=True)[:MOST_DIGITS]


def _blocks(digits: str) -> Iterator[str]:
    """A run of digits is cut into blocks from its beginning, and it is unknown how many
    digits of the number are in the block before its first whole one."""
    size = textindex.BLOCK
    for first in range(size):
        ends = range(first + size, len(digits) + 1, size)
        words = [f"'{digits[end - size : end]}'" for end in ends]
        rest = digits[ends[-1] :]
        if len(rest) >= WORTH_ASKING:
            words.append(f"'{rest}':*")
        yield f"({' & '.join(words)})"


def _core(address: str) -> str:
    """What every notation of an address has around its @."""
    local, domain = address.split("@", 1)
    before, after = BEFORE_AT.search(local), AFTER_AT.search(domain)
    return f"{before[0] if before else ''}@{after[0] if after else ''}"


class Spotted(Func):
    """True wherever an identifier may occur, and sometimes where none does."""

    output_field = BooleanField()

    def __init__(
        self,
        text: Any,
        *,
        numbers: Mapping[int, Sequence[str]],
        addresses: Sequence[str],
        pattern: str,
        is_number: bool,
    ) -> None:
        super().__init__(text)
        self.numbers, self.addresses = numbers, addresses
        self.pattern, self.is_number = pattern, is_number

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **__: Any) -> Any:
        """On other engines: the exact pattern at once."""
        text = self.get_source_expressions()[0]
        found = [
            compiler.compile(Matches(text, Value(part, output_field=TextField())))
            for part in spellings.parts(self.pattern)
        ]
        values = [value for _, some in found for value in some]
        return f"({' OR '.join(sql for sql, _ in found)})", values

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        text, values = compiler.compile(self.get_source_expressions()[0])
        parts, all_values = [], []
        for length, known in self.numbers.items():
            digits = _shared(known)
            early = [spotting.DIGIT.format(text=text, digit=digit) for digit in digits]
            part = spotting.NUMBERS.format(text=text, length=length, more=length - 1)
            parts.append(f"({' AND '.join([*early, part])})")
            all_values += [*values * (len(early) + 2), list(known)]
        if self.addresses:
            parts.append(spotting.ADDRESSES.format(text=text))
            all_values += [*values, *values, *values, list(self.addresses)]
        condition = " OR ".join(parts) or "false"
        if self.is_number:
            condition = f"{spotting.NOT_PLAIN.format(text=text)} AND ({condition})"
            all_values = [*values, *all_values]
        return f"({condition})", all_values
