"""The same value for everyone."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q, TextField, Value
from django.db.models.functions import Cast

from privacy.strategies.base import Effect, Options, Place, Unsupported
from privacy.strategies.parameters import Parameter, anything


class Constant:
    name = "constant"
    label = "Replaced by the same words for everyone"
    effect = Effect.DELETED
    parameters = (
        Parameter("value", "Value", "What everybody gets. Empty: nothing.", anything),
    )

    def expression(self, place: Place, options: Options) -> Any:
        return place.fit(self._value(place, options))

    def still_raw(self, place: Place, options: Options) -> Q:
        return place.differs(self._value(place, options))

    def _value(self, place: Place, options: Options) -> Any:
        if place.is_unique:
            raise Unsupported(f"{place.name} must be unique, so no constant fits.")
        value = options.get("value", "")
        if place.path:
            return Cast(Value(str(value)), TextField())
        return typed(place, value)


def typed(place: Place, value: Any) -> Any:
    """The value in the column's own type; raises a sentence if it can't have that
    type."""
    if place.labels and value not in place.labels:
        words = ", ".join(place.labels)
        raise Unsupported(f"{place.name} takes only {words}.")
    if place.kind == "OtherField" and place.labels:
        return Value(value)  # an enum: the database reads the word as its own type
    field: Any = getattr(models, place.kind, None)
    if field is None or place.kind == "BinaryField":
        raise Unsupported(f"{place.name} is of a type that takes no constant.")
    size = {"max_length": place.max_length} if place.kind == "CharField" else {}
    if place.kind == "DecimalField":
        size = {"max_digits": place.digits, "decimal_places": place.decimals}
    try:
        field = field(null=place.nullable, blank=True, **size)
        return Value(field.clean(value, None), output_field=field)
    except ValidationError as error:
        raise Unsupported(f"{place.name} can't hold it: {error.messages[0]}") from None
