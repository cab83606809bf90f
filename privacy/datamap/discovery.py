"""Proposes a map from the live schema and from sampled values, each proposal with its
reason.

It is a starting point for a person to correct: proposed columns are marked as such
until staff accept them (`acceptance`).
"""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from privacy import audit
from privacy.datamap import (
    attributes,
    characters,
    checked,
    contained,
    drift,
    entered,
    histories,
    keyed,
    keyless,
    linkage,
    lists,
    merges,
    polymorphic,
    references,
    regions,
    sameness,
    sampling,
    schema,
    starts,
    writing,
)
from privacy.datamap.characters import Character
from privacy.datamap.maps import Map
from privacy.datamap.references import Inferred
from privacy.datamap.sampling import Unreadable, Values
from privacy.datamap.schema import LiveTable
from privacy.models import Column, Link, Store, Table

INITIALS = 4  # letters, at most
NO_KEY = (
    "It has no key, so rows are told apart by their whole content, and identical rows "
    "are treated together"
)


@dataclass
class Discovery:
    """The result: the map, what is not a table, and what is wrong with which tables."""

    mapped: Map
    left_out: list[tuple[str, str]]
    unread: list[tuple[str, str]] = field(default_factory=list)


def discover(*, store: Store, by: str, now: dt.datetime) -> Discovery:
    """Writes proposals for what the map does not have yet; what staff accepted stays.

    Reads a few hundred rows of a table at most; a table that cannot be read is judged
    by its names.
    """
    described = schema.describe(store)
    unread = _odd(described.tables)
    samples = {t.full_name: _sample(store, t, unread) for t in described.tables}
    asked = (store, described.tables, samples)
    guessed = _guessed(*asked, (histories.infer, references.infer, merges.infer))
    for table, meant in polymorphic.infer(*asked):
        table.meant.append(meant)
    guessed += _guessed(*asked, (contained.infer,))
    _note(*asked)
    found = characters.of(described.tables, samples)
    listed = list(lists.infer(*asked, found))
    known = {table.full_name for table in store.tables.all()}
    with transaction.atomic():
        tables = {
            real.full_name: _table(store, real, found[real.full_name], samples)
            for real in described.tables
        }
        linkage.write(tables, described.tables, guessed, found)
        lists.write(tables, listed)
        for real in described.tables:
            _keep_words(tables[real.full_name], real)
        regions.settle(store, samples)
        checked.settle(Map(store), {t.full_name: t.bound for t in described.tables})
        keyed.settle(Map(store), known)
        audit.record(
            action="datamap.discovered",
            subject=f"store:{store.pk}",
            by=by,
            now=now,
            tables=len(tables),
            unread=len(unread),
        )
    return Discovery(Map(store), described.left_out, unread)


def _note(store: Store, tables: list[LiveTable], samples: dict[str, Values]) -> None:
    """What values say about the references, kept with each table."""
    attributes.mark(tables, samples)
    sameness.infer(store, tables, samples)
    entered.infer(store, tables, samples)


def _odd(tables: list[LiveTable]) -> list[tuple[str, str]]:
    """Tables whose rows cannot all be told apart, or seen."""
    return [(t.full_name, NO_KEY) for t in tables if not t.key] + [
        (t.full_name, f"It {drift.GUARDED}") for t in tables if t.guarded
    ]


def _guessed(
    store: Store,
    tables: list[LiveTable],
    samples: dict[str, Values],
    ways: Sequence[Callable[..., Iterable[Inferred]]],
) -> list[Inferred]:
    """References that nobody declared; those that are certain count from now on."""
    guessed: list[Inferred] = []
    for infer in ways:
        some = list(infer(store, tables, samples))
        for each in some:
            if each.is_sure:
                reference = (each.own, each.target.full_name, each.theirs)
                each.table.references.append(reference)
                if each.is_acting or _are_initials(each, samples):
                    each.table.acting.append(each.own)
                elif each.is_by_content:
                    each.table.beside.append(each.own)
                if each.is_alike:
                    each.table.alike.append(each.own)
        guessed += some
    return guessed


def _are_initials(each: Inferred, samples: dict[str, Values]) -> bool:
    """`MKO` is how people sign what they wrote, not an identifier of a person."""
    keys = samples[each.target.full_name].get(each.theirs[0], [])
    return len(each.own) == 1 and bool(keys) and all(
        len(key) <= INITIALS and key.isalpha() for key in keys
    )  # fmt: skip


def _sample(store: Store, real: LiveTable, unread: list[tuple[str, str]]) -> Values:
    try:
        return sampling.sample(store, real)
    except Unreadable as refusal:
        unread.append((real.full_name, str(refusal)))
        return {}


def _table(
    store: Store, real: LiveTable, character: Character, samples: dict[str, Values]
) -> Table:
    table, made = Table.objects.get_or_create(
        store=store,
        schema=real.schema,
        name=real.name,
        defaults={
            "key": real.key or keyless.KEY,
            "title": real.name.replace("_", " ").capitalize()[:120],
            "about": character.about,
            "start": starts.start(real, samples[real.full_name]),
        },
    )
    texts, is_owned = samples[real.full_name], bool(character.owners)
    writing.columns(table, real, character.around, texts, is_owned=is_owned)
    if made and character.is_contact and (until := characters.until(real)):
        marks = table.columns.filter(identifier__in=characters.MARKS, path=[])
        marks.update(until=until)
    if made:
        table.erasure, table.ground = _ending(table, real, character)
        table.save(update_fields=["erasure", "ground"])
    return table


def _keep_words(table: Table, real: LiveTable) -> None:
    """Remembers which tables are named in the rows so far; `drift` reports new ones."""
    for column in table.columns.filter(name__in=list(real.words), path=[]):
        column.options["words"] = real.words[column.name]
        column.save(update_fields=["options"])


def _ending(table: Table, real: LiveTable, character: Character) -> tuple[str, str]:
    """De-identifies what is personal. A personal value in the key itself cannot change
    while other rows refer to it; the row is deleted if none does."""
    personal = [c for c in table.columns.all() if c.is_personal]
    if not personal:
        return Table.Ending.KEEP, ""
    in_key = any(c.name in real.key and not c.path for c in personal)
    if in_key and not character.is_referred_to:
        return Table.Ending.DELETE, ""
    return Table.Ending.DEIDENTIFY, ""


def proposed(mapped: Map) -> list[Column]:
    """What waits for a person, the least certain first."""
    columns = [c for t in mapped.tables.values() for c in mapped.columns(t)]
    waiting = [c for c in columns if c.state == Column.State.PROPOSED]
    return sorted(waiting, key=lambda c: (c.confidence, str(c)))


def links(mapped: Map) -> list[Link]:
    """Links that no constraint declares: those that count, and those that wait."""
    found = Link.objects.filter(table__store=mapped.store, is_constraint=False)
    return list(found.exclude(state=Link.State.REFUSED).select_related("target__store"))
