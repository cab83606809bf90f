"""A well-formed e-mail address that works nowhere (RFC 2606). Equal values get equal
addresses, so it is a pseudonym."""

from typing import Any

from django.db.models import Q, TextField, Value
from django.db.models.functions import Cast, Concat, Left

from privacy.strategies.base import Effect, Matches, Options, Place, Unsupported
from privacy.strategies.digests import digest
from privacy.strategies.normal import normal
from privacy.strategies.parameters import Parameter, one_of

DOMAINS = ("example.com", "example.org", "example.net")  # RFC 2606, section 3
CODE = 16  # hexadecimal digits
LENGTH = len("p-") + CODE + len("@example.com")
DONE = rf"^p-[0-9a-f]{{{CODE}}}@example\.(com|org|net)$"


class FakeEmail:
    name = "fake_email"
    label = "Replaced by an invented e-mail address"
    effect = Effect.PSEUDONYMISED
    parameters = (
        Parameter("domain", "Domain", "One of the example domains.", one_of(*DOMAINS)),
    )

    def expression(self, place: Place, options: Options) -> Any:
        if place.kind not in ("CharField", "TextField", "JSONPath"):
            raise Unsupported(f"{place.name} is not text.")
        if (place.max_length or LENGTH) < LENGTH:
            raise Unsupported(f"{place.name} has no room for an address.")
        at = "@" + options.get("domain", DOMAINS[0])
        made = Concat(Value("p-"), Left(digest(normal(place)), CODE), Value(at))
        return place.fit(Cast(made, TextField()))

    def still_raw(self, place: Place, options: Options) -> Q:
        return place.present & ~Q(Matches(place.text, Value(DONE)))
