"""A number that regulators keep for films, of the same country where one keeps any.

There are few of them, so two people may share one; where values must differ, a
pseudonym is the treatment.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any

import phonenumbers
import yaml
from django.db.models import Case, IntegerField, Q, TextField, Value, When
from django.db.models.functions import Cast, Concat, Mod, Right, Substr, Trim
from django.db.models.lookups import StartsWith

from privacy.strategies.base import Effect, Matches, Options, Place, Unsupported
from privacy.strategies.digests import Digits, digest
from privacy.strategies.normal import normal

RULES = Path(__file__).resolve().parents[1] / "rules" / "fictional_numbers.yaml"
LENGTH = 13  # of the longest, in E.164
AREA = 3  # digits of a North American area code


@cache
def ranges() -> list[dict[str, Any]]:
    return list(yaml.safe_load(RULES.read_text()))


@cache
def area_codes(region: str) -> str:
    """All of them in a row: 201202203…"""
    codes = (f"{code}" for code in range(200, 1000))
    return "".join(code for code in codes if _is_in_use(region, code))


def _is_in_use(region: str, code: str) -> bool:
    number = phonenumbers.parse(f"{code}5550100", region)
    return phonenumbers.is_valid_number_for_region(number, region)


class FakePhone:
    name = "fake_phone"
    label = "Replaced by a number of films"
    effect = Effect.PSEUDONYMISED
    parameters = ()

    def expression(self, place: Place, options: Options) -> Any:
        self._check(place)
        digits = Digits(digest(normal(place)))
        usual, *others = ranges()
        cases = [
            When(self._is_of(place, each), then=_number(each, digits))
            for each in others
        ]
        made = Case(*cases, default=_number(usual, digits), output_field=TextField())
        return place.fit(Cast(made, TextField()))

    def still_raw(self, place: Place, options: Options) -> Q:
        any_ = "|".join(map(_pattern, ranges()))
        return place.present & ~Q(Matches(place.text, Value(f"^({any_})$")))

    def _is_of(self, place: Place, said: dict[str, Any]) -> Q:
        return Q(StartsWith(Trim(place.text), Value(f"+{said['country']}")))

    def _check(self, place: Place) -> None:
        if place.kind not in ("CharField", "TextField", "JSONPath"):
            raise Unsupported(f"{place.name} is not text.")
        if place.is_unique:
            raise Unsupported(
                f"{place.name} must be unique; there are too few numbers."
            )
        if (place.max_length or LENGTH) < LENGTH:
            raise Unsupported(f"{place.name} has no room for a number.")


def _number(said: dict[str, Any], digits: Any) -> Any:
    last = Right(digits, said["digits"])
    if "area_codes_of" not in said:
        return Concat(Value(said["first"]), last)
    codes = area_codes(said["area_codes_of"])
    which = Mod(Cast(Substr(digits, 1, 8), IntegerField()), len(codes) // AREA)
    start = Cast(which, IntegerField()) * AREA + 1
    area = Substr(Value(codes), start, AREA)
    return Concat(Value(said["first"]), area, Value(said["then"]), last)


def _pattern(said: dict[str, Any]) -> str:
    area = "[2-9][0-9]{2}" if "area_codes_of" in said else ""
    then = re.escape(said.get("then", ""))
    return rf"\{said['first']}{area}{then}[0-9]{{{said['digits']}}}"
