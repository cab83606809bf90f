"""References that no constraint declares: found by names, types and equal values.

`customer_id` refers to the key of `customer` when the types agree and the values that
were read stand there. With all of them, the link counts at once and says why; with
fewer, or without values, it is proposed to people.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from privacy.datamap import sampling, words
from privacy.datamap.sampling import Values
from privacy.datamap.schema import LiveColumn, LiveTable
from privacy.datamap.verdicts import type_of
from privacy.models import Store

KEY_WORDS = {
    "id", "ids", "uuid", "guid", "key", "fk", "no", "nr", "num", "number", "code",
    "ref", "pk", "sk",
}  # fmt: skip
PREFIXES = {"tbl", "tb", "t", "app", "dim", "fact", "stg", "auth"}
GENERIC = {"id", "uuid", "guid", "key", "code", "pk", "name", "nr", "no"}
SOME = 100  # distinct values that are looked up
MOST = 0.6  # of them must be there, for a proposal

Keys = dict[tuple[str, str], list[tuple[LiveTable, LiveColumn]]]


@dataclass(frozen=True)
class Inferred:
    """From own columns to those of the target, as many, in order."""

    table: LiveTable
    own: list[str]
    target: LiveTable
    theirs: list[str]
    reason: str
    is_sure: bool


def infer(
    store: Store, tables: Sequence[LiveTable], samples: Mapping[str, Values]
) -> list[Inferred]:
    """Every column that seems to refer to another table's key, at most one each."""
    found: list[Inferred] = []
    alone, whole = _by_last_word(tables), [t for t in tables if len(t.key) > 1]
    for table in tables:
        found += list(_whole_keys(store, table, whole, samples))
        declared = {name for own, _, _ in table.references for name in own}
        declared |= {name for each in found if each.table is table for name in each.own}
        for column in table.columns:
            if column.name not in declared:
                values = samples[table.full_name].get(column.name, [])
                best = _best(store, table, column, alone, values)
                found += [best] if best else []
    return found


def _best(
    store: Store,
    table: LiveTable,
    column: LiveColumn,
    alone: Keys,
    values: Sequence[str],
) -> Inferred | None:
    some = sorted(set(values))[:SOME]
    for target, key in _candidates(table, column, alone):
        said = f"It is called {column.name}"
        if not some:
            return Inferred(table, [column.name], target, [key.name], said, False)
        there = sampling.known(store, target, key.name, some)
        if there >= MOST * len(some):
            said += f", and {there} of {len(some)} values stand in {target.full_name}"
            sure = there == len(some)
            return Inferred(table, [column.name], target, [key.name], said, sure)
    return None


def _whole_keys(
    store: Store,
    table: LiveTable,
    tables: Sequence[LiveTable],
    samples: Mapping[str, Values],
) -> Iterator[Inferred]:
    """Keys of several columns that stand here under the same names."""
    mine = {c.name: c for c in table.columns}
    for target in tables:
        if target is table or target.schema != table.schema:
            continue
        if any(
            set(own) == set(target.key) and name == target.full_name
            for own, name, _ in table.references
        ):
            continue
        key = [c for c in target.columns if c.name in target.key]
        if table.key == target.key or not all(
            c.name in mine and comparable(mine[c.name], c) for c in key
        ):
            continue
        values = samples[table.full_name]
        sets = [sorted(set(values.get(c.name, [])))[:SOME] for c in key]
        sure = all(sets) and all(
            sampling.known(store, target, c.name, some) >= len(some)
            for c, some in zip(key, sets, strict=True)
        )
        said = f"It has {' and '.join(target.key)}, the key of {target.full_name}"
        yield Inferred(table, target.key, target, target.key, said, sure)


def _by_last_word(tables: Sequence[LiveTable]) -> Keys:
    """Keys of one column, by the last word of their table's name and of their own: a
    column that refers to one ends with one of them, or with its key's word."""
    found: Keys = defaultdict(list)
    for table in tables:
        key = single_key(table)
        if key is not None:
            names = words.tokens(table.name)[-1:] + words.tokens(key.name)[-2:]
            for word in dict.fromkeys(words.singular(name) for name in names):
                if word not in KEY_WORDS:
                    found[table.schema, word].append((table, key))
    return found


def _candidates(
    table: LiveTable, column: LiveColumn, alone: Keys
) -> Iterator[tuple[LiveTable, LiveColumn]]:
    """Of the same schema: a copy in another schema has its own."""
    for word in dict.fromkeys(map(words.singular, words.tokens(column.name))):
        for target, key in alone.get((table.schema, word), ()):
            if target is table:
                continue
            if comparable(column, key) and _is_called(table, column, target, key):
                yield target, key


def single_key(table: LiveTable) -> LiveColumn | None:
    alone = [c for c in table.columns if table.key == [c.name]]
    return alone[0] if alone else None


def comparable(one: LiveColumn, other: LiveColumn) -> bool:
    if "element" in one.options or "element" in other.options:
        return False
    if one.kind == other.kind:
        return one.kind not in ("JSONField", "BooleanField", "OtherField")
    kinds = {type_of(one), type_of(other)}
    return kinds in ({"number"}, {"text"})


def _is_called(
    table: LiveTable, column: LiveColumn, target: LiveTable, key: LiveColumn
) -> bool:
    """`shipping_address_id` is address, `kd_nr` what another table's key is called."""
    own, theirs = words.tokens(column.name), words.tokens(key.name)
    if own == theirs and not set(theirs) <= GENERIC:
        return True
    base = [token for token in own if token not in KEY_WORDS]
    if len(base) == len(own) and column.name != target.name:
        return False
    names = [words.singular(t) for t in words.tokens(target.name) if t not in PREFIXES]
    base = [words.singular(token) for token in base]
    if base == [words.singular(token) for token in words.tokens(table.name)]:
        return False  # EmailAddressID of EmailAddress is its own
    return bool(names) and base[-len(names) :] == names
