"""Leaves no value: NULL, or the empty value of the type where NULL is not allowed."""

import datetime as dt
import uuid
from typing import Any

from django.db.models import JSONField, Q, Value
from django.db.models.functions import Cast
from django.db.models.lookups import Exact

from privacy.strategies.base import Effect, Options, Place, Unsupported

EMPTY: dict[str, Any] = {
    "CharField": "",
    "TextField": "",
    "IntegerField": 0,
    "BigIntegerField": 0,
    "SmallIntegerField": 0,
    "FloatField": 0,
    "DecimalField": 0,
    "BooleanField": False,
    "DateField": dt.date(1, 1, 1),
    "DateTimeField": dt.datetime(1, 1, 1, tzinfo=dt.UTC),
    "UUIDField": uuid.UUID(int=0),
    "GenericIPAddressField": "0.0.0.0",  # noqa: S104 - no address at all
    "TimeField": dt.time(0),
    "DurationField": dt.timedelta(0),
    "BinaryField": b"",
}
NO_ELEMENTS = "{}"  # an empty array, and an empty object of JSON


class Nullify:
    name = "nullify"
    label = "Emptied"
    effect = Effect.DELETED
    parameters = ()

    def expression(self, place: Place, options: Options) -> Any:
        if place.path:
            return Cast(Value("null"), JSONField())
        return None if place.nullable else Value(self._empty(place))

    def still_raw(self, place: Place, options: Options) -> Q:
        if place.path or place.nullable:
            return place.present
        value = place.text if self._is_list(place) else place.value
        return ~Q(Exact(value, Value(self._empty(place))))

    def _empty(self, place: Place) -> Any:
        if self._is_list(place) and not place.is_unique:
            return NO_ELEMENTS
        if place.is_unique or place.kind not in EMPTY:
            raise Unsupported(f"{place.name} must have a value of its own.")
        return EMPTY[place.kind]

    def _is_list(self, place: Place) -> bool:
        return bool(place.element) or place.kind == "JSONField"
