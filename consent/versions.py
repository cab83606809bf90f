"""Rules and programs as they were, for questions as of an earlier time.

A change counts from its own instant on, so that what was allowed stays allowed. What a
row said before it was entered nobody knows: there it counts as it was entered first,
for a law is older than our row of it, and a program than the portal; but not by what we
knew before.
"""

import datetime as dt
from typing import Any, NamedTuple, TypeVar

from django.db.models import Model, Q

from consent.models import RuleVersion

Row = TypeVar("Row", bound=Model)


class Then(NamedTuple):
    """An instant; and when we knew it, if not now."""

    at: dt.datetime
    known_at: dt.datetime | None = None


def when(at: dt.datetime | None, known_at: dt.datetime | None) -> Then | None:
    """None for the present."""
    asked = at or known_at
    return Then(asked, known_at) if asked else None


def rows(model: type[Row], then: Then) -> list[Row]:
    """In the order they were entered, as each was at that instant."""
    known = RuleVersion.objects.filter(table=model._meta.db_table).distinct("row")
    if then.known_at:
        known = known.filter(_by(then.known_at))
    first, last = known.order_by("row", "pk"), known.order_by("row", "-pk")
    said = {each.row: each.said for each in first}
    said |= {each.row: each.said for each in last.filter(_by(then.at))}
    return [_made(model, each) for each in said.values() if each is not None]


def _by(at: dt.datetime) -> Q:
    return Q(since=None) | Q(since__lte=at)


def _made(model: type[Row], said: dict[Any, Any]) -> Row:
    """Without the columns that it has had since, and those that are gone."""
    fields = [each for each in model._meta.concrete_fields if each.column in said]
    return model(**{each.attname: each.to_python(said[each.column]) for each in fields})
