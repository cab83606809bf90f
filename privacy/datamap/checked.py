"""Columns whose values a CHECK or a domain restricts.

Only the store knows what fits. So the proposed treatment is tried there on some rows
and rolled back, then others whose results look more like a real value. If none fits,
the column waits for a person, or its row is deleted if nothing refers to the row.
"""

import copy
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice, product
from typing import Any

import phonenumbers
from django.db import Error

from privacy import changes, identifiers, rehearsal, stores, strategies
from privacy.datamap import endings
from privacy.datamap.maps import Map
from privacy.models import Column, Table
from privacy.strategies import Unsupported

REFUSED = (
    "A CHECK of the store refuses every treatment that was tried; decide what to do "
    "with the rows"
)
WITH_ROWS = (
    "No other value passes the store's CHECK on {columns}, so the rows are deleted"
)
UNSURE = 0.3  # somebody must look at it
MANY = 2
MOST = 60  # combinations of endings that are tried
Bound = Mapping[str, Sequence[Collection[str]]]
# What passes for the real thing, by what it is.
LIKE_IT = {"phone": "fake_phone", "email": "fake_email", "name": "fake_name"}


def settle(mapped: Map, bound: Bound | None = None) -> None:
    """Gives each such proposed column a treatment that the store accepts. Columns that
    one CHECK binds together (`bound`, by table) get treatments that it accepts
    together."""
    with stores.reaching(mapped.store):
        for table in mapped.tables.values():
            asked = [c for c in mapped.columns(table) if _is_asked(c)]
            refused = [c for c in asked if not _settled(mapped, table, c)]
            if refused:
                _end_with_rows(mapped, table, refused)
            for names in (bound or {}).get(table.full_name, ()):
                _settle_together(mapped, table, names)


def _settle_together(mapped: Map, table: Table, names: Collection[str]) -> None:
    """The CHECK may ask for both values or none, or for at least one."""
    some = [c for c in mapped.columns(table) if c.name in names and _is_open(c)]
    if len(some) < MANY or not rehearsal.tried(mapped, table, some):
        return
    every = [[c.treatment, *_others(mapped, table, c)] for c in some]
    for treatments in islice(product(*every), MOST):
        if _fit_together(mapped, table, some, treatments):
            break
    else:
        treatments = tuple({"strategy": "keep"} for _ in some)
    for column, treatment in zip(some, treatments, strict=True):
        column.treatment = treatment
        if treatment["strategy"] == "keep":
            column.ground, column.confidence = REFUSED, UNSURE
        column.save(update_fields=["treatment", "ground", "confidence"])


def _is_open(column: Column) -> bool:
    """A whole column that is proposed to be treated."""
    return (
        column.state == Column.State.PROPOSED
        and column.is_personal
        and not column.path
        and column.strategy["strategy"] != "keep"
    )


def _fit_together(
    mapped: Map,
    table: Table,
    columns: Sequence[Column],
    treatments: Sequence[dict[str, Any]],
) -> bool:
    wished = [copy.copy(column) for column in columns]
    for column, treatment in zip(wished, treatments, strict=True):
        column.treatment = treatment
    return _are_possible(wished) and not rehearsal.tried(mapped, table, wished)


def _are_possible(columns: Sequence[Column]) -> bool:
    try:
        for column in columns:
            strategies.check(changes.place_of(column), column.treatment)
    except Unsupported:
        return False
    return True


def _is_asked(column: Column) -> bool:
    return bool(
        column.options.get("checked")
        and column.state == Column.State.PROPOSED
        and column.is_personal
        and (column.strategy["strategy"] != "keep" or column.ground == endings.NO_WAY)
    )


def _settled(mapped: Map, table: Table, column: Column) -> bool:
    now = column.treatment
    first = [now] if column.ground != endings.NO_WAY else []
    for treatment in [*first, *_others(mapped, table, column)]:
        if _fits(mapped, table, column, treatment):
            if treatment != now:
                column.treatment, column.ground = treatment, ""
                column.save(update_fields=["treatment", "ground"])
            return True
    column.treatment, column.ground = {"strategy": "keep"}, REFUSED
    column.confidence = min(column.confidence, UNSURE)
    column.save(update_fields=["treatment", "ground", "confidence"])
    return False


def _others(mapped: Map, table: Table, column: Column) -> Iterator[dict[str, Any]]:
    """Treatments in order of preference: empty, a look-alike, a value that belongs to
    nobody."""
    if column.nullable:
        yield {"strategy": "nullify"}
    if column.identifier in LIKE_IT:
        yield {"strategy": LIKE_IT[column.identifier]}
    yield {"strategy": "pseudonym"}
    if column.identifier == "phone":
        yield from _national(mapped, table, column)
    for value in _nobodys(mapped, table, column):
        yield {"strategy": "constant", "value": value}


def _national(mapped: Map, table: Table, column: Column) -> Iterator[dict[str, Any]]:
    """A number reserved for films, written like the first values."""
    region = column.options.get("region", identifiers.DEFAULT_REGION)
    country = phonenumbers.country_code_for_region(region)
    forms = (re.sub(r"\d", "#", text) for text in _first(mapped, table, column))
    for form in dict.fromkeys(forms):
        if "#" in form and not any(c.isalnum() for c in form):
            yield {"strategy": "fake_phone", "form": form, "country": country}


def _nobodys(mapped: Map, table: Table, column: Column) -> list[str]:
    """A value shaped like the first ones without any of their content: XX000000."""
    return list(dict.fromkeys(map(_masked, _first(mapped, table, column))))


def _first(mapped: Map, table: Table, column: Column) -> list[str]:
    if column.kind not in ("CharField", "TextField"):
        return []
    try:
        rows = mapped.rows(table).exclude(**{f"{column.name}__isnull": True})
        first = list(rows.order_by(*table.key).values_list(column.name, flat=True)[:9])
    except Error:
        return []
    return [str(text) for text in first if text]


def _masked(text: str) -> str:
    """A value that keeps only the shape of the original."""
    text = re.sub(r"\d", "0", text)
    return re.sub(r"[^\W\d_]", lambda at: "X" if at[0].isupper() else "x", text)


def _fits(mapped: Map, table: Table, column: Column, treatment: dict[str, Any]) -> bool:
    wish = copy.copy(column)
    wish.treatment = treatment
    return _are_possible([wish]) and not rehearsal.refusal(mapped, table, [wish])


def _end_with_rows(mapped: Map, table: Table, refused: list[Column]) -> None:
    """A row that nothing refers to is deleted whole."""
    if mapped.links_to(table) or table.erasure != Table.Ending.DEIDENTIFY:
        return
    names = " and ".join(column.name for column in refused)
    table.erasure, table.ground = Table.Ending.DELETE, WITH_ROWS.format(columns=names)
    table.save(update_fields=["erasure", "ground"])
