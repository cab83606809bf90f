"""Takes identifiers out of free text or JSON and leaves the rest."""

from typing import Any

from django.db.models import Case, F, JSONField, Q, TextField, Value, When
from django.db.models.functions import Cast

from privacy import spellings
from privacy.spellings import CARD, GAP
from privacy.strategies.base import (
    Effect,
    Matches,
    Options,
    Place,
    Unsupported,
    matches,
)
from privacy.strategies.digests import digest
from privacy.strategies.expressions import Replace
from privacy.strategies.normal import normal
from privacy.strategies.pseudonym import Pseudonym
from privacy.strategies.shapes import Brief

MARK = "[redacted]"
# A code is nobody's, and may stand where another ending of the same document put it.
ANY_EMAIL = r"[a-z0-9._%+\-]+@(?!pseudonym\.invalid)[a-z0-9.\-]+\.[a-z]{2,}"
PLUS = r"(?<![0-9])(?:\+(?!999)|(?<!\+))"
DIGITS = rf"[0-9](?:{GAP}[0-9]){{6,14}}(?![0-9])"
ANY_PHONE = rf"{PLUS}{DIGITS}"
# The date 2026-11-28, unless more digits follow it, is no number.
NO_DAY = r"(?!(?:19|20)[0-9]{2}-[01][0-9]-[0-3][0-9](?![0-9]|[ -]{1,3}[0-9]))"
# ISO 13616, in groups of four or without gaps; among the next signs are ten digits.
ANY_IBAN = (
    r"(?<![0-9a-z])[a-z]{2}[0-9]{2}(?=(?:[a-z ]{0,6}[0-9]){8})"
    r"(?: ?[0-9a-z]{4}){2,7}(?: ?[0-9a-z]{1,3})?(?![0-9a-z])"
)
ANY_SSN = (
    r"(?<![0-9\-])(?!000|666|9)[0-9]{3}-(?!00)[0-9]{2}-(?!0000)[0-9]{4}(?![0-9\-])"
)
# Not the version of a program: v1.2.3.4, Agent/1.2.3.4, version 1.2.3.4.
BYTE = r"(?:25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})"
ANY_IPV4 = (
    rf"(?<![0-9a-z.])(?<![a-z]/)(?<!version )(?:{BYTE}[.]){{3}}{BYTE}"
    r"(?![0-9a-z]|[.][0-9])"
)
# Eight groups, or a gap of zeros behind two groups: no time of day has either.
ANY_IPV6 = (
    r"(?<![0-9a-z:.])(?:(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}"
    r"|(?:[0-9a-f]{1,4}:){2,6}(?::[0-9a-f]{1,4}){1,5})(?![0-9a-z:])"
)
ACCOUNTS = f"{ANY_IBAN}|{ANY_SSN}"
ANYTHING = f"{ANY_EMAIL}|{CARD}|{ANY_PHONE}"
NUMBER = f"{CARD}|{PLUS}{NO_DAY}{DIGITS}"
IN_TEXT = f"{ANY_EMAIL}|{ACCOUNTS}|{ANY_IPV4}|{ANY_IPV6}|{NUMBER}"
# A part of an IP address may stay at a path of its own (`truncate_ip`).
IN_JSON = (
    f"{ANY_EMAIL}|{ACCOUNTS}|(?<![a-f])(?:{NUMBER})(?![a-f])"  # no digits of codes
)
BEFORE, BEHIND = r"(?:^|(?<=\[)|(?<=[:,] ))", r"(?=$|[,\]}])"  # around a JSON number
# A string as PHP writes it down, with its length before it: s:5:"words"; and one that
# holds such a text itself. Its length stays true only if all of it goes.
WORDS, INSIDE = r'(?:[^"]|"(?!;))*', r'(?:[^}]|\}(?!";))*'
PHP = r'(?:^|[;{])s:[0-9]+:"'
PHP_STRING = rf's:[0-9]+:"{WORDS}(?:%s){WORDS}";'
PHP_NESTED = rf's:[0-9]+:"[aoc]:[0-9]+:{INSIDE}(?:%s){INSIDE}\}}";'
# A bare number of a JSON document that is kept as text.
JSON = r"^\s*[\[{]"
JSON_NUMBER = r'("\s*:\s*)-?(?:%s)(?=\s*[,}])'
TEXTS = ("CharField", "TextField", "JSONPath")


class Redact:
    """Looks for `options["pattern"]`, or without it for anything that identifies."""

    name = "redact"
    label = "Identifiers removed from the text"
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
        cleaned = self._in_text(place.text, pattern, self._mark(place))
        if place.is_unique:
            cleaned = self._coded(place, pattern, cleaned)
        return place.fit(Cast(cleaned, TextField()))

    def still_raw(self, place: Place, options: Options) -> Q:
        pattern = options.get("pattern", _anything(place))
        return place.present & matches(place.text, pattern)

    def _coded(self, place: Place, pattern: str, cleaned: Any) -> Any:
        """Where no two texts may be alike, the whole becomes a code: a brief one, where
        there is no room for that of a pseudonym."""
        try:
            code = Pseudonym().expression(place, {})
        except Unsupported:
            if place.max_length is None or place.max_length < Brief().room(place):
                return cleaned
            code = Brief().make(digest(normal(place)), place)
        return Case(
            When(matches(place.text, pattern), then=Cast(code, TextField())),
            default=place.text,
            output_field=TextField(),
        )

    def _in_text(self, text: Any, pattern: str, mark: str) -> Any:
        """Text that a program wrote must stay readable to that program."""
        string = f's:{len(mark)}:"{mark}";'
        nested = _without(text, PHP_NESTED, pattern, string)
        php = _without(nested, PHP_STRING, pattern, string)
        json = _without(text, JSON_NUMBER, pattern, r"\1null")
        return Case(
            When(Matches(text, Value(PHP)), then=self._plain(php, pattern, mark)),
            When(Matches(text, Value(JSON)), then=self._plain(json, pattern, mark)),
            default=self._plain(text, pattern, mark),
            output_field=TextField(),
        )

    def _plain(self, text: Any, pattern: str, mark: str) -> Any:
        return _without(text, "%s", pattern, mark)

    def _mark(self, place: Place) -> str:
        """Never longer than what it replaces, so that the text still fits its
        column."""
        return MARK if (place.max_length or 99) >= 40 else "***"

    def _in_json(self, place: Place, pattern: str) -> Any:
        """What looks like a bare number becomes null first, sign and exponent included:
        that is valid JSON for a number, and harmless inside a text."""
        text = Cast(Cast(F(place.name), JSONField()), TextField())
        rest = r"[0-9.e+\-]*"
        number = rf"{BEFORE}-?{rest}(?:%s){rest}{BEHIND}"
        first = _without(text, number, pattern, "null")
        return Cast(_without(first, "%s", pattern, MARK), JSONField())


def _without(text: Any, around: str, pattern: str, mark: str) -> Any:
    """Replaced with what stands around it; no part is too large for the store."""
    for part in spellings.parts(pattern):
        text = Replace(text, Value(around % part), Value(mark))
    return text


def _anything(place: Place) -> str:
    return IN_JSON if place.kind == "JSONField" else IN_TEXT
