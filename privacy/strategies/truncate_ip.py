"""Keeps the network and drops the machine: IPv4 to /24 and IPv6 to /48, or fewer bits.
/24 and /48 are the common norm of analytics; fewer bits say less."""

from typing import Any

from django.db.models import (
    Case,
    Func,
    GenericIPAddressField,
    IntegerField,
    Q,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast
from django.db.models.lookups import Exact

from privacy.strategies.base import Effect, Matches, Options, Place, Unsupported
from privacy.strategies.expressions import Swap
from privacy.strategies.parameters import Parameter, one_of

V4, V6 = 24, 48  # bits that stay if nothing is said
OCTET = r"[0-9]{1,3}"
GROUP = r"[0-9a-f]{1,4}"


def _multiple(of: int, most: int) -> Any:
    allowed = one_of(*(str(bits) for bits in range(of, most + 1, of)))
    return lambda value: int(allowed(str(value)))


def ipv4(bits: int) -> tuple[str, str]:
    """A pattern for an address in a text, also inside IPv6, and what is left of it."""
    kept = bits // 8
    network = r"\.".join([OCTET] * kept)
    rest = rf"(\.{OCTET}){{{4 - kept}}}"
    return rf"^(::ffff:)?({network}){rest}$", r"\2" + ".0" * (4 - kept)


def ipv6(bits: int) -> tuple[str, str]:
    network = ":".join([GROUP] * (bits // 16))
    return rf"^({network}):.*$", r"\1::"


class Family(Func):
    function = "family"
    output_field = IntegerField()


class Mask(Func):
    """The network's first address, without its length."""

    template = "host(network(set_masklen(%(expressions)s)))::inet"
    output_field = GenericIPAddressField()


class TruncateIp:
    name = "truncate_ip"
    label = "Shortened to its network"
    effect = Effect.ANONYMISED
    parameters = (
        Parameter(
            "ipv4", "Bits of IPv4", "8, 16 or 24. Default: 24.",
            _multiple(8, 24), V4,
        ),
        Parameter(
            "ipv6", "Bits of IPv6", "16, 32 or 48. Default: 48.",
            _multiple(16, 48), V6,
        ),
    )  # fmt: skip

    def expression(self, place: Place, options: Options) -> Any:
        return place.fit(self._shorter(place, options))

    def still_raw(self, place: Place, options: Options) -> Q:
        return place.differs(self._shorter(place, options))

    def _shorter(self, place: Place, options: Options) -> Any:
        v4, v6 = options.get("ipv4", V4), options.get("ipv6", V6)
        if place.is_unique:
            raise Unsupported(f"{place.name} must be unique, and networks are not.")
        if place.kind == "GenericIPAddressField":
            is_v4 = Exact(Family(place.value), 4)
            return Mask(place.value, Case(When(is_v4, then=v4), default=v6))
        if place.kind not in ("CharField", "TextField", "JSONPath"):
            raise Unsupported(f"{place.name} holds no address.")
        cases = [_cut(place.text, *ipv4(v4)), _cut(place.text, *ipv6(v6))]
        made = Case(*cases, default=Value(""), output_field=TextField())
        return Cast(made, TextField())


def _cut(text: Any, pattern: str, left: str) -> When:
    cut = Swap(text, Value(pattern), Value(left))
    return When(Q(Matches(text, Value(pattern))), then=cut)
