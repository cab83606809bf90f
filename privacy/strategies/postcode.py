"""The first characters of a postcode: an area instead of a street.

Where fewer than twenty thousand people live in an area of three digits, HIPAA asks for
000 instead (45 CFR 164.514(b)(2)(i)(B)); the list of these areas is data, in `rules`.
"""

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.db.models import Case, IntegerField, Q, TextField, Value, When
from django.db.models.functions import Cast, Left, Length, Trim
from django.db.models.lookups import GreaterThan, In

from privacy.strategies.base import Effect, Options, Place, Unsupported
from privacy.strategies.parameters import Parameter, one_of, whole

RULES = Path(__file__).resolve().parents[1] / "rules" / "small_areas.yaml"
NO_AREA = "000"
TEXTS = ("CharField", "TextField", "JSONPath")


@cache
def small_areas() -> list[str]:
    """The latest list, by the census it was counted from."""
    lists = yaml.safe_load(RULES.read_text())
    return list(max(lists, key=lambda each: each["since"])["areas"])


class Postcode:
    name = "postcode"
    label = "Only the area of the postcode is left"
    effect = Effect.ANONYMISED
    parameters = (
        Parameter(
            "first", "First characters", "How many characters stay. Default: three.",
            whole(1, 10), 3,
        ),
        Parameter(
            "rule", "Rule",
            "hipaa: areas of the United States with few people become 000.",
            one_of("hipaa"),
        ),
    )  # fmt: skip

    def expression(self, place: Place, options: Options) -> Any:
        self._check(place, options)
        first: Any = Left(Trim(place.text), options.get("first", 3))
        if "rule" in options:
            is_small = Q(In(first, small_areas()))
            first = Case(When(is_small, then=Value(NO_AREA)), default=first)
        return place.fit(Cast(first, TextField()))

    def still_raw(self, place: Place, options: Options) -> Q:
        self._check(place, options)
        many = Length(place.text, output_field=IntegerField())
        raw = Q(GreaterThan(many, options.get("first", 3)))
        if "rule" in options:
            raw |= Q(In(place.text, small_areas()))
        return place.present & raw

    def _check(self, place: Place, options: Options) -> None:
        if place.kind not in TEXTS:
            raise Unsupported(f"{place.name} is not text; postcodes may begin with 0.")
        if place.is_unique:
            raise Unsupported(f"{place.name} must be unique, and areas are not.")
        if "rule" in options and options.get("first", 3) != len(NO_AREA):
            raise Unsupported("The rule of HIPAA keeps exactly three digits.")
