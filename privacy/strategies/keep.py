"""Keep the value, with its legal ground."""

from typing import Any

from django.db.models import Q

from privacy.strategies.base import Effect, Options, Place

NOTHING = Q(pk__in=[])


class Keep:
    name = "keep"
    label = "Kept"
    effect = Effect.KEPT
    parameters = ()

    def expression(self, place: Place, options: Options) -> Any:
        return place.value

    def still_raw(self, place: Place, options: Options) -> Q:
        return NOTHING
