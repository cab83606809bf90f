"""References that no constraint declares, found by names, types and equal values.

`customer_id` refers to the key of `customer` when the types agree and the sampled
values are keys there. If all are, the link counts at once, with its reason; if only
some are, or there are no values, it is proposed to people.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from privacy.datamap import called, contents, kinship, sampling, words
from privacy.datamap.called import comparable
from privacy.datamap.sampling import Values
from privacy.datamap.schema import LiveColumn, LiveTable
from privacy.models import Store

SOME = 100  # distinct values that are looked up
MOST = 0.6  # of them must be there, for a proposal
FEW = 0.2  # rows of the same e-mail address on both sides that are enough
LEAST = 5  # distinct values that say something
NOBODY = {"0", "-1"}  # how some say that a row refers to none


@dataclass(frozen=True)
class Inferred:
    """From own columns to as many columns of the target, in order."""

    table: LiveTable
    own: list[str]
    target: LiveTable
    theirs: list[str]
    reason: str
    is_sure: bool
    is_acting: bool = False  # whoever wrote it, or did something with it
    is_by_content: bool = False  # no name says it
    is_alike: bool = False  # both are the same personal number


def infer(
    store: Store, tables: Sequence[LiveTable], samples: Mapping[str, Values]
) -> list[Inferred]:
    """Every column that seems to refer to another table's key, at most one reference
    for each."""
    found: list[Inferred] = []
    named, whole = called.Names(tables), [t for t in tables if len(t.key) > 1]
    for table in tables:
        found += list(_whole_keys(store, table, whole, samples))
    for table, column in _keys_first(tables):
        declared = {name for own, _, _ in table.references for name in own}
        declared |= {name for each in found if each.table is table for name in each.own}
        if column.name not in declared:
            asked = (store, table, column)
            best = _best(*asked, named, samples, found)
            best = best or _by_number(*asked, tables, samples)
            found += [best] if best else []
    return found


def _keys_first(
    tables: Sequence[LiveTable],
) -> Iterator[tuple[LiveTable, LiveColumn]]:
    """A key that refers to another table's key is not what other tables refer to."""
    every = [(table, column) for table in tables for column in table.columns]
    yield from (each for each in every if each[0].key == [each[1].name])
    yield from (each for each in every if each[0].key != [each[1].name])


def _best(
    store: Store,
    table: LiveTable,
    column: LiveColumn,
    named: called.Names,
    samples: Mapping[str, Values],
    found: Sequence[Inferred],
) -> Inferred | None:
    """The table with the nearest name. It is uncertain if another table fits the name
    as well, or if its e-mail addresses differ from those here."""
    said = set(samples[table.full_name].get(column.name, []))
    some = sorted(said - NOBODY or said)[:SOME]
    best: Inferred | None = None
    near: called.Rank | None = None
    for target, key, rank in _firsthand(named.candidates(table, column), found):
        reason = f"It is called {column.options.get('column', column.name)}"
        if not some:
            return Inferred(table, [column.name], target, [key.name], reason, False)
        there = sampling.known(store, target, key.name, some)
        if best and rank == near and there == len(some):
            return replace(best, is_sure=False)
        if not best and there >= MOST * len(some):
            reason += f", and {there} of {len(some)} values stand in {target.full_name}"
            sure = there == len(some)
            best = Inferred(table, [column.name], target, [key.name], reason, sure)
            near = rank
    return _unless_of_others(store, best, some, samples) if best else None


def _by_number(
    store: Store,
    table: LiveTable,
    column: LiveColumn,
    tables: Sequence[LiveTable],
    samples: Mapping[str, Values],
) -> Inferred | None:
    """`holder_card_no` refers to the only `card_no` that is unique to a member and has
    all its values. Addresses and names do not count: they identify people by
    themselves."""
    own = words.tokens(column.name)
    some = sorted(set(samples[table.full_name].get(column.name, [])) - NOBODY)[:SOME]
    if len(some) < LEAST or not own or own[-1] not in called.KEY_WORDS:
        return None
    found = [
        (target, theirs.name)
        for target in tables
        for theirs in target.columns
        if target is not table and target.schema == table.schema
        if [theirs.name] in target.unique and target.key != [theirs.name]
        if len(said := words.tokens(theirs.name)) > 1 and own[-len(said) :] == said
        if comparable(column, theirs) and words.named(theirs.name) is None
        if sampling.known(store, target, theirs.name, some) == len(some)
    ]
    if len(found) != 1:
        return None
    [(target, name)] = found
    reason = f"It is called as {name} of {target.full_name}, and all values stand there"
    return Inferred(table, [column.name], target, [name], reason, True)


def _firsthand(
    some: Sequence[called.Candidate], found: Sequence[Inferred]
) -> list[called.Candidate]:
    """Where one table's key refers to another's, the column refers to the other as
    well."""
    names = {target.full_name for target, _, _ in some}
    seen = [(e.table, e.own, e.target.full_name) for e in found if e.is_sure]
    return [
        (target, key, rank)
        for target, key, rank in some
        if not any(
            own == [key.name] and to in names - {target.full_name}
            for own, to in [
                *((own, to) for own, to, _ in target.references),
                *((own, to) for table, own, to in seen if table is target),
            ]
        )
    ]


def _unless_of_others(
    store: Store, best: Inferred, some: list[str], samples: Mapping[str, Values]
) -> Inferred:
    """Numbers that count from one are keys in every table that counts from one."""
    mine, theirs = (_mail(t, samples[t.full_name]) for t in (best.table, best.target))
    if not (best.is_sure and mine and theirs) or words.is_contact(best.table.name):
        return best
    if any(map(words.is_actor, best.own)) or _is_shared(best, samples):
        return best  # who invited somebody, or many, has another address
    there = dict(sampling.pairs(store, best.target, best.theirs[0], theirs, some))
    here = sampling.pairs(store, best.table, best.own[0], mine, some)
    same = [mail == there[key] for key, mail in here if there.get(key)]
    if len(same) < 3 or sum(same) >= FEW * len(same):
        return best
    reason = f"{best.reason}, but most rows there have another e-mail address"
    return replace(best, reason=reason, is_sure=False)


def _is_shared(best: Inferred, samples: Mapping[str, Values]) -> bool:
    """The account of many contacts belongs to none of them."""
    values = samples[best.table.full_name].get(best.own[0], [])
    is_many = len(values) > kinship.MANY * len(set(values))
    return is_many and words.is_of_persons(best.table.name)


def _mail(table: LiveTable, values: Values) -> str:
    """The column of e-mail addresses, if it has one."""
    columns = [c.name for c in table.columns if c.kind in ("CharField", "TextField")]
    each = (n for n in columns if contents.share(values.get(n, []), "email") > MOST)
    return next(each, "")


def _whole_keys(
    store: Store,
    table: LiveTable,
    tables: Sequence[LiveTable],
    samples: Mapping[str, Values],
) -> Iterator[Inferred]:
    """Keys of several columns that occur here under the same names."""
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
