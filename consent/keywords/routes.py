"""By which carrier a text came, and to what kind of number of ours: some words mean
something there alone."""

from functools import lru_cache
from typing import NamedTuple

import phonenumbers

from consent.models import Keyword

Line = Keyword.Line


class Route(NamedTuple):
    """Empty where it is not known; then only keywords without limits count."""

    carrier: str = ""
    line: str = ""


ANY = Route()


def route(carrier: str, our_number: str) -> Route:
    return Route(carrier, _line(our_number))


@lru_cache(maxsize=4096)
def _line(our_number: str) -> str:
    if our_number.startswith("rcs:"):
        return Line.RCS
    if not our_number.startswith("+"):
        return Line.SHORT
    try:
        kind = phonenumbers.number_type(phonenumbers.parse(our_number))
    except phonenumbers.NumberParseException:
        return Line.ORDINARY
    is_free = kind == phonenumbers.PhoneNumberType.TOLL_FREE
    return Line.TOLL_FREE if is_free else Line.ORDINARY
