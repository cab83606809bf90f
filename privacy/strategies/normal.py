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
COUNTRY = str(phonenumbers.country_code_for_region(DEFAULT_REGION))
NATIONAL = 10  # digits of a number of that country without its code
E164 = r"^\+[0-9]+$"
ABROAD = ("011", "00")  # dialled before another country's code


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
        return _digits(place.text)
    text: Any = Lower(Trim(place.text))
    if place.kind == "GenericIPAddressField":  # as the same address in a text
        for length in ("/32", "/128"):
            text = Replace(text, Value(length), Value(""))
    return text


def _digits(written: Any) -> Any:
    """Most numbers are stored in E.164, so that is tested first: the rest costs as much
    as writing the row."""
    e164 = When(Q(Matches(written, Value(E164))), then=_from(written, 1))
    text: Any = Trim(written)
    digits = WithoutGaps(Replace(text, Value("(0)"), Value("")))
    is_national = Q(Exact(Length(digits, output_field=IntegerField()), NATIONAL))
    is_national &= ~Q(StartsWith(text, Value("+")))
    cases = [
        When(Q(StartsWith(digits, Value(each))), then=_from(digits, len(each)))
        for each in ABROAD
    ]
    national = When(
        is_national, then=Concat(Value(COUNTRY), digits, output_field=TextField())
    )
    return Case(e164, national, *cases, default=digits, output_field=TextField())


def _from(text: Any, start: int) -> Any:
    return Substr(text, start + 1, output_field=TextField())
