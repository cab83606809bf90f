"""Fewer decimals: one decimal of a degree is about eleven kilometres."""

from typing import Any

from django.db.models import Case, DecimalField, FloatField, Func, Q, Value, When
from django.db.models.functions import Cast
from django.db.models.lookups import GreaterThan, LessThan

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
    """`options["decimals"]` stay; one if nothing is said."""

    name = "coarsen"
    label = "Made coarser"
    effect = Effect.ANONYMISED
    parameters = (
        Parameter(
            "decimals", "Decimals", "How many stay; one if nothing is said: 11 km.",
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
        return place.differs(self._rounded(place, options))

    def _rounded(self, place: Place, options: Options) -> Any:
        """A float that is larger than `WHOLE` has no decimals to lose."""
        rounded = Round(Numeric(place.value), Value(self._decimals(options)))
        if place.kind != "FloatField":
            return rounded
        value, kind = place.value, FloatField()
        few = Q(LessThan(value, WHOLE)) & Q(GreaterThan(value, -WHOLE))
        return Case(
            When(few, then=Cast(rounded, kind)), default=value, output_field=kind
        )

    def _decimals(self, options: Options) -> int:
        return int(options.get("decimals", 1))

    def _check(self, place: Place) -> None:
        if place.kind not in NUMBERS:
            raise Unsupported(f"{place.name} is not a number with decimals.")
