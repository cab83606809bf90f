"""Staff accept what discovery proposed, or correct it; many columns at once. Until
somebody accepts it, a column is proposed and not classified.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from privacy import audit, changes, strategies
from privacy.models import Column, Link, Store
from privacy.refusals import Refusal
from privacy.strategies import Unsupported

MOST_NAMED = 200  # ids in one row of the trail


class NotComplete(Refusal):
    """The classification is incomplete. Nothing was changed."""


class NoSuchTable(Refusal):
    """The map has no such table. Nothing was changed."""


@dataclass(frozen=True)
class Accepted:
    """What was accepted, and what still waits for a person and why."""

    taken: list[Column]
    left: list[tuple[Column, str]]


def accept(
    *, columns: Iterable[Column], by: str, now: dt.datetime, least: float = 0.0
) -> Accepted:
    """Accepts proposals unchanged, from a confidence on (0 to 1), if they are complete
    and the treatment is possible."""
    taken, left = [], []
    for column in columns:
        why = _why_not(column, least)
        if why:
            left.append((column, why))
        elif column.state != Column.State.ACCEPTED:
            taken.append(column)
    with transaction.atomic():
        _settle(taken, by=by, now=now, verb="accepted")
    return Accepted(taken, left)


def proposals(store: Store, tables: Sequence[str] = ()) -> QuerySet[Column]:
    """What waits in a store, the least certain first; in some tables, or in all."""
    known = {table.full_name: table.pk for table in store.tables.all()}
    if unknown := [name for name in tables if name not in known]:
        raise NoSuchTable(
            f"The map of {store} has no table {unknown[0]}. Nothing was changed."
        )
    waiting = Column.objects.filter(table__store=store).exclude(
        state=Column.State.ACCEPTED
    )
    if tables:
        waiting = waiting.filter(table__in=[known[name] for name in tables])
    return waiting.select_related("table__store").order_by("confidence", "pk")


def classify(
    *, columns: Sequence[Column], said: Mapping[str, Any], by: str, now: dt.datetime
) -> Accepted:
    """Gives many columns the same answer and accepts them, all or none.

    `said` holds fields of `Column` (category_id, source_id, purposes, treatment,
    identifier, ground, or not_personal alone); fields it leaves out stay as they are.
    """
    clean = _nobodys(said) if said.get("not_personal") else dict(said)
    for column in columns:
        for field, value in clean.items():
            setattr(column, field, value)
        if why := _why_not(column, 0.0):
            raise NotComplete(f"{column}: {why} Nothing was changed.")
    with transaction.atomic():
        Column.objects.bulk_update(columns, list(clean)) if clean and columns else None
        _settle(columns, by=by, now=now, verb="classified", fields=sorted(clean))
    return Accepted(list(columns), [])


def _nobodys(said: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "not_personal": said["not_personal"],
        "category_id": None,
        "source_id": None,
        "purposes": [],
        "identifier": "",
        "free_text": False,
        "treatment": {},
        "ground": "",
    }


def accept_links(
    *, store: Store, by: str, now: dt.datetime, tables: Sequence[str] = ()
) -> list[Link]:
    """Accepts proposed links, of some tables or of all."""
    waiting = Link.objects.filter(table__store=store, state=Link.State.PROPOSED)
    chosen = [
        link
        for link in waiting.select_related("table__store", "target__store")
        if not tables or link.table.full_name in tables
    ]
    with transaction.atomic():
        Link.objects.filter(pk__in=[link.pk for link in chosen]).update(
            state=Link.State.ACCEPTED
        )
        if chosen:
            audit.record(
                action="link.accepted",
                subject=f"store:{store.pk}",
                by=by,
                now=now,
                links=[link.pk for link in chosen],
            )
    return chosen


def _settle(columns: Sequence[Column], *, verb: str, **about: Any) -> None:
    """Writes one row of the audit trail for up to `MOST_NAMED` columns."""
    Column.objects.filter(pk__in=[c.pk for c in columns]).update(
        state=Column.State.ACCEPTED
    )
    for start in range(0, len(columns), MOST_NAMED):
        some = columns[start : start + MOST_NAMED]
        audit.record(
            action=f"column.{verb}",
            subject=f"store:{some[0].table.store_id}",
            columns=[column.pk for column in some],
            **about,
        )


def _why_not(column: Column, least: float) -> str:
    if column.state == Column.State.PROPOSED and column.confidence < least:
        return f"Its confidence is {column.confidence:.0%}."
    if owed := owing(_answer(column)):
        return next(iter(owed.values()))
    try:
        if column.is_personal:
            strategies.check(changes.place_of(column), column.strategy)
    except Unsupported as problem:
        return str(problem)
    return ""


def owing(said: Mapping[str, Any]) -> dict[str, str]:
    """What is missing from an answer: field name to sentence."""
    if said.get("not_personal"):
        clash = {
            "not_personal": "It has a category, so it can't be “not personal” as well."
        }
        return clash if said.get("category") else {}
    owed = {
        "category": "Give it a category, or say why it is not personal.",
        "source": "Say where it comes from.",
        "purposes": "Say what it is for.",
        "ending": "Say what happens to it when its period is over.",
    }
    if said.get("ending") == "keep":
        owed["ground"] = "Say why the value is kept."
    return {field: owed[field] for field in owed if not said.get(field)}


def _answer(column: Column) -> dict[str, Any]:
    return {
        "not_personal": column.not_personal,
        "category": column.category_id,
        "source": column.source_id,
        "purposes": column.purposes,
        "ending": column.treatment.get("strategy", ""),
        "ground": column.ground,
    }
