"""What an ending writes into the columns of a row, and what says it is not done yet."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db.models import Case, F, Q, Value, When

from privacy.models import Column
from privacy.strategies import STRATEGIES, Place, elements
from privacy.strategies.base import EACH, Matches


def assignments(
    columns: Sequence[Column], *, pattern: str = "", own: str = ""
) -> dict[str, Any]:
    """Column to new value; the paths of one JSON column become one expression.

    Of a row's values only the raw ones change: no code is made of a code, and nothing
    of nothing.
    """
    new: dict[str, Any] = {}
    listed = [c for c in columns if EACH in c.path and not _is_shared(c, own)]
    for column in columns:
        if not any(column is each for each in listed):
            value = left(column, pattern=pattern, own=own)
            _put(new, place_of(column), value)
    wholes = {c.name: new[c.name] for c in columns if not c.path}
    parts = [_part(column, pattern, wholes.get(column.name)) for column in listed]
    for some in elements.together(parts):
        _put(new, some[0][1], elements.left_of_all(some))
    return new


def _put(new: dict[str, Any], place: Place, value: Any) -> None:
    new[place.name] = place.put(new.get(place.name, F(place.name)), value)


def _is_shared(column: Column, own: str) -> bool:
    """One of two people's: it is asked of each value whose it is."""
    return bool(own) and column.whose == Column.Whose.EITHER


def _part(column: Column, pattern: str, whole: Any) -> elements.Part:
    """Read from what is left of the whole document: the other values of the elements
    are written again too, and must not come back."""
    options = options_of(column, pattern)
    place = replace(place_of(column), source=whole)
    return STRATEGIES[options["strategy"]], place, options


def left(column: Column, *, pattern: str = "", own: str = "") -> Any:
    """What is left of one value afterwards, as an expression."""
    place, options = place_of(column), options_of(column, pattern)
    value = elements.left(STRATEGIES[options["strategy"]], place, options)
    if _is_shared(column, own):
        mine = When(_holds(place, own), then=value)
        return Case(mine, default=place.whole, output_field=place.field)
    return value


def still_raw(columns: Sequence[Column], *, pattern: str = "", own: str = "") -> Q:
    """At least one of the values has not been ended yet."""
    condition = Q(pk__in=[])
    for column in columns:
        place, options = place_of(column), options_of(column, pattern)
        raw = elements.still_raw(STRATEGIES[options["strategy"]], place, options)
        if _is_shared(column, own):
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
        is_checked=bool(column.options.get("checked")),
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
