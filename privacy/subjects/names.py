"""Names and dates of birth in rows: to tell that two rows are about different
people."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from privacy.datamap import Map
from privacy.datamap.lexicon import given_names, lexicon, plain
from privacy.models import Column, Table
from privacy.subjects.rows import Found, by_key, chunks, owned

Name = tuple[str, str]  # two words of it, in the order of the alphabet
WORDS = re.compile(r"[^\W\d_]{2,}")


def names_in(cells: Sequence[object]) -> set[Name]:
    """`Ada`, `King` and `King, Ada M.` are one name: its first word and its last. Each
    word of a double surname counts by itself; the two together are a family's name."""
    words = [some for cell in cells if cell and (some := _words(cell))]
    halves = [some for some in words if _is_half(some, words)]
    pairs = [(some[0], some[-1]) for some in words if some not in halves]
    for one, other in combinations(words, 2):
        if min(len(one), len(other)) == 1 or (one in halves and other in halves):
            pairs += [(one[0], word) for word in (other[0], other[-1])]
            pairs += [(one[-1], other[0])]
    return {(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]}


def _is_half(some: list[str], words: list[list[str]]) -> bool:
    """First names or a surname, of several words, beside the rest of the name."""
    others = [other for other in words if not set(other) <= set(some)]
    if not others:
        return False
    if all(len(other) == 1 for other in others):
        return not _is_given(some[0]) or all(map(_is_given, some))
    if len(others) > 1 or set(some) & set(others[0]):
        return False
    return all(map(_is_given, some)) != all(map(_is_given, others[0]))


def _is_given(word: str) -> bool:
    return plain(word) in given_names()


def _words(cell: object) -> list[str]:
    """Without `Mrs` and `Dr`, which are no part of it; `Don` may be."""
    found = WORDS.findall(str(cell).casefold())
    return [w for w in found if _is_given(w) or plain(w) not in lexicon().salutations]


def columns(mapped: Map, table: Table, *kinds: str) -> list[Column]:
    """The columns with the name (or another such value) of the row's person."""
    return [
        c
        for c in mapped.columns(table)
        if c.identifier in kinds and not c.path and c.whose == Column.Whose.SUBJECT
    ]


@dataclass
class Who:
    """The names and dates of birth that rows give."""

    names: set[Name] = field(default_factory=set)
    born: set[str] = field(default_factory=set)

    def take(self, columns_: Iterable[Column], cells: Iterable[Any]) -> None:
        said = list(zip(columns_, cells, strict=True))
        self.names |= called(*(cell for c, cell in said if c.identifier == "name"))
        days = [str(cell) for c, cell in said if c.identifier == "birth_date" and cell]
        self.born |= {day for day in days if len(set(day)) > 1}  # 00000000 is none

    def join(self, other: "Who") -> None:
        self.names |= other.names
        self.born |= other.born

    def is_not(self, other: "Who") -> bool:
        """Both have names, and no name and no date of birth is the same."""
        if not self.names or not other.names:
            return False
        return self.names.isdisjoint(other.names) and self.born.isdisjoint(other.born)


def called(*cells: object) -> set[Name]:
    """The names in them, as `Who` has them."""
    return {_plain(name) for name in names_in(cells)}


def _plain(name: Name) -> Name:
    one, two = sorted(map(plain, name))
    return one, two


def lines(
    mapped: Map, table: Table, rows: Any, more: Sequence[str] = ()
) -> Iterator[tuple[tuple[Any, ...], Who, tuple[Any, ...]]]:
    """For each row its key, who it says it is about, and the values of `more`
    columns."""
    said = columns(mapped, table, "name", "birth_date")
    width = len(table.key)
    names = [*table.key, *(c.name for c in said), *more]
    for cells in rows.order_by().values_list(*names).iterator(chunk_size=2000):
        who = Who()
        who.take(said, cells[width : width + len(said)])
        yield tuple(cells[:width]), who, tuple(cells[width + len(said) :])


def people(mapped: Map) -> list[Table]:
    """The tables of people that say what these are called."""
    return [
        table
        for table in mapped.tables.values()
        if table.about == Table.About.PERSON and columns(mapped, table, "name")
    ]


def own(mapped: Map, founds: Sequence[Found]) -> dict[int, Who]:
    """Who each person is, according to their own rows."""
    said: dict[int, Who] = defaultdict(Who)
    for table in people(mapped):
        whose = owned(table, founds)
        for some in chunks(list(whose)):
            rows = mapped.rows(table).filter(by_key(table, some))
            for key, who, _ in lines(mapped, table, rows):
                for found in whose[key]:
                    said[id(found)].join(who)
    return said


def of_rows(
    mapped: Map, table: Table, keys: Sequence[tuple[Any, ...]]
) -> Iterator[Who]:
    for some in chunks(keys):
        rows = mapped.rows(table).filter(by_key(table, some))
        yield from (who for _, who, _ in lines(mapped, table, rows))
