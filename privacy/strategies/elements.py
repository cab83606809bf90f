"""The elements of arrays: of an array column, and at `[]` in a JSON path.

A treatment knows single values. Here it is given each element in turn, inside one
expression of PostgreSQL's; elements that are not raw stay as they are, in their order.
"""

from dataclasses import replace
from typing import Any

from django.db.models import BooleanField, Case, Field, Func, JSONField, Q, When
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Cast

from privacy.strategies.base import EACH, Options, Place, Strategy

WHOLE = ("keep", "nullify", "constant", "drop_file")  # what ends an array as one value


def left(strategy: Strategy, place: Place, options: Options) -> Any:
    """What is left of the value, as it can be written back; raw or not."""
    raw = still_raw(strategy, place, options)
    return Case(
        When(raw, then=_ended(strategy, place, options)),
        default=place.whole,
        output_field=place.field,
    )


def _ended(strategy: Strategy, place: Place, options: Options) -> Any:
    if EACH in place.path:
        inner = _inside(place)
        new = inner.put(inner.base, left(strategy, inner, options))
        return _each_json(KeyTransform("value", new), _elements(place), inner.depth)
    if _is_array(strategy, place):
        return _each(left(strategy, _element(place), options), place.base)
    return strategy.expression(place, options)


def still_raw(strategy: Strategy, place: Place, options: Options) -> Q:
    if EACH in place.path:
        inner = _inside(place)
        raw = still_raw(strategy, inner, options)
        elements = _elements(place)
        return Q(_any("jsonb_array_elements", elements, raw, inner.depth))
    if _is_array(strategy, place):
        raw = strategy.still_raw(_element(place), options)
        return Q(_any("unnest", place.base, raw, 1))
    return strategy.still_raw(place, options)


def check(strategy: Strategy, place: Place, options: Options) -> None:
    """Raises `Unsupported` when the treatment can't end it."""
    left(strategy, place, options)
    still_raw(strategy, place, options)


# --- arrays -------------------------------------------------------------------------


def _is_array(strategy: Strategy, place: Place) -> bool:
    return bool(place.element) and strategy.name not in WHOLE


def _element(place: Place) -> Place:
    source = _value(1, Field())
    return replace(place, kind=place.element, element="", source=source)


def _each(new: Any, array: Any) -> Func:
    return Func(
        new,
        array,
        template="ARRAY(SELECT %(expressions)s) WITH ORDINALITY"
        " AS element1(value, position) ORDER BY element1.position)",
        arg_joiner=" FROM unnest(",
        output_field=Field(),
    )


# --- JSON ---------------------------------------------------------------------------


def _inside(place: Place) -> Place:
    """An element of the array at the first `[]`, wrapped in an object, so that it has a
    path like any other value."""
    depth = place.depth + 1
    element = Func(
        _value(depth, JSONField()),
        template="jsonb_build_object('value', %(expressions)s)",
        output_field=JSONField(),
    )
    rest = place.path[len(place.outer) + 1 :]
    return replace(place, path=("value", *rest), source=element, depth=depth)


def _elements(place: Place) -> Func:
    """The array; without elements where there is none."""
    return Func(
        Cast(place.whole, JSONField()),
        template="jsonb_path_query_array(%(expressions)s, 'strict $[*]', '{}', true)",
        output_field=JSONField(),
    )


def _each_json(new: Any, array: Any, depth: int) -> Func:
    name = f"element{depth}"
    return Func(
        new,
        array,
        template=f"(SELECT jsonb_agg(%(expressions)s) WITH ORDINALITY"
        f" AS {name}(value, position))",
        arg_joiner=f" ORDER BY {name}.position) FROM jsonb_array_elements(",
        output_field=JSONField(),
    )


# --- both ---------------------------------------------------------------------------


def _value(depth: int, field: Any) -> Func:
    return Func(template=f"element{depth}.value", output_field=field)


def _any(function: str, array: Any, raw: Q, depth: int) -> Func:
    return Func(
        array,
        raw,
        template=f"EXISTS(SELECT 1 FROM {function}(%(expressions)s)",  # noqa: S608
        arg_joiner=f") AS element{depth}(value) WHERE ",
        output_field=BooleanField(),
    )
