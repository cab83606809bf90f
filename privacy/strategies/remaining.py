"""A document without some elements of one of its arrays."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db.models import Func, JSONField, Q, TextField, Value
from django.db.models.functions import Cast, Coalesce
from django.db.models.lookups import In

from privacy.strategies.base import Place
from privacy.strategies.elements import elements_of, inside_of
from privacy.strategies.expressions import JsonAt


def without(
    place: Place, path: Sequence[str], values: Sequence[str], whole: Any = None
) -> Any:
    """What is left of a document without the elements that have one of the values."""
    where = replace(place, path=tuple(path), source=whole)
    inside = inside_of(where)
    text = Cast(inside.text, TextField())
    said = Coalesce(text, Value(""), output_field=TextField())
    array = Remaining(
        JsonAt("value", inside.base), elements_of(where), ~Q(In(said, list(values))),
        depth=inside.depth,
    )  # fmt: skip
    return where.put(where.base, array)


class Remaining(Func):
    """The array of those elements (first, read from the second) for which the third is
    true, in their order."""

    output_field = JSONField()
    template = (
        "COALESCE((SELECT jsonb_agg({new} ORDER BY element{depth}.position)"
        " FROM jsonb_array_elements({array}) WITH ORDINALITY AS"
        " element{depth}(value, position) WHERE {condition}), '[]'::jsonb)"
    )
    mysql = (
        "COALESCE((SELECT JSON_ARRAYAGG({new} ORDER BY element{depth}.position) FROM"
        " JSON_TABLE({array}, '$[*]' COLUMNS (position FOR ORDINALITY, value JSON PATH"
        " '$')) AS element{depth} WHERE {condition}), JSON_ARRAY())"
    )
    sqlite = (
        "(SELECT json_group_array(json({new})) FROM json_each({array}) AS"
        " element{depth} WHERE {condition})"
    )

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **context: Any) -> Any:
        parts = [compiler.compile(each) for each in self.get_source_expressions()]
        (new, _), (array, _), (condition, _) = parts
        said = {"new": new, "array": array, "condition": condition, **self.extra}
        values = tuple(value for _, some in parts for value in some)
        template = str(context.get("template", self.template))
        return template.format(**said), values

    def as_mysql(self, compiler: Any, connection: Any, **_: Any) -> Any:
        return self.as_sql(compiler, connection, template=self.mysql)

    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> Any:
        return self.as_sql(compiler, connection, template=self.sqlite)
