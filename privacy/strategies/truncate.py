"""Keeps a few characters of a text, from its start, its end, or both."""

from typing import Any

from django.db.models import IntegerField, Q, TextField, Value
from django.db.models.functions import Cast, Concat, Left, Length, Right
from django.db.models.lookups import GreaterThan

from privacy.strategies.base import Effect, Options, Place, Unsupported
from privacy.strategies.parameters import Parameter, whole

TEXTS = ("CharField", "TextField", "JSONPath")
SOME = whole(0, 1000)


class Truncate:
    """A text that was no longer than that stays: there is nothing to cut off."""

    name = "truncate"
    label = "Shortened to a few characters"
    effect = Effect.ANONYMISED
    parameters = (
        Parameter("first", "First characters", "How many stay at the start.", SOME),
        Parameter("last", "Last characters", "How many stay at the end.", SOME),
    )

    def expression(self, place: Place, options: Options) -> Any:
        first, last = self._kept(place, options)
        parts = [Left(place.text, first)] if first else []
        parts += [Right(place.text, last)] if last else []
        return place.fit(Cast(Concat(Value(""), *parts), TextField()))

    def still_raw(self, place: Place, options: Options) -> Q:
        many = Length(place.text, output_field=IntegerField())
        return place.present & Q(GreaterThan(many, sum(self._kept(place, options))))

    def _kept(self, place: Place, options: Options) -> tuple[int, int]:
        if place.kind not in TEXTS:
            raise Unsupported(f"{place.name} is not text.")
        if place.is_unique:
            raise Unsupported(f"{place.name} must be unique, and short texts are not.")
        first, last = options.get("first", 0), options.get("last", 0)
        if first + last == 0:
            raise Unsupported(f"Say how many characters of {place.name} stay.")
        return first, last
