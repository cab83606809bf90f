"""What a strategy is: how a value ends, and how to see that it has not ended yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from django.db.models import (
    F,
    Field,
    JSONField,
    Q,
    TextField,
    Value,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce
from django.db.models.lookups import Exact, IsNull

from privacy import spellings
from privacy.strategies.expressions import (
    JsonAt,
    JsonSet,
    JsonText,
    Lettered,
    Matches,
    ToJson,
)
from privacy.strategies.parameters import Parameter

__all__ = [
    "EACH",
    "Effect",
    "Matches",
    "Options",
    "Place",
    "Strategy",
    "Unsupported",
    "matches",
]

Options = Mapping[str, Any]


TEXTS = ("CharField", "TextField", "GenericIPAddressField")
EACH = "[]"  # the step of a path into the elements of an array


def matches(text: Any, pattern: str) -> Q:
    """It is found in the text; a long pattern is asked in parts."""
    found = Q()
    for part in spellings.parts(pattern):
        found |= Q(Matches(text, Value(part)))
    return found


class Unsupported(ValueError):
    """The treatment can't be used on a value of this type, so the plan must stop."""


@dataclass(frozen=True)
class Place:
    """A column, or a path in a JSON column, as a strategy sees it."""

    name: str
    kind: str
    path: tuple[str, ...] = ()
    nullable: bool = True
    max_length: int | None = None
    digits: int = 1000  # of a number, all together and behind the point
    decimals: int = 500
    is_unique: bool = False
    is_checked: bool = False  # a CHECK or a domain says how it must look
    identifier: str = ""
    region: str = ""  # of numbers without a country, where it is not the usual one
    type: str = ""  # as the database writes it, where that tells more than `kind`
    element: str = ""  # of an array: the kind of its elements
    labels: tuple[str, ...] = ()  # the only words that it takes
    tied: str = ""  # "key", "reference" or "generated": its value is not its own
    source: Any = None  # of an element of an array: where it is read from
    depth: int = 0  # of how many arrays it is an element
    turn: int = 0  # which code, where a column of unique values took no earlier one

    @property
    def base(self) -> Any:
        """The column, or the element."""
        return F(self.name) if self.source is None else self.source

    @property
    def outer(self) -> tuple[str, ...]:
        """The path as far as one value: up to the first array whose elements are
        treated."""
        return self.path[: self.path.index(EACH)] if EACH in self.path else self.path

    @property
    def value(self) -> Any:
        """The value: in its own type, or as text out of JSON."""
        found = self.base
        if self.type == "json" and not self.path:
            return Cast(found, JSONField())  # `json` can't be compared, `jsonb` can
        for key in self.outer:
            found = JsonText(key, found)
        return found

    @property
    def whole(self) -> Any:
        """The value as it can be written back."""
        if not self.path:
            return self.value
        found: Any = Cast(self.base, JSONField())
        for key in self.outer:
            found = JsonAt(key, found)
        return found

    @property
    def field(self) -> Any:
        """The type of the value, as far as Django needs it to write the value."""
        return JSONField() if self.path else Field()

    @property
    def text(self) -> Any:
        return self.value if self.path else Cast(self.base, TextField())

    @property
    def present(self) -> Q:
        """There is a value; a JSON null is none."""
        if not self.path:
            return Q(IsNull(self.base, False))
        text = Coalesce(self.value, Value(""), output_field=TextField())
        return ~Q(Exact(text, Value("")))

    def fit(self, expression: Any) -> Any:
        """Inside JSON the new value must be JSON too."""
        return ToJson(expression) if self.path else expression

    def put(self, whole: Any, new: Any) -> Any:
        """The column with the new value in its place. `jsonb_set` of NULL is NULL."""
        if not self.outer:
            return new
        null = Cast(Value("null"), JSONField())
        document = Cast(whole, JSONField())  # `json` can't be changed, `jsonb` can
        return JsonSet(document, self.outer, Coalesce(new, null))

    def differs(self, expression: Any) -> Q:
        """For strategies without visible results: a value is raw if the strategy would
        still change it."""
        return self.present & ~Q(Exact(self._exact, expression))

    @property
    def _exact(self) -> Any:
        """In a text each letter counts, whatever the collation of its column."""
        return Lettered(self.value) if self.path or self.kind in TEXTS else self.value


class Effect(StrEnum):
    """What a treatment may be called, the weakest first (docs/strategies.md).

    A strategy claims an effect; `anonymity` attacks the claim before anybody reads it.
    """

    KEPT = "kept"
    PSEUDONYMISED = "pseudonymised"
    ANONYMISED = "anonymised"
    DELETED = "deleted"


class Strategy(Protocol):
    """One way to end a value, as two expressions that the database evaluates."""

    name: str
    label: str  # for lawyers: "Emptied", "Replaced by a code"

    @property
    def effect(self) -> Effect:
        """What it may claim at best."""

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """What staff may set."""

    def expression(self, place: Place, options: Options) -> Combinable | Any:
        """The value that is written instead."""

    def still_raw(self, place: Place, options: Options) -> Q:
        """The condition that the value has not been treated yet."""
