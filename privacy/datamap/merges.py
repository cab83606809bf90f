"""Rows of one table about one person: the contact that another was merged into, the
duplicate of a lead."""

from collections.abc import Iterator, Mapping, Sequence

from privacy.datamap import sampling, words
from privacy.datamap.called import COUNTED, comparable, single_key
from privacy.datamap.references import NOBODY, SOME, Inferred
from privacy.datamap.sampling import Values
from privacy.datamap.schema import LiveColumn, LiveTable
from privacy.models import Store

SAID = "It is called {name}, and all values stand in {key} of the same table"


def infer(
    store: Store, tables: Sequence[LiveTable], samples: Mapping[str, Values]
) -> Iterator[Inferred]:
    """Such references, where no constraint declares them."""
    for table in tables:
        tied = {name for own, _, _ in table.references for name in own}
        key = single_key(table)
        for column in table.columns if key else ():
            if key and column.name not in tied and _may_refer(column, key):
                said = set(samples[table.full_name].get(column.name, []))
                some = sorted(said - NOBODY)[:SOME]
                if some and sampling.known(store, table, key.name, some) == len(some):
                    reason = SAID.format(name=column.name, key=key.name)
                    alone = ([column.name], table, [key.name])
                    yield Inferred(table, *alone, reason, True)


def of(table: LiveTable) -> list[tuple[list[str], str]]:
    """Its references to the row of the same person."""
    return [
        (own, target)
        for own, target, _ in table.references
        if target == table.full_name and len(own) == 1 and words.is_merged(own[0])
    ]


def _may_refer(column: LiveColumn, key: LiveColumn) -> bool:
    is_counted = not COUNTED.isdisjoint(words.tokens(column.name))
    is_other = column.name != key.name and comparable(column, key)
    return is_other and words.is_merged(column.name) and not is_counted
