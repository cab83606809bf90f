"""Rows about one person in two tables: a passenger who is a member.

Such a row has a name and a date of birth but no address, so it identifies nobody. Where
it refers to a person's row and both have the same date of birth or passport, it is
about that person, and not merely booked by them.
"""

from collections.abc import Sequence

from privacy.datamap import kinship, sampling, words
from privacy.datamap.sampling import Values
from privacy.datamap.schema import LiveTable
from privacy.models import Store

TELLING = {"birth_date", "government_id"}
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
            if keys and not kinship.is_actor(own):
                said = _telling(table) & _telling(target)
                if any(_agree(store, table, own[0], target, theirs[0], each, keys)
                       for each in sorted(said)):  # fmt: skip
                    table.same.append((own, name))


def _telling(table: LiveTable) -> set[str]:
    found = {column.name: words.named(column.name) for column in table.columns}
    return {name for name, said in found.items() if said
            and said.meaning.code in TELLING and name not in table.key}  # fmt: skip


def _agree(
    store: Store,
    table: LiveTable,
    own: str,
    target: LiveTable,
    theirs: str,
    name: str,
    keys: Sequence[str],
) -> bool:
    there = dict(sampling.pairs(store, target, theirs, name, keys))
    here = sampling.pairs(store, table, own, name, keys)
    same = [value == there[key] for key, value in here if key in there]
    differ = len(set(there.values())) >= LEAST
    return differ and len(same) >= LEAST and sum(same) >= SAME * len(same)
