"""A number becomes the lower edge of its band: 37 with a width of 10 becomes 30.

Bands run towards zero, so that no result is outside what the column can hold.
"""

import sys
from typing import Any

from django.db.models import Case, DecimalField, FloatField, Q, TextField, Value, When
from django.db.models.functions import Abs, Cast, Mod, Sign
from django.db.models.lookups import Exact, GreaterThanOrEqual, LessThanOrEqual

from privacy.strategies.base import Effect, Matches, Options, Place, Unsupported
from privacy.strategies.coarsen import NUMBER
from privacy.strategies.expressions import Numeric
from privacy.strategies.parameters import Parameter, rising, whole

WHOLE = {"SmallIntegerField": 15, "IntegerField": 31, "BigIntegerField": 63}  # bits
LAST, MAX = 1.79769313486231e308, sys.float_info.max
BROKEN = ("FloatField", "DecimalField")
TEXTS = ("CharField", "TextField", "JSONPath")


class GeneraliseNumber:
    """`width` for equal bands, or `edges`: the lowest and the highest band are open.

    A text that is not a number belongs to no band and is emptied.
    """

    name = "generalise_number"
    label = "Only the band of the number is left"
    effect = Effect.ANONYMISED
    parameters = (
        Parameter("width", "Width of a band", "10 makes 30 of 37.", whole(1, 10**9)),
        Parameter(
            "edges", "Edges of bands", "Such as 0, 18, 65: the lower edge is kept.",
            rising,
        ),
    )  # fmt: skip

    def expression(self, place: Place, options: Options) -> Any:
        self._check(place, options)
        if place.kind not in TEXTS:
            return self._band(place.value, place, options)
        band = self._band(Numeric(place.text), place, options)
        if place.path:
            return place.fit(Case(When(self._is_number(place), then=band)))
        text = Cast(band, TextField())
        empty = None if place.nullable else Value("")
        is_number = self._is_number(place)
        return Case(When(is_number, then=text), default=empty, output_field=TextField())

    def still_raw(self, place: Place, options: Options) -> Q:
        self._check(place, options)
        if place.kind not in TEXTS:
            return place.differs(self._band(place.value, place, options))
        is_number = self._is_number(place)
        number = Case(When(is_number, then=Numeric(place.text)))
        done = is_number & Q(Exact(number, self._band(number, place, options)))
        if not place.path and not place.nullable:
            done |= Q(Exact(place.text, Value("")))
        return place.present & ~done

    def _band(self, number: Any, place: Place, options: Options) -> Any:
        if place.kind == "FloatField":
            number = Numeric(_in_reach(number))
        if "width" in options:
            return number - Mod(number, Value(options["width"]))
        lowest, *higher = options["edges"]
        cases = [
            When(GreaterThanOrEqual(number, Value(edge)), then=Value(edge))
            for edge in reversed(higher)
        ]
        return Case(*cases, default=Value(lowest), output_field=DecimalField())

    def _is_number(self, place: Place) -> Q:
        return Q(Matches(place.text, Value(NUMBER)))

    def _check(self, place: Place, options: Options) -> None:
        if place.kind not in (*WHOLE, *BROKEN, *TEXTS):
            raise Unsupported(f"{place.name} is not a number.")
        if place.is_unique:
            raise Unsupported(f"{place.name} must be unique, and bands are not.")
        if ("width" in options) == ("edges" in options):
            raise Unsupported(f"Say the width of the bands of {place.name}, or edges.")
        if options.get("width") == 1 and place.kind in WHOLE:
            raise Unsupported(
                f"Bands of 1 leave {place.name} as it is; take wider ones."
            )
        if not _fits(place, options.get("edges", [0])):
            raise Unsupported(f"{place.name} can't hold the edges of these bands.")


def _in_reach(double: Any) -> Any:
    """Rounded to 15 digits, the largest floats would leave their own range."""
    size = Abs(double)
    is_last = GreaterThanOrEqual(size, Value(LAST)) & LessThanOrEqual(size, Value(MAX))
    return Case(
        When(is_last, then=Sign(double) * Value(LAST)),
        default=double,
        output_field=FloatField(),
    )


def _fits(place: Place, edges: list[int]) -> bool:
    if bits := WHOLE.get(place.kind):
        return all(-(2**bits) <= edge < 2**bits for edge in edges)
    room = place.max_length
    return room is None or all(len(str(edge)) <= room for edge in edges)
