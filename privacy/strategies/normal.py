"""A value normalised for comparison, so that every notation gets the same pseudonym.

Does what `identifiers` does in Python, as far as a statement can: digits with the
country code for a phone number, lower case without outer spaces for the rest.
"""

from typing import Any

import phonenumbers
from django.db.models import Case, Func, IntegerField, Q, TextField, Value, When
from django.db.models.functions import Concat, Length, Lower, Replace, Substr, Trim
from django.db.models.lookups import Exact, StartsWith

from privacy.identifiers import DEFAULT_REGION
from privacy.strategies.base import Matches, Place

GAPS = " \t\u00a0()-./·+\u2010\u2011\u2012\u2013\u2014\u2015"
NATIONAL = 10  # digits of a North American number without its code
E164 = r"^\+[0-9]+$"
NORTH_AMERICA = 1
ABROAD = "00"  # dialled before another country's code (ITU-T E.164)
ABROAD_IN_AMERICA = "011"  # there, too; in Leeds numbers begin so


class WithoutGaps(Func):
    """One pass over the text; in MySQL one for each kind of gap."""

    template = f"translate(%(expressions)s, '{GAPS}', '')"
    output_field = TextField()

    def as_mysql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "%(expressions)s"
        for gap in GAPS:
            template = f"replace({template}, '{gap}', '')"
        return self.as_sql(compiler, connection, template=template, **context)


def normal(place: Place) -> Any:
    """Where two spellings of one value must differ, the second has a code of its own
    text, told from all others by its turn."""
    if place.turn and place.is_unique:
        return Concat(Value(f"{place.turn}\n"), place.text, output_field=TextField())
    if place.identifier == "phone":
        return _digits(place.text, place.region or DEFAULT_REGION)
    text: Any = Lower(Trim(place.text))
    if place.kind == "GenericIPAddressField":  # as the same address in a text
        for length in ("/32", "/128"):
            text = Replace(text, Value(length), Value(""))
    return text


def _digits(written: Any, region: str) -> Any:
    """Most numbers are stored in E.164, so that is tested first: the rest costs as much
    as writing the row."""
    e164 = When(Q(Matches(written, Value(E164))), then=_from(written, 1))
    text: Any = Trim(written)
    digits = WithoutGaps(Replace(text, Value("(0)"), Value("")))
    is_american = phonenumbers.country_code_for_region(region) == NORTH_AMERICA
    cases = [
        When(Q(StartsWith(digits, Value(each))), then=_from(digits, len(each)))
        for each in ([ABROAD_IN_AMERICA, ABROAD] if is_american else [ABROAD])
    ]
    home = _at_home(text, digits, region)
    return Case(e164, *cases, *home, default=digits, output_field=TextField())


def _at_home(text: Any, digits: Any, region: str) -> list[When]:
    """A number without its country: ten digits in North America, elsewhere behind the
    zero that is dialled at home, where there is one."""
    country = phonenumbers.country_code_for_region(region)
    trunk = phonenumbers.ndd_prefix_for_region(region, True)
    if country == NORTH_AMERICA:
        length = Length(digits, output_field=IntegerField())
        is_national, rest = Q(Exact(length, NATIONAL)), digits
    elif trunk == "0":
        is_national, rest = Q(StartsWith(digits, Value("0"))), _from(digits, 1)
    else:
        return []
    is_national &= ~Q(StartsWith(text, Value("+")))
    whole = Concat(Value(str(country)), rest, output_field=TextField())
    return [When(is_national, then=whole)]


def _from(text: Any, start: int) -> Any:
    return Substr(text, start + 1, output_field=TextField())
