"""References whose table is named by a word in the row.

`commentable_type: "Task", commentable_id: 7` is row 7 of `tasks`; `res_model:
"sale.order", res_id: 7` one of `sale_order`. The word may be in a table of its own:
`content_type_id: 9` is row 9 of Django's content types, "shop" and "customer". The word
is compared with the names of tables, the values with the keys of the table it names.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from privacy.datamap import sampling, words
from privacy.datamap.called import KEY_WORDS, Names, comparable, single_key
from privacy.datamap.references import SOME
from privacy.datamap.sampling import Values
from privacy.datamap.schema import LiveColumn, LiveTable, Meant
from privacy.datamap.verdicts import type_of
from privacy.models import Store

KINDS_OF_ROWS = {"type", "dtype", "discr", "discriminator", "kind", "class"}
TYPE_WORDS = {"type", "model", "class", "entity", "table", "kind"}
# Whichever table and whichever row, in one word or in another language.
ANY_TABLE_ALONE = {
    "tablename",
    "tabname",
    "tabnam",
    "tabelle",
    "tabellenname",
    "tabla",
    "tabella",
}
ANY_ROW_ALONE = {
    "rowid", "rowno", "recordid", "recid", "recno", "objectid", "entityid",
    "satznr", "satzid", "satznummer", "datensatznr", "datensatzid", "registroid",
}  # fmt: skip
ANY_KEY = {"row", "record", "entity", "object", "item", "target"}  # and its id
ANY_ROW = {"content", "object"}  # Django: content_type_id and object_id
PLAIN = ANY_KEY | {"res", "resource", "related", "foreign", "model", "document"}
# What a key is called whose table stands in a column of that name: object, object_id.
OF_ITSELF = ANY_KEY | {"resource", "subject"}
ALIKE = 0.6  # of the words in a column must be names of tables
MOST_KINDS = 30  # words that are looked at; more are no names of tables
CLASS = re.compile(r"(?:[A-Z][a-z0-9]+)+|\w+(?:(?:::|\\|\.)\w+)+")

Samples = Mapping[str, Values]


class Pair(NamedTuple):
    """The word and the key: two columns whose names begin alike."""

    kind: LiveColumn
    key: LiveColumn


def infer(
    store: Store, tables: Sequence[LiveTable], samples: Samples
) -> Iterator[tuple[LiveTable, Meant]]:
    """For each word the table that it names, if the values are keys there. Words that
    seem to name a table that is not found are noted (`unmeant`)."""
    names = Names(tables)
    for table in tables:
        near = [t for t in tables if t.schema == table.schema]
        named = list(_pairs(table))
        kinds = {pair.kind.name for pair in named}
        looked = [_look(store, table, pair, near, tables, names, samples)
                  for pair in named]  # fmt: skip
        for some in _pairs_by_values(table, tables, samples[table.full_name]):
            tried = [_look(store, table, pair, near, tables, names, samples)
                     for pair in some if pair.kind.name not in kinds]  # fmt: skip
            looked += sorted(tried, key=lambda each: -len(each.found))[:1]
        for pair, said, found, unknown in looked:
            for meant in found:
                yield table, meant
            if found:
                table.words[pair.kind.name] = sorted(said)
            if found or all(map(CLASS.fullmatch, unknown)):
                table.unmeant |= {pair.key.name: unknown} if unknown else {}


class Looked(NamedTuple):
    """What a pair means for each of its words, and the words nobody knows."""

    pair: Pair
    said: dict[str, Sequence[str]]
    found: list[Meant]
    unknown: list[str]


def _look(
    store: Store,
    table: LiveTable,
    pair: Pair,
    near: Sequence[LiveTable],
    tables: Sequence[LiveTable],
    names: Names,
    samples: Samples,
) -> Looked:
    looked = Looked(pair, _said(table, pair.kind, samples), [], [])
    for value, spellings in looked.said.items():
        keys = _keys(pair, value, samples[table.full_name])
        asked = (store, pair.key, keys)
        found = (
            list(_there(*asked, _called(near, names, spellings)))
            or list(_there(*asked, _called(tables, names, spellings)))
            or list(_there(*asked, _holding(near, spellings, samples)))
        )
        for target, theirs in found:
            when = {pair.kind.name: value}
            looked.found.append(([pair.key.name], target, [theirs], when))
        if not found and keys:
            looked.unknown.append(spellings[0])
    return looked


def _pairs(table: LiveTable) -> Iterator[Pair]:
    tied = {name for own, _, _ in table.references for name in own}
    plain = {c.name for c in table.columns if _is_plain(c.name)}
    for key in table.columns:
        theirs = _base(key.name, KEY_WORDS)
        if (
            (theirs is None and not _is_any(key.name))
            or key.name in tied
            or key.name in table.key
        ):
            continue
        for kind in table.columns:
            name = kind.name
            if kind.name in tied:  # a table of kinds
                name = "_".join(_base(name, KEY_WORDS, ()) or [])
            base = _base(name, TYPE_WORDS)
            is_any = _names_any(kind.name) and _is_any(key.name)
            is_same = theirs is not None and base == theirs
            is_model = name == "model" and (key.name in plain or not plain)
            if is_same or is_model or is_any or _is_of_itself(kind, key):
                yield Pair(kind, key)


def _pairs_by_values(
    table: LiveTable, tables: Sequence[LiveTable], values: Values
) -> Iterator[list[Pair]]:
    """A column that holds names of tables, whatever it is called, and the column beside
    it whose values are keys of those tables."""
    names = {t.name.casefold() for t in tables}
    tied = {name for own, _, _ in table.references for name in own} | set(table.key)
    for kind in table.columns:
        said = {value.casefold() for value in values.get(kind.name, [])}
        if type_of(kind) != "text" or kind.name in tied or len(said) > MOST_KINDS:
            continue
        if said and len(said & names) >= ALIKE * len(said):
            keys = [c for c in table.columns if c is not kind and _may_be_key(c)]
            yield [Pair(kind, key) for key in keys if key.name not in tied]


def _is_plain(name: str) -> bool:
    """`res_id` beside `model`, where `mailing_id` is something else."""
    parts = words.tokens(name)
    return len(parts) == 2 and parts[0] in PLAIN and parts[1] in KEY_WORDS


def _is_of_itself(kind: LiveColumn, key: LiveColumn) -> bool:
    parts = words.tokens(key.name)
    is_key = len(parts) == 2 and parts[0] in OF_ITSELF and parts[1] in KEY_WORDS
    return is_key and type_of(kind) == "text" and words.tokens(kind.name) == parts[:1]


def _may_be_key(column: LiveColumn) -> bool:
    return type_of(column) in ("text", "number") or column.kind == "UUIDField"


def _names_any(name: str) -> bool:
    """table_name, model_name, entity_type: a table of any kind."""
    parts = words.tokens(name)
    if "".join(parts) in ANY_TABLE_ALONE:
        return True
    return len(parts) == 2 and parts[0] in TYPE_WORDS and parts[1] in {"name", "type"}


def _is_any(name: str) -> bool:
    """row_id, record_id, entity_id: a row of any table."""
    parts = words.tokens(name)
    if "".join(parts) in ANY_ROW_ALONE:
        return True
    return len(parts) == 2 and parts[0] in ANY_KEY and parts[1] in KEY_WORDS


def _base(
    name: str, ends: set[str], loose: Sequence[str] | set[str] = ANY_ROW
) -> list[str] | None:
    """The beginning of the name; None if the name does not end that way."""
    parts = words.tokens(name)
    if not parts or parts[-1] not in ends:
        return None
    return parts[:-2] if parts[-2:-1] and parts[-2] in loose else parts[:-1]


def _said(
    table: LiveTable, kind: LiveColumn, samples: Samples
) -> dict[str, Sequence[str]]:
    """Each value of the column with the words it may stand for, best first."""
    said = list(dict.fromkeys(samples[table.full_name].get(kind.name, [])))
    if len(said) > MOST_KINDS:
        return {}
    for own, target, theirs in table.references:
        if own == [kind.name]:
            kinds = _listed(theirs[0], samples.get(target, {}))
            return {value: kinds[value] for value in said if value in kinds}
    return {word: [word] for word in said}


def _listed(key: str, values: Values) -> dict[str, Sequence[str]]:
    """The rows of a table of kinds: each key with all of its words together, and each
    alone."""
    many = len(values.get(key, []))
    texts = [t for name, t in values.items() if name != key and len(t) == many]
    rows = zip(values.get(key, []), zip(*texts, strict=True), strict=False)
    return {each: ["_".join(row), *row] for each, row in rows}


def _keys(pair: Pair, value: str, values: Values) -> list[str]:
    """Some keys that occur beside that value."""
    rows = sampling.beside(values, pair.kind.name, pair.key.name)
    return sorted({key for word, key in rows if word == value})[:SOME]


def _there(
    store: Store,
    key: LiveColumn,
    keys: Sequence[str],
    targets: Sequence[LiveTable],
) -> Iterator[tuple[str, str]]:
    """The tables and their keys, if every sampled value is a key there."""
    for target in targets:
        theirs = single_key(target)
        if theirs is None or not keys or not _fits(key, theirs):
            continue
        if sampling.known(store, target, theirs.name, keys) == len(keys):
            yield target.full_name, theirs.name


def _fits(key: LiveColumn, theirs: LiveColumn) -> bool:
    """A text column may hold the keys of any table."""
    return comparable(key, theirs) or type_of(key) == "text"


def _called(
    tables: Sequence[LiveTable], names: Names, spellings: Sequence[str]
) -> list[LiveTable]:
    """App\\Models\\User and User are users, sale.order is sale_order, User may be
    crm_users where all names begin so. What is called by all of it goes first."""
    for said in spellings:
        for word in dict.fromkeys([said, re.split(r"[\\/:.]", said)[-1]]):
            parts = [words.singular(part) for part in words.tokens(word)]
            for name in (_whole, names.name):
                if parts and (found := [t for t in tables if name(t) == parts]):
                    return found
    return []


def _holding(
    tables: Sequence[LiveTable], spellings: Sequence[str], samples: Samples
) -> list[LiveTable]:
    """`Patient` may be a kind of row in `people`, whose `type` says so (single table
    inheritance)."""
    classes = {word for word in spellings if word[:1].isupper()}
    return [
        table
        for table in tables
        for column in table.columns
        if column.name.lower() in KINDS_OF_ROWS
        and not classes.isdisjoint(samples[table.full_name].get(column.name, []))
    ]


def _whole(table: LiveTable) -> list[str]:
    return [words.singular(part) for part in words.tokens(table.name)]
