"""The form of a pseudonym for each type of column: made from a digest, and
distinguished from any real value by a part that no real value has."""

from typing import Any, Protocol

from django.db.models import (
    BigIntegerField,
    GenericIPAddressField,
    IntegerField,
    TextField,
    UUIDField,
    Value,
)
from django.db.models.functions import Cast, Concat, Left, Right, Substr
from django.db.models.lookups import (
    EndsWith,
    GreaterThanOrEqual,
    LessThanOrEqual,
    Regex,
    StartsWith,
)

from privacy.strategies.base import Place
from privacy.strategies.digests import Digits

TEXTS = ("CharField", "TextField", "JSONPath")
UNIQUE = 16  # hexadecimal digits, 64 bits: ten million values stay apart


class Shape(Protocol):
    """`is_unique`: codes of ten million values are all different."""

    is_unique: bool

    def room(self, place: Place) -> int:
        """How many characters it needs at least."""

    def make(self, code: Any, place: Place) -> Any:
        """The code made from a digest of 64 hexadecimal digits."""

    def is_made(self, place: Place) -> Any:
        """The condition that the value is such a code."""


class Phone:
    """ITU-T assigns the country code 999 to nobody. Where numbers must be unique, the
    code is longer than any number, if there is room and no CHECK on its form; of
    fifteen digits, two in a million may collide, and the store refuses the second."""

    is_unique = True
    code = "+999"
    fewest, longest_number, longest = 11, 12, 20

    def room(self, place: Place) -> int:
        return len(self.code) + self.fewest

    def make(self, code: Any, place: Place) -> Any:
        digits = Digits(Right(code, self._digits(place)))
        return Cast(Concat(Value(self.code), digits), TextField())

    def is_made(self, place: Place) -> Any:
        return StartsWith(place.text, Value(self.code))

    def _digits(self, place: Place) -> int:
        if not place.is_unique:
            return self.fewest
        most = self.longest_number if place.is_checked else self.longest
        return min(most, (place.max_length or 99) - len(self.code))


class Email:
    """RFC 2606: no address works under .invalid."""

    is_unique = True
    domain = "pseudonym.invalid"

    def room(self, place: Place) -> int:
        return UNIQUE + 1 + len(self.domain)

    def make(self, code: Any, place: Place) -> Any:
        made = Concat(Left(code, UNIQUE), Value(f"@{self.domain}"))
        return Cast(made, TextField())

    def is_made(self, place: Place) -> Any:
        return EndsWith(place.text, Value(self.domain))


class Text:
    """Where values must be unique and there is little room, two in a million may
    collide, and the store refuses the second."""

    is_unique = True
    prefix = "p-"
    longest, shortest = 24, 10

    def room(self, place: Place) -> int:
        return len(self.prefix) + self.shortest

    def make(self, code: Any, place: Place) -> Any:
        made = Concat(Value(self.prefix), Left(code, self._many(place)))
        return Cast(made, TextField())

    def is_made(self, place: Place) -> Any:
        exactly = f"^{self.prefix}[0-9a-f]{{{self._many(place)}}}$"
        return Regex(place.text, Value(exactly))

    def _many(self, place: Place) -> int:
        return min(self.longest, (place.max_length or 99) - len(self.prefix))


class Brief(Text):
    """For the few values of a small column that are one person's. If two are alike, the
    second gets another code (`Place.turn`)."""

    shortest = 4


class Address:
    """RFC 6666: what is sent to 100::/64 is discarded."""

    is_unique = True
    prefix = "100::"

    def room(self, place: Place) -> int:
        return len(self.prefix) + 19

    def make(self, code: Any, place: Place) -> Any:
        parts = [Substr(code, start, 4) for start in (1, 5, 9, 13)]
        first, *others = parts
        groups = [part for other in others for part in (Value(":"), other)]
        text = Concat(Value(self.prefix), first, *groups)
        is_text = place.kind in TEXTS
        return Cast(text, TextField() if is_text else GenericIPAddressField())

    def is_made(self, place: Place) -> Any:
        return StartsWith(place.text, Value(self.prefix))


class Uuid:
    """RFC 9562: version 8 is free to use; the first 32 bits are zero."""

    is_unique = True

    def room(self, place: Place) -> int:
        return 0

    def make(self, code: Any, place: Place) -> Any:
        return Cast(
            Concat(
                Value("00000000-"), Substr(code, 1, 4),
                Value("-8"), Substr(code, 5, 3),
                Value("-8"), Substr(code, 8, 3),
                Value("-"), Substr(code, 11, 12),
            ),
            UUIDField(),
        )  # fmt: skip

    def is_made(self, place: Place) -> Any:
        return Regex(place.text, Value("^00000000-[0-9a-f]{4}-8[0-9a-f]{3}-8"))


class Large:
    """The end of the 64-bit range, which no counter reaches."""

    is_unique = True
    first, digits = 9 * 10**18, 17

    def room(self, place: Place) -> int:
        return 0

    def make(self, code: Any, place: Place) -> Any:
        return Cast(Digits(Right(code, self.digits)), BigIntegerField()) + self.first

    def is_made(self, place: Place) -> Any:
        return GreaterThanOrEqual(place.value, self.first)


class Small:
    """Far below zero, where nobody numbers anything; too few to be all different."""

    is_unique = False
    first, digits = -(10**9), 9

    def room(self, place: Place) -> int:
        return 0

    def make(self, code: Any, place: Place) -> Any:
        return self.first - Cast(Digits(Right(code, self.digits)), IntegerField())

    def is_made(self, place: Place) -> Any:
        return LessThanOrEqual(place.value, self.first)


def shape_of(place: Place) -> Shape | None:
    """None where no code fits the type. Where no two values may be alike, a code that
    is too long to look like a number or an address is a word."""
    if place.kind in TEXTS:
        shape = BY_IDENTIFIER.get(place.identifier, Text())
        room = place.max_length or shape.room(place)
        return Text() if place.is_unique and room < shape.room(place) else shape
    if place.kind == "DecimalField" and place.digits - place.decimals < LARGE_DIGITS:
        return None
    return BY_KIND.get(place.kind)


LARGE_DIGITS = 19
BY_IDENTIFIER: dict[str, Shape] = {"phone": Phone(), "email": Email(), "ip": Address()}
BY_KIND: dict[str, Shape] = {
    "UUIDField": Uuid(),
    "BigIntegerField": Large(),
    "DecimalField": Large(),
    "IntegerField": Small(),
    "GenericIPAddressField": Address(),
}
