"""Keys in arrays: the rows whose list contains one of them, and the list without
them."""

import re
from collections.abc import Sequence
from typing import Any

from django.db.models import BooleanField, F, Func, Q, TextField, Value
from django.db.models.fields import Field
from django.db.models.functions import Cast

from privacy import changes
from privacy.datamap import Map
from privacy.models import Column, Link
from privacy.strategies import remaining
from privacy.strategies.base import Matches


def column_of(mapped: Map, link: Link) -> Column:
    name = link.columns[0].split(".")[0]
    return mapped.column(mapped.by_id(link.table_id), name)


def holds(mapped: Map, link: Link, values: Sequence[Any]) -> Q:
    """The rows whose list may contain one of the values. For a document this only looks
    at its text; the caller reads the list to be certain."""
    column, said = column_of(mapped, link), _texts(values)
    if column.options.get("element"):
        array = Value(said, output_field=Field())
        return Q(Overlaps(F(column.name), array, type=column.options["type"]))
    some = "|".join(map(re.escape, said))
    text = Cast(column.name, TextField())
    return Q(Matches(text, Value(f"(^|[^a-z0-9])({some})([^a-z0-9]|$)")))


def without(mapped: Map, link: Link, values: Sequence[Any], whole: Any = None) -> Any:
    """What is left of the column; from a list of objects, theirs are removed whole."""
    column, said = column_of(mapped, link), _texts(values)
    if column.options.get("element"):
        left: Any = F(column.name)
        for value in said:
            left = Without(left, Value(value), type=column.options["type"])
        return left
    place = changes.place_of(column)
    path = tuple(link.columns[0].split(".")[1:])
    return remaining.without(place, path, said, whole)


def _texts(values: Sequence[Any]) -> list[str]:
    return [str(value[0] if isinstance(value, tuple) else value) for value in values]


class Overlaps(Func):
    """Two arrays have an element in common; an index can be used."""

    output_field = BooleanField()
    template = "(%(expressions)s::%(type)s)"
    arg_joiner = " && "


class Without(Func):
    """An array without an element, however often it occurs."""

    output_field = Field()

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **context: Any) -> Any:
        """The value as an array of one, so that it gets the elements' type."""
        said = self.extra["type"]
        context["template"] = f"array_remove(%(expressions)s]::{said})[1])"
        context["arg_joiner"] = ", (ARRAY["
        return super().as_sql(compiler, connection, **context)
