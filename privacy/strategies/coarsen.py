"""Fewer decimals: one decimal of a degree is about eleven kilometres.

Coordinates are a number, a text (`52.52`, `52.52, 13.40`, `POINT(13.40 52.52)`), or a
point as the database has it. A text that is none of these is emptied.
"""

from typing import Any

from django.db.models import (
    Case,
    DecimalField,
    FloatField,
    Func,
    Q,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce
from django.db.models.lookups import Exact, GreaterThan, LessThan

from privacy.strategies.base import Effect, Matches, Options, Place, Unsupported
from privacy.strategies.expressions import Numeric, Replace
from privacy.strategies.parameters import Parameter, whole
from privacy.strategies.points import Point, is_point, ordinates

NUMBER = r"^-?[0-9]+(\.[0-9]+)?$"
NUMBERS = ("DecimalField", "FloatField")
TEXTS = ("CharField", "TextField")
WHOLE = 1e15
DEGREES, BROKEN = r"-?[0-9]{1,3}(\.[0-9]+)?", r"-?[0-9]{1,3}\.[0-9]+"
GAP = r" ?[,; ] ?"
# In `52,520` the comma may stand for the point: a pair has a point somewhere.
PAIR = rf"({BROKEN}{GAP}{DEGREES}|{DEGREES}{GAP}{BROKEN})"
COORDINATES = rf"^({DEGREES}|[(\[]?{PAIR}[)\]]?|(srid=[0-9]+;)?point ?\({PAIR}\))$"


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
        self._check(place, options)
        if is_point(place):
            first, second = (_rounded(each, options) for each in ordinates(place))
            return Point(first, second, place.base)
        if place.kind in TEXTS:
            text = self._text(place, options)
            return text if place.nullable else Coalesce(text, Value(""))
        if not place.path:
            return self._number(place, options)
        is_number = Q(Matches(place.text, Value(NUMBER)))
        number = self._number(place, options)
        return place.fit(Case(When(is_number, then=number), default=None))

    def still_raw(self, place: Place, options: Options) -> Q:
        self._check(place, options)
        if place.path:
            finer = rf"\.[0-9]{{{_decimals(options) + 1},}}"
            return Q(Matches(place.text, Value(finer)))
        if place.kind in TEXTS:
            done = Coalesce(self._text(place, options), Value(""))
            return place.present & ~Q(Exact(place.text, done))
        if is_point(place):
            first, second = (_is_finer(each, options) for each in ordinates(place))
            return place.present & (first | second)
        if place.kind == "FloatField":
            return _is_finer(place.value, options)
        return place.differs(self._number(place, options))

    def _number(self, place: Place, options: Options) -> Any:
        if place.kind == "FloatField":
            return _rounded(place.value, options)
        return Round(Numeric(place.value), Value(_decimals(options)))

    def _text(self, place: Place, options: Options) -> Any:
        """Digits are left out, so that the text keeps its form and gets no longer."""
        more = rf"(\.[0-9]{{{_decimals(options)}}})[0-9]+"
        fewer = Replace(place.text, Value(more), Value(r"\1"))
        is_place = Q(Matches(place.text, Value(COORDINATES)))
        return Case(When(is_place, then=fewer), output_field=TextField())

    def _check(self, place: Place, options: Options) -> None:
        if place.path or place.kind in NUMBERS or is_point(place):
            return
        if place.kind not in TEXTS:
            raise Unsupported(f"{place.name} is not a number with decimals.")
        if place.is_unique:
            raise Unsupported(
                f"{place.name} must be unique, and coarser values are not."
            )
        if _decimals(options) == 0:
            raise Unsupported(f"{place.name} is a text, which keeps a decimal or more.")


def _decimals(options: Options) -> int:
    return int(options.get("decimals", 1))


def _rounded(double: Any, options: Options) -> Any:
    new = Cast(Round(Numeric(double), Value(_decimals(options))), FloatField())
    few = _has_decimals(double)
    return Case(When(few, then=new), default=double, output_field=FloatField())


def _is_finer(double: Any, options: Options) -> Q:
    exact = Numeric(double)  # 1.3 of four bytes is not 1.3 of eight
    rounded = Round(exact, Value(_decimals(options)))
    return _has_decimals(double) & ~Q(Exact(exact, rounded))


def _has_decimals(double: Any) -> Q:
    """A float larger than `WHOLE` has none to lose."""
    return Q(LessThan(double, WHOLE)) & Q(GreaterThan(double, -WHOLE))
