"""Reads Fides' dataset YAML into the map of a store.

Discovery looks at the store first; the file then overrides what was guessed:
categories, identities, keys, references, masking strategies. Whatever the map has no
word for is reported; nothing is dropped silently. References become links that count,
because people wrote them; columns wait to be accepted, because their treatments are
ours.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import yaml
from django.db import transaction

from privacy import audit
from privacy.datamap import discovery, fields, linkage, schema
from privacy.datamap.fields import Field
from privacy.datamap.lexicon import RULES
from privacy.datamap.lines import BadMap, Lines, listing, mapping
from privacy.datamap.maps import Map
from privacy.models import Link, Store, Table

WORDS = RULES / "fides.yaml"


@dataclass
class Imported:
    """The map, how many fields were taken over, and what was not, in words."""

    mapped: Map
    fields: int = 0
    links: int = 0
    left: list[str] = field(default_factory=list)


@cache
def vocabulary() -> dict[str, dict[str, str]]:
    said: dict[str, dict[str, str]] = yaml.safe_load(WORDS.read_text())
    return said


def load(*, text: str, store: Store, by: str, now: dt.datetime) -> Imported:
    """Reads a file of datasets into the map of one store, all or nothing."""
    datasets = parse(text)
    with transaction.atomic():
        found = discovery.discover(store=store, by=by, now=now)
        done = Imported(found.mapped)
        for dataset in datasets:
            _dataset(dataset, done)
        if not done.fields:
            raise BadMap(
                f"{store} has none of the tables in that file. Nothing was changed."
            )
        audit.record(
            action="datamap.imported",
            subject=f"store:{store.pk}",
            by=by,
            now=now,
            fields=done.fields,
            links=done.links,
            left=len(done.left),
        )
    done.mapped = Map(store)
    return done


def parse(text: str) -> list[dict[str, Any]]:
    """The datasets of a file: under `dataset`, as a list, or one alone."""
    document = Lines(text).document
    if isinstance(document, dict):
        document = document.get("dataset", document)
    datasets = document if isinstance(document, list) else [document]
    for said in datasets:
        if not isinstance(said, dict) or not isinstance(said.get("collections"), list):
            raise BadMap(
                "That is not a Fides dataset: it has no collections. Nothing was "
                "changed."
            )
    return datasets


def _dataset(said: dict[str, Any], done: Imported) -> None:
    key = str(said.get("fides_key", ""))
    space = _meta(said).get("namespace") or {}
    names = {table.full_name: table for table in done.mapped.tables.values()}
    near = space.get("schema", "") if isinstance(space, dict) else ""
    for words in said["collections"]:
        collection = mapping(words, "A collection")
        name = str(collection.get("name", ""))
        table = _table(names, name, near)
        if table is None:
            done.left.append(f"{key}.{name}: the store has no such table")
            continue
        inherited = collection.get("data_categories") or said.get("data_categories")
        _collection(collection, table, key, inherited or [], done)


def _table(names: dict[str, Table], name: str, near: str) -> Table | None:
    """The table by its full name, in the dataset's schema, or the only one of that
    name."""
    alike = [t for t in names.values() if t.name.lower() == name.lower()]
    return (
        names.get(schema.full_name(near, name))
        or names.get(name)
        or next((t for t in alike if not t.schema), None)
        or (alike[0] if len(alike) == 1 else None)
    )


def _collection(
    said: dict[str, Any],
    table: Table,
    key: str,
    inherited: list[str],
    done: Imported,
) -> None:
    meta = _meta(said)
    place = f"{key}.{said.get('name')}"
    for word, why in META.items():
        if meta.get(word):
            done.left.append(f"{place}: {word}: {why}")
    override = mapping(meta.get("masking_strategy_override"), place).get("strategy")
    if override == "delete":
        table.erasure = Table.Ending.DELETE
        table.save(update_fields=["erasure"])
    elif override:
        done.left.append(f"{place}: its strategy {override} is not known here")
    for one in _fields(listing(said.get("fields"), place), (), inherited):
        left = fields.apply(one, table, done.mapped, vocabulary())
        done.left += [f"{place}.{one.full_name}: {why}" for why in left]
        done.fields += 1
        _references(one, table, key, done)


# What a collection may say that the map has no word for, and what happens instead.
META = {
    "after": "the order follows from the references",
    "erase_after": "the order follows from the references",
    "skip_processing": "tables can't be skipped here; keep its rows with a ground "
    "instead",
    "partitioning": "partitions are read as one table",
}


def _fields(
    said: list[Any], path: tuple[str, ...], inherited: list[str], depth: int = 0
) -> Iterator[Field]:
    """Fields and, inside objects, their fields; parents before children."""
    if depth > 12:
        raise BadMap("The fields are nested too deeply. Nothing was changed.")
    for words in said:
        one = mapping(words, "A field")
        steps = (*path, str(one.get("name", "")))
        inner = listing(one.get("fields"), ".".join(steps))
        categories = one.get("data_categories") or ([] if inner else inherited)
        meta = _meta(one)
        own = one.get("masking_strategy_override")
        if own and "masking_strategy_override" not in meta:
            meta = {**meta, "masking_strategy_override": own}
        yield Field(steps, [str(c) for c in categories], meta, bool(inner))
        yield from _fields(inner, steps, inherited, depth + 1)


def _meta(said: dict[str, Any]) -> dict[str, Any]:
    """`fidesops_meta` is what older files call it."""
    return mapping(said.get("fides_meta") or said.get("fidesops_meta"), "fides_meta")


# --- references ---------------------------------------------------------------


def _references(one: Field, table: Table, key: str, done: Imported) -> None:
    for words in listing(one.meta.get("references"), one.full_name):
        said = mapping(words, "A reference")
        problem = _reference(one, table, key, said, done)
        if problem:
            done.left.append(f"{key}.{table.name}.{one.full_name}: {problem}")


def _reference(
    one: Field, table: Table, key: str, said: dict[str, Any], done: Imported
) -> str:
    """Writes the link, or returns why there is none. `from`: rows are reached from the
    other table, so they are about the same person. `to`: the other row is a detail of
    this one."""
    name, _, column = str(said.get("field", "")).partition(".")
    store = done.mapped.store if said.get("dataset") == key else None
    if store is None:
        store = Store.objects.filter(name=said.get("dataset")).first()
    if store is None:
        return f"it refers to {said.get('dataset')}, which is not a store here"
    target = _table({t.full_name: t for t in store.tables.all()}, name, table.schema)
    if target is None or not column:
        return f"it refers to {name}.{column}, which {store} does not have"
    if not _has(table, one.full_name) or not _has(target, column):
        return f"its reference to {name}.{column} names no column"
    if said.get("direction") == "to":
        _link(target, column, table, one.full_name, shared=True)
        _link(table, one.full_name, target, column, context=True)
    else:
        _link(table, one.full_name, target, column)
    done.links += 1
    return ""


def _has(table: Table, full_name: str) -> bool:
    return table.columns.filter(name=full_name.split(".")[0]).exists()


def _link(
    table: Table,
    own: str,
    target: Table,
    theirs: str,
    *,
    shared: bool = False,
    context: bool = False,
) -> None:
    """A reference `to` a row that others may share waits for a person, in either
    notation. One that discovery guessed becomes what the file says."""
    is_subject = shared or not (context or linkage.has_other_owner(table, own))
    Link.objects.update_or_create(
        table=table,
        columns=[own],
        target=target,
        when={},
        defaults={
            "target_columns": [theirs],
            "role": Link.Role.SUBJECT if is_subject else Link.Role.CONTEXT,
            "state": Link.State.PROPOSED if shared else Link.State.ACCEPTED,
            "reason": linkage.SHARED.format(table=target.full_name)
            if shared
            else "Fides' dataset says so",
        },
    )
