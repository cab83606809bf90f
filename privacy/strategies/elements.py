"""The elements of arrays: of an array column, and at `[]` in a JSON path.

A treatment knows single values. Here it is applied to each element, inside one
expression of the database; elements that are not raw stay as and where they are. Only
PostgreSQL has array columns. Everything that is treated inside one array of a document
is one expression: a second one would overwrite the first.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    DateField,
    DateTimeField,
    Field,
    Func,
    JSONField,
    Q,
    When,
)
from django.db.models.functions import Cast

from privacy.strategies.base import EACH, Options, Place, Strategy
from privacy.strategies.expressions import JsonAt

DATES: dict[str, Any] = {"DateField": DateField, "DateTimeField": DateTimeField}
WHOLE = ("keep", "nullify", "constant", "drop_file")  # what ends an array as one value


def left(strategy: Strategy, place: Place, options: Options) -> Any:
    """What is left of the value, as it can be written back, whether raw or not."""
    raw = still_raw(strategy, place, options)
    return Case(
        When(raw, then=_ended(strategy, place, options)),
        default=place.whole,
        output_field=place.field,
    )


Part = tuple[Strategy, Place, Options]


def together(parts: Sequence[Part]) -> list[list[Part]]:
    """Groups columns inside the same array, in their order; all others alone."""
    found: dict[Any, list[Part]] = {}
    for part in parts:
        place = part[1]
        steps = place.outer if EACH in place.path else place.path
        found.setdefault((place.name, EACH in place.path, steps), []).append(part)
    return list(found.values())


def left_of_all(parts: Sequence[Part]) -> Any:
    """What is left of an array when all of these are treated in its elements."""
    place = parts[0][1]
    raw = Q(pk__in=[])
    for part in parts:
        raw |= still_raw(*part)
    return Case(
        When(raw, then=_each_ended(parts)),
        default=place.whole,
        output_field=place.field,
    )


def _each_ended(parts: Sequence[Part]) -> Any:
    inside = [(strategy, inside_of(place), o) for strategy, place, o in parts]
    document = inside[0][1].base
    for some in together(inside):
        inner = some[0][1]
        new = left_of_all(some) if EACH in inner.path else left(*some[0])
        document = inner.put(document, new)
    array, depth = elements_of(parts[0][1]), inside[0][1].depth
    return Each(JsonAt("value", document), array, depth)


def _ended(strategy: Strategy, place: Place, options: Options) -> Any:
    if EACH in place.path:
        return _each_ended([(strategy, place, options)])
    if _is_array(strategy, place):
        return _each(left(strategy, _element(place), options), place.base)
    return strategy.expression(place, options)


def still_raw(strategy: Strategy, place: Place, options: Options) -> Q:
    if EACH in place.path:
        inner = inside_of(place)
        raw = still_raw(strategy, inner, options)
        return Q(AnyOf(elements_of(place), raw, inner.depth))
    if _is_array(strategy, place):
        raw = strategy.still_raw(_element(place), options)
        return Q(_any_of_column(place.base, raw))
    return strategy.still_raw(place, options)


def check(strategy: Strategy, place: Place, options: Options) -> None:
    """Raises `Unsupported` when the treatment can't end it."""
    left(strategy, place, options)
    still_raw(strategy, place, options)


# --- arrays -------------------------------------------------------------------------


def _is_array(strategy: Strategy, place: Place) -> bool:
    return bool(place.element) and strategy.name not in WHOLE


def _element(place: Place) -> Place:
    source = _value(1, DATES.get(place.element, Field)())
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


def _any_of_column(array: Any, raw: Q) -> Func:
    return Func(
        array,
        raw,
        template="EXISTS(SELECT 1 FROM unnest(%(expressions)s)",
        arg_joiner=") AS element1(value) WHERE ",
        output_field=BooleanField(),
    )


# --- JSON ---------------------------------------------------------------------------


def inside_of(place: Place) -> Place:
    """An element of the array at the first `[]`, wrapped in an object, so that it has a
    path like any other value."""
    depth = place.depth + 1
    rest = place.path[len(place.outer) + 1 :]
    return replace(place, path=("value", *rest), source=Wrapped(depth), depth=depth)


class Wrapped(Func):
    """An element as the only value of an object."""

    output_field = JSONField()

    def __init__(self, depth: int) -> None:
        super().__init__(depth=depth)

    template = "jsonb_build_object('value', element%(depth)s.value)"
    mysql = "JSON_OBJECT('value', JSON_EXTRACT(element%(depth)s.value, '$'))"
    sqlite = (
        "json_object('value', json(element%(depth)s.json -> element%(depth)s.fullkey))"
    )

    def as_mysql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template=self.mysql, **context)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template=self.sqlite, **context)


class Elements(Func):
    """The elements of an array; no rows where there is none."""

    template = "jsonb_path_query_array(%(expressions)s, 'strict $[*]', '{}', true)"
    output_field = JSONField()

    def as_mysql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="%(expressions)s", **context)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        text, values = compiler.compile(self.get_source_expressions()[0])
        sql = f"(CASE WHEN json_type({text}) = 'array' THEN {text} ELSE '[]' END)"
        return sql, (*values, *values)


def elements_of(place: Place) -> Func:
    return Elements(Cast(place.whole, JSONField()))


class Each(Func):
    """The array again, from new elements (first) in the order of the old (second)."""

    output_field: Any = JSONField()

    def __init__(self, new: Any, array: Any, depth: int) -> None:
        super().__init__(new, array, name=f"element{depth}")

    template = (
        "(SELECT jsonb_agg(%(expressions)s)"
        " WITH ORDINALITY AS %(name)s(value, position))"
    )
    arg_joiner = " ORDER BY %(name)s.position) FROM jsonb_array_elements("
    mysql = (
        "(SELECT JSON_ARRAYAGG(%(expressions)s, '$[*]' COLUMNS"
        " (position FOR ORDINALITY, value JSON PATH '$')) AS %(name)s)",
        " ORDER BY %(name)s.position) FROM JSON_TABLE(",
    )
    sqlite = (
        "(SELECT json_group_array(json(%(expressions)s) AS %(name)s)",
        ")) FROM json_each(",
    )

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **context: Any) -> Any:
        joiner = str(context.pop("arg_joiner", self.arg_joiner))
        said = {**context, "arg_joiner": joiner.replace("%(name)s", self.extra["name"])}
        return super().as_sql(compiler, connection, **said)

    def as_mysql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        said = dict(zip(("template", "arg_joiner"), self.mysql, strict=True))
        return self.as_sql(compiler, connection, **said, **context)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        said = dict(zip(("template", "arg_joiner"), self.sqlite, strict=True))
        return self.as_sql(compiler, connection, **said, **context)


class AnyOf(Each):
    """Whether the condition (second) is true for one of the elements (first)."""

    output_field = BooleanField()
    template = "EXISTS(SELECT 1 FROM jsonb_array_elements(%(expressions)s)"
    arg_joiner = ") AS %(name)s(value) WHERE "
    mysql = (
        "EXISTS(SELECT 1 FROM JSON_TABLE(%(expressions)s)",
        ", '$[*]' COLUMNS (value JSON PATH '$')) AS %(name)s WHERE ",
    )
    sqlite = (
        "EXISTS(SELECT 1 FROM json_each(%(expressions)s)",
        ") AS %(name)s WHERE ",
    )


# --- both ---------------------------------------------------------------------------


def _value(depth: int, field: Any) -> Func:
    return Func(template=f"element{depth}.value", output_field=field)
