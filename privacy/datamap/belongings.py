"""What people have, as a table of pairs says: the pets of `pet_owners`, the vehicles of
`customer_vehicles`.

Several people may have the same one. Whoever only uses, likes or visits a thing does
not have it, so the words of the names must say that it is theirs; where they don't,
people decide.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from privacy.datamap import kinship, words
from privacy.datamap.kinship import MANY
from privacy.datamap.lexicon import lexicon
from privacy.datamap.sampling import Values
from privacy.datamap.schema import LiveTable

JOINING = {
    "link",
    "map",
    "mapping",
    "relation",
    "relationship",
    "rel",
    "to",
    "x",
    "has",
}


@dataclass(frozen=True)
class Held:
    """The table of pairs, its own columns, and the table that they refer to."""

    pair: str
    own: tuple[str, ...]
    target: str
    is_sure: bool


def infer(
    tables: Sequence[LiveTable], samples: dict[str, Values], people: set[str]
) -> list[Held]:
    return [
        held
        for table in tables
        if table.full_name not in people
        for held in _held(table, samples[table.full_name], people)
    ]


def pairs(held: Sequence[Held]) -> dict[str, set[str]]:
    """Maps what people certainly have to the tables that say who has it."""
    found: dict[str, set[str]] = defaultdict(set)
    for each in held:
        if each.is_sure:
            found[each.target].add(each.pair)
    return dict(found)


def _held(table: LiveTable, values: Values, people: set[str]) -> Iterator[Held]:
    said = [(own, target) for own, target in kinship.said(table) if len(own) == 1]
    holders = [each for each in said if each[1] in people]
    things = [
        (own, target)
        for own, target in said
        if target not in people and not _is_of_all(target, values.get(own[0], []))
    ]
    for whose, person in holders[:1] if len(things) == 1 else ():
        [(own, target)] = things
        names = _words(table.full_name) - JOINING
        both = _words(person) | _words(target)
        is_joint = bool(names) and names <= both | lexicon().having
        is_key = any(set(own + whose) == set(k) for k in [table.key, *table.unique])
        if is_joint or is_key:
            has = (names | _words(whose[0]) | _words(person)) & lexicon().having
            is_sure = bool(has) or (is_joint and words.is_belonging(target))
            yield Held(table.full_name, tuple(own), target, is_sure)


def _is_of_all(target: str, values: Sequence[str]) -> bool:
    """A course, a role, a product; or whatever many people share."""
    is_many = len(values) > MANY * max(1, len(set(values)))
    return is_many or words.is_about_things(target.rpartition(".")[2])


def _words(name: str) -> set[str]:
    return {words.singular(word) for word in words.tokens(name.rpartition(".")[2])}
