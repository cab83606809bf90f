"""A number that regulators reserve for films, of the same country if there is one.

There are few of them, so two people may share one; where values must be unique, use a
pseudonym. A CHECK that takes only national numbers refuses every pseudonym: then `form`
gives the notation, `(###) ###-####`. If they must be unique as well, a country with a
thousand reserved numbers has enough for some; the store refuses a second one, and the
plan says so.
"""

import re
from collections.abc import Sequence
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
from privacy.strategies.expressions import Replace
from privacy.strategies.normal import normal
from privacy.strategies.parameters import Parameter, form, whole

RULES = Path(__file__).resolve().parents[1] / "rules" / "fictional_numbers.yaml"
LENGTH = 13  # of the longest, in E.164
AREA = 3  # digits of a North American area code
ENOUGH = 1000  # numbers, where no two may be alike


@cache
def ranges() -> list[dict[str, Any]]:
    return list(yaml.safe_load(RULES.read_text()))


@cache
def area_codes(region: str) -> str:
    """All of them in one string: 201202203…"""
    codes = (f"{code}" for code in range(200, 1000))
    return "".join(code for code in codes if _is_in_use(region, code))


def _is_in_use(region: str, code: str) -> bool:
    number = phonenumbers.parse(f"{code}5550100", region)
    return phonenumbers.is_valid_number_for_region(number, region)


class FakePhone:
    name = "fake_phone"
    label = "Replaced by a fictional number, as used in films"
    effect = Effect.PSEUDONYMISED
    parameters = (
        Parameter(
            "form", "Form", "How a national number is written, with # for each digit.",
            form,
        ),
        Parameter("country", "Country", "The country code for that form: 1, "
            "33.", whole(1, 999)),
    )  # fmt: skip

    def expression(self, place: Place, options: Options) -> Any:
        self._check(place, options)
        digits = Digits(digest(normal(place)))
        if form := options.get("form"):
            return place.fit(_national(_of(options), form, digits))
        usual, *others = ranges()
        cases = [
            When(self._is_of(place, each), then=_number(each, digits))
            for each in others
        ]
        made = Case(*cases, default=_number(usual, digits), output_field=TextField())
        return place.fit(Cast(made, TextField()))

    def still_raw(self, place: Place, options: Options) -> Q:
        any_ = "|".join(map(_pattern, ranges()))
        if form := options.get("form"):
            any_ = _in_form(_of(options), form)
        return place.present & ~Q(Matches(place.text, Value(f"^({any_})$")))

    def _is_of(self, place: Place, said: dict[str, Any]) -> Q:
        return Q(StartsWith(Trim(place.text), Value(f"+{said['country']}")))

    def _check(self, place: Place, options: Options) -> None:
        if form := options.get("form"):
            self._check_form(place, options, form)
            return
        if place.kind not in ("CharField", "TextField", "JSONPath"):
            raise Unsupported(f"{place.name} is not text.")
        if place.is_unique:
            raise Unsupported(
                f"{place.name} must be unique; there are too few numbers."
            )
        if (place.max_length or LENGTH) < LENGTH:
            raise Unsupported(f"{place.name} has no room for a number.")

    def _check_form(self, place: Place, options: Options, form: str) -> None:
        said = _of(options)
        if not said or form.count("#") not in _lengths(said):
            raise Unsupported(f"No fictional number of that country fits {form}.")
        if place.kind not in ("CharField", "TextField", "JSONPath"):
            raise Unsupported(f"{place.name} is not text.")
        if place.is_unique and 10 ** said["digits"] < ENOUGH:
            raise Unsupported(f"{place.name} must be unique; there are too few.")
        if (place.max_length or len(form)) < len(form):
            raise Unsupported(f"{place.name} has no room for a number.")


def _of(options: Options) -> dict[str, Any]:
    """The country's reserved numbers for a form; none where it reserves none."""
    code = int(options.get("country", 1))
    said = next((each for each in ranges() if each["country"] == code), {})
    return {**said, **said.get("in_forms", {})}


def _fixed(said: dict[str, Any]) -> str:
    """What all of them begin with, as dialled inside the country."""
    return str(said["first"]).removeprefix(f"+{said['country']}")


def _lengths(said: dict[str, Any]) -> tuple[int, int]:
    """Number of digits without and with the prefix dialled inside the country."""
    short = len(_fixed(said)) + int(said["digits"])
    return short, short + 1


def _spread(said: dict[str, Any], form: str, digits: Sequence[str]) -> str:
    """The form with its places filled: the fixed digits, then these."""
    short, _ = _lengths(said)
    home = ("1" if said["country"] == 1 else "0") if form.count("#") > short else ""
    left = iter([*home, *_fixed(said), *digits])
    return "".join(next(left) if sign == "#" else sign for sign in form)


def _national(said: dict[str, Any], form: str, digits: Any) -> Any:
    """One replacement: long chains of expressions are too deep for SQLite."""
    many = range(1, said["digits"] + 1)
    pattern = "^" + "([0-9])" * len(many) + "[0-9]*$"
    return Replace(
        Cast(digits, TextField()),
        Value(pattern),
        Value(_spread(said, form, [rf"\{n}" for n in many])),
    )


def _in_form(said: dict[str, Any], form: str) -> str:
    """A regular expression for everything that `_national` makes."""
    return _spread(
        said, re.escape(form).replace(r"\#", "#"), ["[0-9]"] * said["digits"]
    )


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
