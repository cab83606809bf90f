"""Keep the network, drop the machine: IPv4 to /24, IPv6 to /32 in text and /48 in inet.

regulation: /24 and 48 bits are the common analytics norm; fewer bits say less.
"""

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

IPV4 = r"^(::ffff:)?([0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3})\.[0-9]{1,3}$"
IPV6 = r"^([0-9a-f]{1,4}:[0-9a-f]{1,4}):.*$"


class Family(Func):
    function = "family"
    output_field = IntegerField()


class Mask(Func):
    """The network's first address, without its length."""

    template = "host(network(set_masklen(%(expressions)s)))::inet"
    output_field = GenericIPAddressField()


class Swap(Func):
    template = "regexp_replace(%(expressions)s, 'i')"
    output_field = TextField()


class TruncateIp:
    name = "truncate_ip"
    label = "Shortened to its network"
    effect = Effect.ANONYMISED
    parameters = ()

    def expression(self, place: Place, options: Options) -> Any:
        return place.fit(self._shorter(place))

    def still_raw(self, place: Place, options: Options) -> Q:
        return place.differs(self._shorter(place))

    def _shorter(self, place: Place) -> Any:
        if place.kind == "GenericIPAddressField":
            bits = Case(When(Exact(Family(place.value), 4), then=24), default=48)
            return Mask(place.value, bits)
        if place.kind not in ("CharField", "TextField", "JSONPath"):
            raise Unsupported(f"{place.name} holds no address.")
        text = place.text
        return Cast(
            Case(
                When(
                    Q(Matches(text, Value(IPV4))),
                    then=Swap(text, Value(IPV4), Value(r"\2.0")),
                ),
                When(
                    Q(Matches(text, Value(IPV6))),
                    then=Swap(text, Value(IPV6), Value(r"\1::")),
                ),
                default=Value(""),
                output_field=TextField(),
            ),
            TextField(),
        )
