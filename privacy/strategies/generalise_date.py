"""A date becomes the first day of its month, year, decade or band of years."""

import datetime as dt
from typing import Any

from django.db.models import (
    Case,
    DateField,
    DateTimeField,
    IntegerField,
    Q,
    TextField,
    Value,
    When,
)
from django.db.models.functions import (
    Cast,
    Coalesce,
    Concat,
    ExtractMonth,
    ExtractYear,
    Greatest,
    Least,
    LPad,
    Mod,
    Right,
    Substr,
)
from django.db.models.lookups import Exact

from privacy.strategies.base import Effect, Matches, Options, Place, Unsupported
from privacy.strategies.expressions import Replace
from privacy.strategies.parameters import Parameter, one_of, whole

ISO = r"^[0-9]{4}-(0[1-9]|1[0-2])"  # ISO 8601, or at least its year and month
DAY, MONTH = "(0?[1-9]|[12][0-9]|3[01])", "(0?[1-9]|1[0-2])"
POINTED = rf"^{DAY}[.]{MONTH}[.][0-9]{{4}}$"  # 17.05.1980
SLASHED = rf"^{DAY}[/-]{DAY}[/-][0-9]{{4}}$"  # 17/05/1980, 05/17/1980
DATES = {"DateField": DateField, "DateTimeField": DateTimeField}
TEXTS = ("CharField", "TextField", "JSONPath")
YEARS = {"month": 1, "year": 1, "decade": 10}
FIRST, LAST = 1, 9999  # years
LENGTH = 10  # of a date, as a text


class GeneraliseDate:
    """`to`: month, year or decade; or `years` for bands of that many years.

    Dates before the year `earliest` become one group (HIPAA: ages of 90 and more are
    one group). A text keeps its form, `1980-05-17` or `17.05.1980`; where `05/06/1980`
    may be of May or of June, no month is left. Any other text is emptied.
    """

    name = "generalise_date"
    label = "Only the month, the year or a band of years is left"
    effect = Effect.ANONYMISED
    parameters: tuple[Parameter, ...] = (
        Parameter(
            "to", "To", "month, year or decade. Default: year.",
            one_of("month", "year", "decade"), "year",
        ),
        Parameter(
            "years", "Years of a band", "5 turns 1987 into 1985: an age band of five.",
            whole(2, 100),
        ),
        Parameter(
            "earliest", "Earliest year", "All earlier years become this one.",
            whole(1, 9999),
        ),
    )  # fmt: skip

    def expression(self, place: Place, options: Options) -> Any:
        self._check(place)
        if place.kind in DATES:
            return self._day(place, options)
        text = self._text(place, options)
        return place.fit(text if place.nullable else Coalesce(text, Value("")))

    def still_raw(self, place: Place, options: Options) -> Q:
        self._check(place)
        if place.kind in DATES:
            return place.differs(self._day(place, options))
        done = Coalesce(self._text(place, options), Value(""))
        return place.present & ~Q(Exact(place.text, done))

    def _day(self, place: Place, options: Options) -> Any:
        zone: Any = {"tzinfo": dt.UTC} if place.kind == "DateTimeField" else {}
        year, month = (
            ExtractYear(place.value, **zone),
            ExtractMonth(place.value, **zone),
        )
        return Cast(_first_day(year, month, options), DATES[place.kind]())

    def _text(self, place: Place, options: Options) -> Any:
        text = place.text
        last = Right(text, 4)
        return Cast(
            Case(
                When(_fits(text, ISO), then=_iso(text, options)),
                When(_fits(text, POINTED), then=_pointed(text, last, options)),
                When(_fits(text, SLASHED), then=_slashed(text, last, options)),
            ),
            TextField(),
        )

    def _check(self, place: Place) -> None:
        if place.kind not in (*DATES, *TEXTS):
            raise Unsupported(f"{place.name} is not a date.")
        if place.is_unique:
            raise Unsupported(f"{place.name} must be unique, and bands are not.")
        if (place.max_length or LENGTH) < LENGTH:
            raise Unsupported(f"{place.name} has no room for a date.")


def _fits(text: Any, form: str) -> Q:
    return Q(Matches(text, Value(form)))


def _iso(text: Any, options: Options) -> Any:
    year, month = (Cast(Substr(text, *at), IntegerField()) for at in ((1, 4), (6, 2)))
    return _first_day(year, month, options)


def _pointed(text: Any, year: Any, options: Options) -> Any:
    month = Replace(text, Value(r"^[0-9]+[.]([0-9]+)[.][0-9]+$"), Value(r"\1"))
    whole = IntegerField()
    start, first = _start(Cast(year, whole), Cast(month, whole), options)
    return Concat(Value("01."), first, Value("."), start)


def _slashed(text: Any, year: Any, options: Options) -> Any:
    start, _ = _start(Cast(year, IntegerField()), Value(1), options)
    first = Case(When(_fits(text, "/"), then=Value("01/01/")), default=Value("01-01-"))
    return Concat(first, start)


def _first_day(year: Any, month: Any, options: Options) -> Any:
    """ISO 8601."""
    start, first = _start(year, month, options)
    return Concat(start, Value("-"), first, Value("-01"))


def _start(year: Any, month: Any, options: Options) -> tuple[Any, Any]:
    """The first year and month of the band. Infinite and very early dates become the
    last and the first year that every database and calendar has."""
    band = options.get("years") or YEARS[options.get("to", "year")]
    within = Least(Greatest(year, options.get("earliest", FIRST)), LAST)
    start = Greatest(within - Mod(within, Value(band)), FIRST)
    is_month = options.get("to") == "month" and "years" not in options
    first = Coalesce(month, 1) if is_month else Value(1)
    return _padded(start, 4), _padded(first, 2)


def _padded(number: Any, many: int) -> Any:
    text = Cast(Cast(number, IntegerField()), TextField())
    return LPad(text, many, Value("0"))
