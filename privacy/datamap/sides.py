"""Rows that pass between two people: a call, a message, a payment.

Such a row names both. What it says about one does not identify the other, and it
belongs to neither alone (`privacy.subjects.parties`).
"""

from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations

from privacy.datamap import words
from privacy.datamap.sampling import Values
from privacy.models import Column

NAMED = {"email", "phone", "contact"}
SHARED = 0.2  # of the different values, where they stand in both columns
DIFFERENT = 0.8  # of the values, at most: people call more than once


def tell_apart(
    columns: Sequence[Column], values: Values, *, is_owned: bool = False
) -> None:
    """Says of each column which side it holds. Where a row already has an owner
    (`is_owned`), `actor` is another side of it."""
    alike: dict[str, list[Column]] = defaultdict(list)
    for column in columns:
        if column.identifier in NAMED and column.whose == Column.Whose.SUBJECT:
            alike[column.identifier].append(column)
    for some in alike.values():
        for column in some:
            if is_owned and words.is_actor(
                column.path[-1] if column.path else column.name
            ):
                column.whose = Column.Whose.EITHER
        for pair in combinations(some, 2):
            if _called_so(*pair) or _met_on_both(*pair, values):
                for column in pair:
                    column.whose = Column.Whose.EITHER


def _called_so(one: Column, other: Column) -> bool:
    """`from` and `to`, `caller_number` and `called_number`."""
    mine, theirs = (words.sides(c.path[-1] if c.path else c.name) for c in (one, other))
    return bool(mine and theirs) and mine != theirs


def _met_on_both(one: Column, other: Column, values: Values) -> bool:
    """The caller of one row is the called party of another. A second number of the same
    person, by contrast, occurs in one column only, and once."""
    if one.path or other.path:
        return False
    texts = [values.get(one.name, []), values.get(other.name, [])]
    sets = [set(some) for some in texts]
    many = all(len(s) <= DIFFERENT * len(t) for s, t in zip(sets, texts, strict=True))
    least = min(map(len, sets))
    return many and len(sets[0] & sets[1]) > SHARED * least
