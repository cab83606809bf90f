"""Fewer decimals: one decimal of a degree is about eleven kilometres."""

from typing import Any

from django.db.models import Case, DecimalField, FloatField, Func, Q, Value, When
from django.db.models.functions import Cast
from django.db.models.lookups import Exact, GreaterThan, LessThan

from privacy.strategies.base import Effect, Matches, Options, Place, Unsupported
from privacy.strategies.expressions import Numeric
from privacy.strategies.parameters import Parameter, whole

NUMBER = r"^-?[0-9]+(\.[0-9]+)?$"
NUMBERS = ("DecimalField", "FloatField")
WHOLE = 1e15


class Round(Func):
    function = "round"
    output_field = DecimalField()


class Coarsen:
    """Keeps `options["decimals"]`, by default one."""

    name = "coarsen"
    label = "Made coarser"
    effect = Effect.ANONYMISED
    parameters = (
        Parameter(
            "decimals", "Decimals", "How many decimals stay. Default: one, which is "
                "11 km.",
            whole(0, 6), 1,
        ),
    )  # fmt: skip

    def expression(self, place: Place, options: Options) -> Any:
        rounded = self._rounded(place, options)
        if not place.path:
            self._check(place)
            return rounded
        is_number = Q(Matches(place.text, Value(NUMBER)))
        return place.fit(Case(When(is_number, then=rounded), default=None))

    def still_raw(self, place: Place, options: Options) -> Q:
        if place.path:
            finer = rf"\.[0-9]{{{self._decimals(options) + 1},}}"
            return Q(Matches(place.text, Value(finer)))
        self._check(place)
        if place.kind != "FloatField":
            return place.differs(self._rounded(place, options))
        exact = Numeric(place.value)  # 1.3 of four bytes is not 1.3 of eight
        rounded = Round(exact, Value(self._decimals(options)))
        return self._has_decimals(place) & ~Q(Exact(exact, rounded))

    def _rounded(self, place: Place, options: Options) -> Any:
        rounded = Round(Numeric(place.value), Value(self._decimals(options)))
        if place.kind != "FloatField":
            return rounded
        few, kind = self._has_decimals(place), FloatField()
        new = Cast(rounded, kind)
        return Case(When(few, then=new), default=place.value, output_field=kind)

    def _has_decimals(self, place: Place) -> Q:
        """A float larger than `WHOLE` has none to lose."""
        below = Q(LessThan(place.value, WHOLE))
        return below & Q(GreaterThan(place.value, -WHOLE))

    def _decimals(self, options: Options) -> int:
        return int(options.get("decimals", 1))

    def _check(self, place: Place) -> None:
        if place.kind not in NUMBERS:
            raise Unsupported(f"{place.name} is not a number with decimals.")
