"""The same value for everyone."""

from typing import Any

from django.db.models import Q, TextField, Value
from django.db.models.functions import Cast

from privacy.strategies.base import Options, Place, Unsupported


class Constant:
    name = "constant"
    label = "Replaced by the same words for everyone"

    def expression(self, place: Place, options: Options) -> Any:
        return place.fit(self._value(place, options))

    def still_raw(self, place: Place, options: Options) -> Q:
        return place.differs(self._value(place, options))

    def _value(self, place: Place, options: Options) -> Any:
        if place.is_unique:
            raise Unsupported(f"{place.name} must be unique, so no constant fits.")
        value = options.get("value", "")
        return Cast(Value(value), TextField()) if place.path else Value(value)
