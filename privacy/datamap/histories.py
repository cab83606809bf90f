"""Tables that keep earlier versions of another table's rows: `person_aud`, `old_users`.
They are called like the table that they copy, with a word for the past, and have its
key and columns without referring to it (django-simple-history, Envers, system-versioned
tables, triggers). An earlier version of a row is about the same person."""

import re
from collections.abc import Iterator, Mapping, Sequence

from privacy.datamap import sampling, words
from privacy.datamap.called import comparable
from privacy.datamap.references import SOME, Inferred
from privacy.datamap.sampling import Values
from privacy.datamap.schema import LiveTable
from privacy.models import Store

PAST = {
    "historical", "history", "histories", "hist", "aud", "audit", "audits", "audited",
    "log", "logs", "archive", "archived", "archives", "version", "versions", "revision",
    "revisions", "old", "previous", "past", "deleted", "shadow", "journal", "backup",
    "bak", "copy", "snapshot", "snapshots", "changes", "trail", "h", "hs", "jn",
    "historie", "historia", "historique", "storico", "archiv",
}  # fmt: skip
GLUED = re.compile(
    r"^(?:historical|history|hist)(?=\w{3})|(?<=\w{3})(?:history|hist|hst|aud)$"
)
MASTER = re.compile(r"(?<=\w{3})(?:master|mast|mst)$")  # `empmst`, of old
ALIKE = 2  # columns beside the key that both have, at least
PART = 0.25  # of the other's columns


def infer(
    store: Store, tables: Sequence[LiveTable], samples: Mapping[str, Values]
) -> Iterator[Inferred]:
    """Each such table with the one that it copies. It is certain while some of the
    copied rows still exist; those of deleted rows do not."""
    called = {(t.schema, _words(t.name)): t for t in tables}
    bare = {_words(t.name): t for t in tables}
    whole = {table.full_name: table for table in tables}
    for table in tables:
        if parent := whole.get(table.inherits):
            table.copies = parent.full_name
            said = f"Its rows are rows of {parent.full_name} too"
            yield Inferred(table, parent.key, parent, parent.key, said, True)
            continue
        name = _of_now(table.name)
        target = called.get((table.schema, name)) or bare.get(name)
        if not name or target is None or target is table or not target.key:
            continue
        if _is_copy(table, target):
            table.copies = target.full_name
            sure = _are_there(store, table, target, samples)
            said = f"It is called as {target.full_name} was before and has its columns"
            yield Inferred(table, target.key, target, target.key, said, sure)


def _words(name: str) -> tuple[str, ...]:
    return tuple(words.singular(MASTER.sub("", part)) for part in words.tokens(name))


def _of_now(name: str) -> tuple[str, ...]:
    """The table's name without the word for the past; empty if it has none."""
    parts = words.tokens(name)
    rest = [GLUED.sub("", part) for part in parts if part not in PAST]
    return () if rest == parts else tuple(words.singular(part) for part in rest)


def _is_copy(table: LiveTable, target: LiveTable) -> bool:
    mine = {column.name: column for column in table.columns}
    theirs = {column.name: column for column in target.columns}
    if not all(k in mine and comparable(mine[k], theirs[k]) for k in target.key):
        return False
    if any(name == target.full_name for _, name, _ in table.references):
        return False
    both = (mine.keys() & theirs.keys()) - set(target.key)
    most = len(mine.keys() - set(target.key)) / 2  # of a few columns of many
    return len(both) >= max(ALIKE, min(PART * len(theirs), most))


def _are_there(
    store: Store, table: LiveTable, target: LiveTable, samples: Mapping[str, Values]
) -> bool:
    values = samples[table.full_name].get(target.key[0], [])
    some = sorted(set(values))[:SOME]
    return sampling.known(store, target, target.key[0], some) > 0
