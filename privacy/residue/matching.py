"""Finds whose identifiers a text contains, for everyone at once.

Runs of digits and addresses are cut out of a whole chunk of rows and looked up; only
rows that hold a match are examined one by one.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from uuid import UUID

import phonenumbers

from privacy.datamap.lexicon import lexicon
from privacy.identifiers import Kind, Mark
from privacy.residue import plain

GAPS = " ().-/·\u00a0\u2010\u2011\u2012\u2013\u2014\u2015"
RUN = re.compile(rf"[0-9][0-9{re.escape(GAPS)}]{{5,}}")
FOUR = re.compile(r"(?<![0-9])[0-9]{4}(?![0-9])")
NO_GAPS = {ord(gap): None for gap in GAPS}
WIDEST_GAP = 3
# Shorter national numbers would be found in prices and dates.
SHORTEST_ALONE = 7
LABEL = re.compile(r"@[a-z0-9\-]*")  # the first of a domain
# What goes on with a mailbox's name, read backwards: an @ is found at once, a word that
# ends in one is not.
NAME = re.compile(r"@[a-z0-9._%+\-]*")
INSIDE = re.compile(r"[a-z0-9._%+\-]")
LONGEST_LOCAL, LONGEST_DOMAIN = 200, 255
MORE_DOMAIN = re.compile(r"[a-z0-9\-]|\.[a-z]{2,3}(?![a-z])")
TAG = re.compile(r"\+[a-z0-9._\-]{1,64}$")
WORD = re.compile(r"[^\W\d_]{3,}")
NAME_WORD = re.compile(r"[^\W\d_]{2,}")
UUID_FORM = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TITLE = "title"  # stands for Mrs, Herr, Sra and so on in what was found
NEAR = 2  # words between which a middle name may stand
Name = tuple[str, str]  # two words of it, in the order of the alphabet


class Matcher:
    """Made once for all marks. `hints` are the last four digits of numbers and words of
    their owners' names, which together make a text worth a look; so do `names`,
    `beside` (words of a street, for example, beside words of a name), and a title
    before a word of a name."""

    def __init__(
        self,
        marks: Iterable[Mark],
        hints: Mapping[str, set[str]] | None = None,
        names: Iterable[Name] = (),
        beside: Mapping[str, set[str]] | None = None,
    ) -> None:
        self.marks = list(dict.fromkeys(marks))
        self._numbers: dict[int, dict[str, list[tuple[str, Mark]]]] = {}
        self._addresses: dict[tuple[str, str], list[Mark]] = defaultdict(list)
        self._words: dict[str, list[Mark]] = defaultdict(list)
        self._hints = dict(hints or {})
        self._beside = dict(beside or {})
        self._names: dict[str, set[Name]] = defaultdict(set)
        for name in names:
            self._names[name[0]].add(name)
        self._titled = {word for name in self._names.values() for each in name
                        for word in each if WORD.fullmatch(word)}  # fmt: skip
        for mark in self.marks:
            if mark.kind == Kind.PHONE:
                self._take_number(mark)
            elif mark.kind == Kind.EMAIL:
                self._addresses[next(_around(mark.value))].append(mark)
            else:
                self._words[_canonical(mark.value)].append(mark)
        self.knows_uuids = any(UUID_FORM.fullmatch(word) for word in self._words)

    def leave(self, name: Name) -> None:
        """Stop looking for a name."""
        some = self._names.get(name[0], set())
        some.discard(name)
        if not some:
            self._names.pop(name[0], None)
        self._beside.get(name[0], set()).discard(name[1])
        if name[0] == TITLE:
            self._titled.discard(name[1])

    def _take_number(self, mark: Mark) -> None:
        number = phonenumbers.parse(mark.value)
        national = phonenumbers.national_significant_number(number)
        same = self._numbers.setdefault(len(national), {})
        same.setdefault(national, []).append((str(number.country_code), mark))

    # --- a chunk: may it hold anything? ----------------------------------------

    def may_hold(self, text: str) -> bool:
        return any(
            self._has_number(variant) or self._has_address(variant)
            for variant in plain.variants(text)
        )

    def may_hint(self, text: str) -> bool:
        if not self._hints.keys().isdisjoint(FOUR.findall(text)):
            return True
        return any(self._named(text))

    def _has_number(self, text: str) -> bool:
        for run in set(RUN.findall(text)):
            digits = run if run.isdigit() else run.translate(NO_GAPS)
            for length, known in self._numbers.items():
                for first in range(len(digits) - length + 1):
                    if digits[first : first + length] in known:
                        return True
        return False

    def _has_address(self, text: str) -> bool:
        if self._words and any(word in text.lower() for word in self._words):
            return True
        if not self._addresses or "@" not in text:
            return False
        return any(self._at(*each) for each in set(_around(text.lower())))

    def _at(self, name: str, label: str) -> list[Mark]:
        """The marks that the @ between these may belong to, with or without a tag."""
        found = self._addresses.get((name, label), [])
        if "+" in name:
            found = found + self._addresses.get((TAG.sub("", name), label), [])
        return found

    # --- a cell: what exactly? ---------------------------------------------------

    def seen(self, text: str) -> set[Mark]:
        """The marks that occur in it, in any notation."""
        found: set[Mark] = set()
        for variant in plain.variants(text):
            found |= set(self._numbers_in(variant))
            found |= set(self._addresses_in(variant.lower()))
            found |= set(self._words_in(variant.lower()))
        return found

    def exactly(self, number: str) -> set[Mark]:
        """The marks that a number (a cell that is not text) may be: a shorter one is
        that of too many things."""
        if len(number) < SHORTEST_ALONE:
            return set()
        return {*self._numbers_in(number), *self._words.get(number, ())}

    def hinted(self, text: str) -> set[tuple[str, str]]:
        """Last four digits and a word of the name that stand beside each other."""
        words = set(WORD.findall(text.lower()))
        return {
            (four, word)
            for four in set(FOUR.findall(text)) & self._hints.keys()
            for word in words & self._hints[four]
        } | set(self._named(text))

    def _named(self, text: str) -> Iterator[Name]:
        """First and last name beside each other, in either order; or one of them beside
        another sign of the person, or after a title."""
        said = _words(text) if self._names else []
        for sign in self._beside.keys() & said if self._beside else ():
            yield from ((sign, word) for word in self._beside[sign] & set(said))
        if not self._titled.isdisjoint(said):
            yield from self._after_titles(said)
        if self._names.keys().isdisjoint(said):
            return
        for first, word in enumerate(said):
            for name in tuple(self._names.get(word, ())):
                near = said[max(0, first - NEAR) : first + NEAR + 1]
                if name[1] in near:
                    yield name

    def _after_titles(self, said: list[str]) -> Iterator[Name]:
        """Mrs Abbott."""
        for title, word in pairwise(said):
            if word in self._titled and title in lexicon().salutations:
                yield TITLE, word

    def _numbers_in(self, text: str) -> Iterator[Mark]:
        for run in RUN.finditer(text):
            places = [run.start() + i for i, c in enumerate(run[0]) if c.isdigit()]
            digits = "".join(text[place] for place in places)
            for length, known in self._numbers.items():
                for first in range(len(digits) - length + 1):
                    for country, mark in known.get(digits[first : first + length], ()):
                        if _stands(text, places[first : first + length], country):
                            yield mark

    def _addresses_in(self, text: str) -> Iterator[Mark]:
        at = -1
        for each in _around(text) if self._addresses else ():
            at = text.find("@", at + 1)
            for mark in self._at(*each):
                rest = text[at + 1 : at + 1 + LONGEST_DOMAIN]
                before = text[max(0, at - LONGEST_LOCAL) : at]
                if _is_at(mark.value, before, rest):
                    yield mark

    def _words_in(self, text: str) -> Iterator[Mark]:
        for word, marks in self._words.items():
            if re.search(rf"(?<![a-z0-9_]){re.escape(word)}(?![a-z0-9_])", text):
                yield from marks


def _canonical(value: str) -> str:
    """As a database writes it: a UUID has one form there, whoever told us of it."""
    try:
        return str(UUID(value))
    except ValueError:
        return value.lower()


def _words(text: str) -> list[str]:
    if "\\" in text:
        text = plain.BREAKS.sub(" ", plain.spelled_out(text))
    return NAME_WORD.findall(text.casefold())


def _stands(text: str, places: list[int], country: str) -> bool:
    """Whether it is a number of its own: no wide gap inside, and only a prefix before
    it."""
    first, last = places[0], places[-1]
    if last + 1 < len(text) and text[last + 1].isdigit():
        return False
    if any(b - a > WIDEST_GAP + 1 for a, b in pairwise(places)):
        return False
    before = re.search(r"[0-9]*$", text[max(0, first - 16) : first])
    lead = before[0] if before else ""
    prefixes = {country, f"{country}0", f"00{country}", f"011{country}", "0"}
    if len(places) >= SHORTEST_ALONE:
        return not lead or lead in prefixes
    return lead in prefixes or _is_prefixed(text[max(0, first - 8) : first], country)


def _is_prefixed(before: str, country: str) -> bool:
    return re.search(r"\d+$", before.translate(NO_GAPS)) is not None and (
        before.translate(NO_GAPS).endswith((country, f"{country}0", "0"))
    )


def _is_at(address: str, before: str, rest: str) -> bool:
    local, domain = address.split("@", 1)
    if not rest.startswith(domain) or MORE_DOMAIN.match(rest, len(domain)):
        return False
    for written in (before, TAG.sub("", before)):
        if written.endswith(local):
            left = written[: len(written) - len(local)][-1:]
            if not INSIDE.match(left):
                return True
    return False


def _around(text: str) -> Iterator[tuple[str, str]]:
    """For each @, the end of the name before it and the first label after it."""
    names = NAME.findall(text[::-1])
    for name, label in zip(reversed(names), LABEL.findall(text), strict=True):
        yield name[:0:-1], label[1:]
