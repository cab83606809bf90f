"""What an ending writes into the columns of a row, and what says it is not done yet."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Case, F, Q, Value, When

from privacy.models import Column
from privacy.strategies import STRATEGIES, Place, elements
from privacy.strategies.base import Matches


def assignments(
    columns: Sequence[Column], *, pattern: str = "", own: str = ""
) -> dict[str, Any]:
    """Column to new value; the paths of one JSON column become one expression.

    Of a row's values only the raw ones change: no code is made of a code, and nothing
    of nothing.
    """
    new: dict[str, Any] = {}
    for column in columns:
        before = new.get(column.name, F(column.name))
        value = left(column, pattern=pattern, own=own)
        new[column.name] = place_of(column).put(before, value)
    return new


def left(column: Column, *, pattern: str = "", own: str = "") -> Any:
    """What is left of one value afterwards, as an expression."""
    place, options = place_of(column), options_of(column, pattern)
    value = elements.left(STRATEGIES[options["strategy"]], place, options)
    if own and column.whose == Column.Whose.EITHER:
        mine = When(_holds(place, own), then=value)
        return Case(mine, default=place.whole, output_field=place.field)
    return value


def still_raw(columns: Sequence[Column], *, pattern: str = "", own: str = "") -> Q:
    """At least one of the values has not been ended yet."""
    condition = Q(pk__in=[])
    for column in columns:
        place, options = place_of(column), options_of(column, pattern)
        raw = elements.still_raw(STRATEGIES[options["strategy"]], place, options)
        if own and column.whose == Column.Whose.EITHER:
            raw &= _holds(place, own)
        condition |= raw
    return condition


def _holds(place: Place, own: str) -> Q:
    """The cell holds the person's own value and not the other side's."""
    return Q(Matches(place.text, Value(own)))


def place_of(column: Column) -> Place:
    return Place(
        name=column.name,
        kind=column.kind,
        path=tuple(column.path),
        nullable=column.nullable,
        max_length=column.options.get("max_length"),
        digits=column.options.get("max_digits", 1000),
        decimals=column.options.get("decimal_places", 500),
        is_unique=bool(column.options.get("unique")),
        identifier=column.identifier,
        type=column.options.get("type", ""),
        element=column.options.get("element", ""),
        labels=tuple(column.options.get("labels", ())),
        tied=column.options.get("tied") or _generated(column),
    )


def _generated(column: Column) -> str:
    return "generated" if column.options.get("generated") else ""


def options_of(column: Column, pattern: str) -> dict[str, Any]:
    """A pattern turns whatever the map says into taking just that out of the text."""
    if pattern:
        return {"strategy": "redact", "pattern": pattern}
    return dict(column.strategy)
