"""References that neither a constraint nor a name reveals: all values of a column are
keys of one table, and too many of them for a coincidence.

Numbers that count from one are keys in every table that counts from one, so its keys
must be spread so thinly that other numbers would hardly all be among them. Codes and
UUIDs are proof enough.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from privacy.datamap import contents, sampling, words
from privacy.datamap.called import comparable
from privacy.datamap.references import MOST, NOBODY, Inferred
from privacy.datamap.sampling import Values
from privacy.datamap.schema import LiveColumn, LiveTable
from privacy.datamap.verdicts import type_of
from privacy.models import Store

SOME = 100  # distinct values that are looked up
LEAST = 3  # of codes; fewer stand in many lists
CODE = (
    12  # letters of the longest that people sign with; a key made by machine is longer
)
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
CHANCE = 0.001
# What a row may refer to by its meaning: a fine to the car that has its number plate.
NUMBERS = {"government_id", "bank", "provider_id", "device", "cookie"}
SAID = "All {many} values that were read stand in {target}.{name}, and nowhere else"

Samples = Mapping[str, Values]


def infer(
    store: Store, tables: Sequence[LiveTable], samples: Samples
) -> Iterator[Inferred]:
    """Columns not yet known to refer to a row, each with the one table that has all its
    values, if that is no coincidence."""
    for table in tables:
        tied = {name for own, _, _ in table.references for name in own}
        tied |= {name for own, _, _, _ in table.meant for name in own}
        for column in table.columns:
            if column.name not in tied:
                yield from _place(store, table, column, tables, samples)


def _place(
    store: Store,
    table: LiveTable,
    column: LiveColumn,
    tables: Sequence[LiveTable],
    samples: Samples,
) -> Iterator[Inferred]:
    values = samples[table.full_name].get(column.name, [])
    some = sorted(set(values) - NOBODY)[:SOME]
    if not _may_refer(table, column, some):
        return
    found: list[tuple[LiveTable, LiveColumn]] = []
    for target, theirs in _keys(table, column, tables):
        if len({t.full_name for t, _ in found if t.schema == table.schema}) > 1:
            return  # two say that it is neither; the others need not be asked
        there = samples[target.full_name].get(theirs.name, [])
        is_whole = len(there) < sampling.ROWS or not _are_uuids(some)
        if is_whole and set(some).isdisjoint(there):
            continue  # of a large table of UUIDs, other rows may have been read
        if sampling.known(store, target, theirs.name, some) == len(some):
            found.append((target, theirs))
    found = [each for each in found if each[0].schema == table.schema] or found
    if not found:
        yield from _proposed(store, table, column, some, tables, samples)
    if len({target.full_name for target, _ in found}) != 1:
        return
    target, theirs = found[0]
    if _is_no_chance(theirs, samples[target.full_name], len(some)):
        said = SAID.format(many=len(some), target=target.full_name, name=theirs.name)
        sure = Inferred(table, [column.name], target, [theirs.name], said, True)
        is_told = _is_told(table, column, target, theirs, tables)
        yield replace(
            sure,
            is_acting=_acts(column, some) and not is_told,
            is_by_content=not is_told,
            is_alike=_is_alike(column, theirs),
        )


def _is_told(
    table: LiveTable,
    column: LiveColumn,
    target: LiveTable,
    theirs: LiveColumn,
    tables: Sequence[LiveTable],
) -> bool:
    """Names say it, too; or other tables have such a column, and it refers there."""
    is_called = any(
        own == [column.name] and to == target.full_name
        for other in tables
        for own, to, _ in other.references
    )
    is_named = _is_part(table, target) or _is_named_after(column, target, theirs)
    return is_called or is_named or _is_alike(column, theirs)


def _acts(column: LiveColumn, values: Sequence[str]) -> bool:
    """A short code (`MKO`) rather names whoever wrote the row than whose row it is."""
    is_code = type_of(column) == "text" and max(map(len, values)) <= CODE
    return is_code or words.is_actor(column.name)


def _is_part(table: LiveTable, target: LiveTable) -> bool:
    """`contacts_audit` says itself what its `parent_id` refers to."""
    mine, theirs = words.tokens(table.name), words.tokens(target.name)
    return len(mine) > len(theirs) and mine[: len(theirs)] == theirs


def _is_named_after(column: LiveColumn, target: LiveTable, theirs: LiveColumn) -> bool:
    """`policy_number` is the `number` of `policies`."""
    thing = words.singular(words.tokens(target.name)[-1])
    return words.tokens(column.name) == [thing, *words.tokens(theirs.name)]


def _proposed(
    store: Store,
    table: LiveTable,
    column: LiveColumn,
    some: Sequence[str],
    tables: Sequence[LiveTable],
    samples: Samples,
) -> Iterator[Inferred]:
    """The same personal number in another table where no two rows have one, though
    nothing keeps them from it: people decide."""
    alike = [
        (target, theirs.name)
        for target in tables
        for theirs in (target.columns if target.schema == table.schema else ())
        if target is not table and _is_alike(column, theirs)
        if comparable(column, theirs)
        if _are_distinct(samples[target.full_name].get(theirs.name, []))
    ]
    asked = [(*each, sampling.known(store, *each, some)) for each in alike]
    found = [each for each in asked if each[2] >= MOST * len(some)]
    if len(found) == 1:
        [(target, name, there)] = found
        said = f"{there} of {len(some)} values stand in {target.full_name}.{name}, too"
        yield Inferred(table, [column.name], target, [name], said, False)


def _are_distinct(values: Sequence[str]) -> bool:
    return len(values) == len(set(values)) >= LEAST


def _is_alike(column: LiveColumn, theirs: LiveColumn) -> bool:
    """`licence_plate` and `plate` are the same number."""
    both = [words.named(each.name) for each in (column, theirs)]
    codes = {each.meaning.code for each in both if each}
    return all(both) and len(codes) == 1 and codes <= NUMBERS


def _may_refer(table: LiveTable, column: LiveColumn, some: Sequence[str]) -> bool:
    """Not a column that already identifies people, and not a row's own key. UUIDs are
    made by machine: whatever their column is called, they are nobody's name."""
    if type_of(column) not in ("text", "number") and column.kind != "UUIDField":
        return False
    named = words.named(column.name)
    is_number = named is not None and named.meaning.code in NUMBERS
    is_other = named is not None and bool(named.meaning.identifier) and not is_number
    if column.options.get("labels") or (is_other and not _are_uuids(some)):
        return False
    is_own = [column.name] == table.key or [column.name] in table.unique
    least = LEAST if not _are_uuids(some) else 1
    kinds = set(map(contents.of, some[:5])) - {"", *NUMBERS}
    return not is_own and len(some) >= least and not kinds


def _keys(
    table: LiveTable, column: LiveColumn, tables: Sequence[LiveTable]
) -> Iterator[tuple[LiveTable, LiveColumn]]:
    for target in tables:
        if target is table:
            continue
        for theirs in target.columns:
            alone = [theirs.name]
            if (alone == target.key or alone in target.unique) and _fits(
                column, theirs
            ):
                yield target, theirs


def _fits(column: LiveColumn, theirs: LiveColumn) -> bool:
    """UUIDs are often kept as text."""
    is_mixed = {column.kind, theirs.kind} & {"UUIDField"} and (
        "text" in (type_of(column), type_of(theirs))
    )
    return bool(is_mixed) or comparable(column, theirs)


def _are_uuids(values: Sequence[str]) -> bool:
    return bool(values) and all(map(UUID.fullmatch, values))


def _is_no_chance(theirs: LiveColumn, values: Values, many: int) -> bool:
    """Other numbers from the same range would hardly all be keys."""
    keys = {int(v) for v in values.get(theirs.name, []) if v.lstrip("-").isdecimal()}
    if type_of(theirs) != "number":
        return True
    if len(keys) < LEAST:
        return False
    spread = len(keys) / (max(keys) - min(keys) + 1)
    return bool(spread**many < CHANCE)
