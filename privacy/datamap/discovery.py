"""Proposes a map from the live schema and sampled values, each with its reason.

A proposal is a start for a person to correct, never the last word: proposed columns are
marked as such until staff accept them.
"""

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

from django.db import transaction

from privacy import audit, stores
from privacy.datamap import schema
from privacy.datamap.maps import Map, make_model
from privacy.datamap.proposals import Proposal, fitting, propose
from privacy.datamap.schema import LiveColumn, LiveTable
from privacy.models import Column, Link, Store, Table

SAMPLE = 200  # rows looked at in each table


def discover(*, store: Store, by: str, now: dt.datetime) -> Map:
    """Write proposals for every table and column that the map does not have yet.

    What staff accepted stays as it is.
    """
    tables = schema.tables(store)
    with transaction.atomic():
        written = {real.full_name: _table(store, real) for real in tables}
        _links(written, tables)
        audit.record(
            action="datamap.discovered",
            subject=f"store:{store.pk}",
            by=by,
            now=now,
            tables=len(tables),
        )
    return Map(store)


def _table(store: Store, real: LiveTable) -> Table:
    table, made = Table.objects.get_or_create(
        store=store,
        schema=real.schema,
        name=real.name,
        defaults={
            "key": real.key,
            "title": real.name.replace("_", " ").capitalize(),
        },
    )
    proposals = _columns(table, real)
    if made:
        _characterise(table, real, proposals)
    return table


def _columns(table: Table, real: LiveTable) -> dict[str, Proposal]:
    known = set(table.columns.filter(path=[]).values_list("name", flat=True))
    sampled = _sample(table, real)
    referring = {name for own, _, _ in real.references for name in own}
    proposals = {}
    for position, live in enumerate(real.columns):
        if live.name in known:
            continue
        is_key = live.name in real.key or live.name in referring
        proposal = propose(real.name, live, sampled.get(live.name, []), is_key=is_key)
        proposals[live.name] = proposal
        _write(table, live, position, proposal, real)
    return proposals


def _write(
    table: Table, live: LiveColumn, position: int, said: Proposal, real: LiveTable
) -> None:
    personal = bool(said.category)
    Column.objects.create(
        table=table,
        name=live.name,
        position=position,
        kind=live.kind,
        options={**live.options, "indexed": live.name in real.indexed},
        state=Column.State.PROPOSED,
        not_personal=said.not_personal,
        category_id=said.category or None,
        source_id="direct" if personal else None,
        purposes=["provide"] if personal else [],
        identifier=said.identifier,
        free_text=said.free_text,
        treatment=fitting(said, live) if personal else {},
        ground="Needed as it is; to be confirmed" if said.treatment == "keep" else "",
        confidence=said.confidence,
        reason=said.reason,
    )


def _sample(table: Table, real: LiveTable) -> dict[str, list[Any]]:
    if not real.key:
        return {}
    columns = [
        Column(table=table, name=c.name, kind=c.kind, options=c.options)
        for c in real.columns
    ]
    model: Any = make_model(table, columns)
    with stores.reaching(table.store):
        rows = model._base_manager.using(stores.alias(table.store))
        found = list(rows.order_by().values(*(c.name for c in columns))[:SAMPLE])
    return {c.name: [row[c.name] for row in found] for c in columns}


def _characterise(table: Table, real: LiveTable, said: dict[str, Proposal]) -> None:
    """A table with a phone number or an e-mail of its own is about people."""
    identified = any(p.identifier in ("phone", "email") for p in said.values())
    personal = any(p.category for p in said.values())
    if identified:
        table.about, table.erasure = Table.About.PERSON, Table.Ending.DEIDENTIFY
    elif personal:
        table.about, table.erasure = Table.About.LINKED, Table.Ending.DEIDENTIFY
    table.start = _start(real)
    table.save()


def _start(real: LiveTable) -> str:
    dates = [c.name for c in real.columns if c.kind in ("DateTimeField", "DateField")]
    preferred = [n for n in dates if re.search(r"creat|date|at$", n)]
    return next(iter(preferred or dates), "")


def _links(written: dict[str, Table], reals: Sequence[LiveTable]) -> None:
    """A row that refers to a person's row is about that person, unless it is a person
    of its own: then it only mentions the other one."""
    references = {real.full_name: real.references for real in reals}
    for real in reals:
        table = written[real.full_name]
        for own, target, theirs in real.references:
            if target not in written:
                continue
            about_one = table.about != Table.About.PERSON and _leads_to_person(
                target, written, references, frozenset()
            )
            Link.objects.get_or_create(
                table=table,
                columns=own,
                target=written[target],
                defaults={
                    "target_columns": theirs,
                    "role": Link.Role.SUBJECT if about_one else Link.Role.CONTEXT,
                    "is_constraint": True,
                },
            )


def _leads_to_person(
    name: str,
    written: dict[str, Table],
    references: dict[str, Any],
    seen: frozenset[str],
) -> bool:
    """An invoice line refers to an invoice, which refers to a customer."""
    if written[name].about == Table.About.PERSON:
        return True
    return any(
        _leads_to_person(target, written, references, seen | {name})
        for _, target, _ in references[name]
        if target in written and target not in seen | {name}
    )
