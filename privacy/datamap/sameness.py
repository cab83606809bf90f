"""Rows about one person in two tables: a passenger who is a member.

Such a row has a name and a date of birth but no address, so it identifies nobody. Where
it refers to a person's row and both have the same date of birth or passport, it is
about that person, and not merely booked by them. So it is if both have the same name
in most rows: an attendee who is a contact.
"""

import itertools
from collections.abc import Sequence, Set

from privacy.datamap import kinship, sampling, words
from privacy.datamap.sampling import Values
from privacy.datamap.schema import LiveTable
from privacy.models import Store

TELLING = {"birth_date", "government_id"}
NAMES, MARKS = {"name"}, {"email", "phone"}
SOME = 100  # keys that are looked up
LEAST = 5  # rows that can be compared
SAME = 0.8  # of them; a date may be corrected on one side


def infer(
    store: Store, tables: Sequence[LiveTable], samples: dict[str, Values]
) -> None:
    """Notes such references in their table (`same`)."""
    whole = {table.full_name: table for table in tables}
    for table in tables:
        for own, name, theirs in table.references:
            target = whole.get(name)
            if target is None or target is table or len(own) != 1:
                continue
            keys = sorted(set(samples[table.full_name].get(own[0], [])))[:SOME]
            if not keys or kinship.is_actor(own):
                continue
            if any(_agree(store, table, own[0], target, theirs[0], each, keys)
                   for each in _pairs(table, target)):  # fmt: skip
                table.same.append((own, name))


def _pairs(table: LiveTable, target: LiveTable) -> list[tuple[str, str]]:
    """Columns on both sides that would tell it: of one name; names however called,
    where the row is a person's and has no address of its own."""
    mine, theirs = _telling(table), _telling(target)
    found = [(name, name) for name in sorted(mine & theirs)]
    if words.is_of_persons(table.name) and not _named(table, MARKS):
        own, other = sorted(_named(table, NAMES)), sorted(_named(target, NAMES))
        found += itertools.product(own, other)
    return found


def _telling(table: LiveTable) -> set[str]:
    return _named(table, TELLING)


def _named(table: LiveTable, codes: Set[str]) -> set[str]:
    found = {column.name: words.named(column.name) for column in table.columns}
    return {name for name, said in found.items() if said
            and said.meaning.code in codes and name not in table.key}  # fmt: skip


def _agree(
    store: Store,
    table: LiveTable,
    own: str,
    target: LiveTable,
    theirs: str,
    names: tuple[str, str],
    keys: Sequence[str],
) -> bool:
    there = dict(sampling.pairs(store, target, theirs, names[1], keys))
    here = sampling.pairs(store, table, own, names[0], keys)
    same = [value == there[key] for key, value in here if key in there]
    differ = len(set(there.values())) >= LEAST
    return differ and len(same) >= LEAST and sum(same) >= SAME * len(same)
