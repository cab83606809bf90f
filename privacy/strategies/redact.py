"""Take identifiers out of free text or JSON and leave the rest."""

from typing import Any

from django.db.models import F, JSONField, Q, TextField, Value
from django.db.models.functions import Cast

from privacy.spellings import CARD, GAP
from privacy.strategies.base import Effect, Matches, Options, Place, Unsupported
from privacy.strategies.expressions import Replace

MARK = "[redacted]"
# A code is nobody's, and may stand where another ending of the same document put it.
ANY_EMAIL = r"[a-z0-9._%+\-]+@(?!pseudonym\.invalid)[a-z0-9.\-]+\.[a-z]{2,}"
PLUS = r"(?<![0-9])(?:\+(?!999)|(?<!\+))"
ANY_PHONE = rf"{PLUS}[0-9](?:{GAP}[0-9]){{6,14}}(?![0-9])"
ANYTHING = f"{ANY_EMAIL}|{CARD}|{ANY_PHONE}"
IN_JSON = f"{ANY_EMAIL}|(?<![a-f])(?:{CARD}|{ANY_PHONE})(?![a-f])"  # no digits of codes
BEFORE, BEHIND = r"(?:^|(?<=\[)|(?<=[:,] ))", r"(?=$|[,\]}])"  # around a JSON number
TEXTS = ("CharField", "TextField", "JSONPath")


class Redact:
    """Looks for `options["pattern"]`, or without it for anything that identifies."""

    name = "redact"
    label = "Identifiers taken out of the text"
    effect = Effect.PSEUDONYMISED
    parameters = ()

    def expression(self, place: Place, options: Options) -> Any:
        pattern = options.get("pattern", _anything(place))
        if place.kind == "JSONField":
            return self._in_json(place, pattern)
        if place.kind not in TEXTS:
            raise Unsupported(f"{place.name} is not text.")
        if place.is_unique and "pattern" not in options:  # two may become "[redacted]"
            raise Unsupported(
                f"{place.name} must be unique, and redacted texts are not."
            )
        cleaned = Replace(place.text, Value(pattern), Value(self._mark(place)))
        return place.fit(Cast(cleaned, TextField()))

    def still_raw(self, place: Place, options: Options) -> Q:
        pattern = options.get("pattern", _anything(place))
        return place.present & Q(Matches(place.text, Value(pattern)))

    def _mark(self, place: Place) -> str:
        """Never longer than what is found, so that the text keeps fitting."""
        return MARK if (place.max_length or 99) >= 40 else "***"

    def _in_json(self, place: Place, pattern: str) -> Any:
        """What looks like a bare number becomes null first, sign and exponent too: that
        is JSON where it is a number, and harmless where it stands in a text."""
        text = Cast(Cast(F(place.name), JSONField()), TextField())
        rest = r"[0-9.e+\-]*"
        number = rf"{BEFORE}-?{rest}(?:{pattern}){rest}{BEHIND}"
        first = Replace(text, Value(number), Value("null"))
        return Cast(Replace(first, Value(pattern), Value(MARK)), JSONField())


def _anything(place: Place) -> str:
    return IN_JSON if place.kind == "JSONField" else ANYTHING
