"""An invented name, in the same script as the original."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.db.models import Case, IntegerField, Q, TextField, Value, When
from django.db.models.functions import Cast, Concat, Mod, RTrim, Substr

from privacy.strategies.base import Effect, Matches, Options, Place, Unsupported
from privacy.strategies.digests import Digits, digest
from privacy.strategies.normal import normal
from privacy.strategies.parameters import Parameter, one_of

RULES = Path(__file__).resolve().parents[1] / "rules" / "invented_names.yaml"


@cache
def scripts() -> list[dict[str, Any]]:
    return list(yaml.safe_load(RULES.read_text()))


class FakeName:
    """`part`: full (two words), first or last (one)."""

    name = "fake_name"
    label = "Replaced by an invented name"
    effect = Effect.PSEUDONYMISED
    parameters = (
        Parameter(
            "part", "Part of the name", "full, first or last. Default: full.",
            one_of("full", "first", "last"), "full",
        ),
    )  # fmt: skip

    def expression(self, place: Place, options: Options) -> Any:
        self._check(place, options)
        digits = Digits(digest(normal(place)))
        usual, *others = (
            _name(script, digits, options.get("part", "full")) for script in scripts()
        )
        cases = [
            When(_is_of(place, script), then=made)
            for script, made in zip(scripts()[1:], others, strict=True)
        ]
        made = Case(*cases, default=usual, output_field=TextField())
        return place.fit(Cast(made, TextField()))

    def still_raw(self, place: Place, options: Options) -> Q:
        return place.present & ~Q(Matches(place.text, Value(_done())))

    def _check(self, place: Place, options: Options) -> None:
        if place.kind not in ("CharField", "TextField", "JSONPath"):
            raise Unsupported(f"{place.name} is not text.")
        if place.is_unique:
            raise Unsupported(f"{place.name} must be unique; there are too few names.")
        many = 2 if options.get("part", "full") == "full" else 1
        longest = max(len(word) for script in scripts() for word in script["words"])
        if (place.max_length or 99) < many * (longest + 1):
            raise Unsupported(f"{place.name} has no room for a name.")


def _is_of(place: Place, script: dict[str, Any]) -> Q:
    return Q(Matches(place.text, Value(f"[{script['from']}-{script['to']}]")))


def _name(script: dict[str, Any], digits: Any, part: str) -> Any:
    if part != "full":
        return _word(script, digits, 1)
    between = Value(script["between"])
    return Concat(_word(script, digits, 1), between, _word(script, digits, 9))


def _word(script: dict[str, Any], digits: Any, start: int) -> Any:
    """One of the words, all padded to one width, at the position that the digest
    gives."""
    words = script["words"]
    width = max(map(len, words))
    which = Mod(Cast(Substr(digits, start, 8), IntegerField()), len(words))
    at = Cast(which, IntegerField()) * width + 1
    row = "".join(word.ljust(width) for word in words)
    return RTrim(Substr(Value(row), at, width))


@cache
def _done() -> str:
    forms = (
        f"({'|'.join(s['words'])})({s['between']}({'|'.join(s['words'])}))?"
        for s in scripts()
    )
    return f"^({'|'.join(forms)})$"
