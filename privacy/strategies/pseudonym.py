"""A keyed code in place of the value: the same for equal values, not reversible without
the key. That is pseudonymous, not anonymous (GDPR Art. 4(5))."""

from typing import Any

from django.db.models import Q

from privacy.strategies.base import Effect, Options, Place, Unsupported
from privacy.strategies.digests import digest
from privacy.strategies.normal import normal
from privacy.strategies.shapes import Shape, shape_of


class Pseudonym:
    """A code of the value's own type, recognisable by a part that no real value has."""

    name = "pseudonym"
    label = "Replaced by a code"
    effect = Effect.PSEUDONYMISED
    parameters = ()

    def expression(self, place: Place, options: Options) -> Any:
        return place.fit(_shape(place).make(digest(normal(place)), place))

    def still_raw(self, place: Place, options: Options) -> Q:
        """Cheap, because it is evaluated for every row."""
        return place.present & ~Q(_shape(place).is_made(place))


def _shape(place: Place) -> Shape:
    shape = shape_of(place)
    if shape is None:
        raise Unsupported(f"{place.name} is of a type that takes no code.")
    room, needed = place.max_length, shape.room(place)
    if room is not None and room < needed:
        raise Unsupported(f"{place.name} has no room for a code of {needed} letters.")
    if place.is_unique and not shape.is_unique:
        raise Unsupported(f"{place.name} must be unique and is too small for codes.")
    return shape
