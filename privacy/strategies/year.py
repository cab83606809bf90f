"""A date becomes the first of January of its year."""

from typing import Any

from django.db.models import DateField, Q, TextField, Value
from django.db.models.functions import Cast, Concat, Left, Trunc

from privacy.strategies.base import Effect, Matches, Options, Place, Unsupported

FIRST = "-01-01"


class Year:
    name = "year"
    label = "Only the year is left"
    effect = Effect.ANONYMISED
    parameters = ()

    def expression(self, place: Place, options: Options) -> Any:
        if place.path:
            return place.fit(
                Cast(Concat(Left(place.text, 4), Value(FIRST)), TextField())
            )
        return self._start(place)

    def still_raw(self, place: Place, options: Options) -> Q:
        if place.path:
            done = rf"^[0-9]{{4}}{FIRST}$"
            return place.present & ~Q(Matches(place.text, Value(done)))
        return place.differs(self._start(place))

    def _start(self, place: Place) -> Any:
        if place.kind not in ("DateField", "DateTimeField"):
            raise Unsupported(f"{place.name} is not a date.")
        output = DateField() if place.kind == "DateField" else None
        return Trunc(place.value, "year", output_field=output)
