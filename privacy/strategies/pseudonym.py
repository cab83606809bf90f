"""A code in place of the value: the same for the same value, keyed, not reversible
without the key. That is pseudonymous, not anonymous (GDPR Art. 4(5)).

HMAC-SHA256 in core SQL is sha256(opad || sha256(ipad || value)); both pads are values
computed once, because deriving them for each row costs a factor of ten.
"""

import hashlib
import hmac
from typing import Any

from django.conf import settings
from django.db.models import BinaryField, Func, Q, TextField, Value
from django.db.models.functions import Cast, Concat, Left, Right
from django.db.models.lookups import EndsWith, Regex, StartsWith

from privacy.models.sealing import ring
from privacy.strategies.base import Effect, Options, Place, Unsupported
from privacy.strategies.normal import normal

BLOCK = 64  # bytes of a SHA-256 block (RFC 2104)
NO_COUNTRY = "+999"  # ITU-T E.164 gives this code to nobody
NO_DOMAIN = "pseudonym.invalid"  # RFC 2606
CODE = "p-"


class Bytes(Func):
    template = "convert_to(%(expressions)s, 'UTF8')"
    output_field = BinaryField()


class Sha256(Func):
    function = "sha256"
    output_field = BinaryField()


class Join(Func):
    template = "(%(expressions)s)"
    arg_joiner = " || "
    output_field = BinaryField()


class Hex(Func):
    template = "encode(%(expressions)s, 'hex')"
    output_field = TextField()


class Digits(Func):
    """Hexadecimal to digits of the same length: a to f become 0 to 5."""

    template = "translate(%(expressions)s, 'abcdef', '012345')"
    output_field = TextField()


def pads() -> tuple[bytes, bytes]:
    """The two padded keys of HMAC (RFC 2104), of a key for this use alone."""
    key = next(iter(ring(tuple(settings.IDENTIFIER_KEYS)).values()))
    own = hmac.new(key, b"pseudonym", hashlib.sha256).digest().ljust(BLOCK, b"\0")
    return bytes(b ^ 0x36 for b in own), bytes(b ^ 0x5C for b in own)


def digest(text: Any) -> Any:
    inner, outer = (Value(pad, output_field=BinaryField()) for pad in pads())
    return Hex(Sha256(Join(outer, Sha256(Join(inner, Bytes(text))))))


class Pseudonym:
    name = "pseudonym"
    label = "Replaced by a code"
    effect = Effect.PSEUDONYMISED
    parameters = ()

    def expression(self, place: Place, options: Options) -> Any:
        self._check(place)
        code = digest(normal(place))
        if place.identifier == "phone":
            made = Concat(Value(NO_COUNTRY), Digits(Right(code, 11)))
        elif place.identifier == "email":
            made = Concat(Left(code, 16), Value(f"@{NO_DOMAIN}"))
        else:
            made = Concat(Value(CODE), Left(code, self._length(place)))
        return place.fit(Cast(made, TextField()))

    def still_raw(self, place: Place, options: Options) -> Q:
        """Codes are told by a part that no real value has; cheap, as it is asked of
        every row."""
        if place.identifier == "phone":
            done: Any = StartsWith(place.text, Value(NO_COUNTRY))
        elif place.identifier == "email":
            done = EndsWith(place.text, Value(NO_DOMAIN))
        else:
            done = Regex(place.text, Value(f"^{CODE}[0-9a-f]+$"))
        return place.present & ~Q(done)

    def _length(self, place: Place) -> int:
        return min(24, (place.max_length or 99) - len(CODE))

    def _check(self, place: Place) -> None:
        needed = {"phone": 15, "email": 34}.get(place.identifier, 12)
        room = place.max_length or needed
        if place.kind not in ("CharField", "TextField", "JSONPath") or room < needed:
            raise Unsupported(f"{place.name} has no room for a code.")
