"""References that mean one table or another, as a word beside them says.

`commentable_type: "Task", commentable_id: 7` is row 7 of `tasks`; `res_model:
"sale.order", res_id: 7` one of `sale_order`. The word is compared with names of tables,
the values with the keys of the table that it names.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from privacy.datamap import sampling, words
from privacy.datamap.called import KEY_WORDS, comparable, single_key
from privacy.datamap.references import SOME
from privacy.datamap.sampling import Values
from privacy.datamap.schema import LiveColumn, LiveTable, Meant
from privacy.models import Store

TYPE_WORDS = {"type", "model", "class", "entity", "table", "kind"}
MOST_KINDS = 30  # words that are looked at; more are no names of tables


def infer(
    store: Store, tables: Sequence[LiveTable], samples: Mapping[str, Values]
) -> Iterator[tuple[LiveTable, Meant]]:
    """Each word that names a table where its values stand."""
    for table in tables:
        values = samples[table.full_name]
        for kind, key in _pairs(table):
            said = list(dict.fromkeys(values.get(kind.name, [])))
            for word in said[:MOST_KINDS] if len(said) <= MOST_KINDS else ():
                for target in tables:
                    if _is_named(target, word) and (
                        theirs := _there(store, key, target, kind, word, values)
                    ):
                        when = {kind.name: word}
                        yield table, ([key.name], target.full_name, [theirs], when)


def _pairs(table: LiveTable) -> Iterator[tuple[LiveColumn, LiveColumn]]:
    """The word and the key: two columns of the same beginning."""
    tied = {name for own, _, _ in table.references for name in own}
    free = [c for c in table.columns if c.name not in tied]
    for kind in free:
        base = _base(kind.name, TYPE_WORDS)
        for key in free:
            theirs = _base(key.name, KEY_WORDS)
            if base is None or theirs is None or key.name in table.key:
                continue
            if base == theirs or (not base and kind.name == "model"):
                yield kind, key


def _base(name: str, ends: set[str]) -> list[str] | None:
    parts = words.tokens(name)
    return parts[:-1] if len(parts) and parts[-1] in ends else None


def _is_named(table: LiveTable, word: str) -> bool:
    """App\\Models\\User and User are users, sale.order is sale_order."""
    mine = [words.singular(part) for part in words.tokens(table.name)]
    for said in (word, re.split(r"[\\/:.]", word)[-1]):
        if said and [words.singular(part) for part in words.tokens(said)] == mine:
            return True
    return False


def _there(
    store: Store,
    key: LiveColumn,
    target: LiveTable,
    kind: LiveColumn,
    word: str,
    values: Values,
) -> str:
    """The target's key, if what was read of such rows stands there."""
    theirs = single_key(target)
    kinds, keys = values.get(kind.name, []), values.get(key.name, [])
    if theirs is None or not comparable(key, theirs) or len(kinds) != len(keys):
        return ""
    some = sorted({k for k, w in zip(keys, kinds, strict=True) if w == word})[:SOME]
    there = sampling.known(store, target, theirs.name, some)
    return theirs.name if some and there == len(some) else ""
