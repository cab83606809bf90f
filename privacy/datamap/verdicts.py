"""The judgement about a column, and what is known around it."""

from collections.abc import Sequence
from dataclasses import dataclass

from privacy.datamap import words
from privacy.datamap.lexicon import Meaning, meanings
from privacy.datamap.schema import LiveColumn

MOST = 0.6  # share of values that must look alike
FEW = 0.2  # below it, values speak against a name
SOME = 5  # values from which silence says something
TYPES = {
    "CharField": "text", "TextField": "text", "JSONPath": "text",
    "JSONField": "json", "BooleanField": "flag", "BinaryField": "binary",
    "GenericIPAddressField": "address", "DateField": "date", "DateTimeField": "date",
    "IntegerField": "number", "BigIntegerField": "number", "FloatField": "number",
    "SmallIntegerField": "number", "DecimalField": "number",
}  # fmt: skip


@dataclass(frozen=True)
class Around:
    """What else is known about the column's table."""

    table: str = ""
    prefix: tuple[str, ...] = ()  # with which its columns begin, and which is its name
    is_person: bool = False  # each row is a person
    of_people: bool = False  # each row is a person, or about one
    of_things: bool = False
    has_address: bool = False  # other columns are parts of an address
    knows_people: bool = False  # other columns say who somebody is
    role: str = ""  # what the column is as a key, in words


@dataclass(frozen=True)
class Proposal:
    """A meaning, or why it is not personal; confidence 0 to 1, and the reason."""

    meaning: Meaning | None = None
    not_personal: str = ""
    confidence: float = 0.5
    reason: str = ""

    @property
    def code(self) -> str:
        return self.meaning.code if self.meaning else ""

    @property
    def is_free_text(self) -> bool:
        return self.code in ("text", "message", "document")


def type_of(live: LiveColumn) -> str:
    """Text, number, date, json, flag, binary, address, or other."""
    kind = live.options.get("element") or live.kind
    if kind == "OtherField" and live.options.get("labels"):
        return "text"
    return TYPES.get(kind, "other")


def counted(count: int, values: Sequence[str], kind: str) -> str:
    return f"{count} of {len(values)} values that were read are {meanings()[kind].says}"


def is_(code: str, confidence: float, reason: str) -> Proposal:
    return Proposal(meanings()[code], "", confidence, reason)


def not_(why: str, confidence: float) -> Proposal:
    return Proposal(None, why, confidence, why)


def says(name: str, code: str) -> bool:
    found = words.named(name)
    return found is not None and found.meaning.code == code


def is_credible(live: LiveColumn, kind: str, values: list[str]) -> bool:
    """One number in ten passes a check digit, so a numeric column may seem to hold card
    numbers; and a value that is the same in all rows is a version or a footer."""
    if says(live.name, kind):
        return type_of(live) != "number" or kind == "card"
    is_one = kind in ("social", "ip") and not various(values)
    return type_of(live) != "number" and not is_one


def various(values: Sequence[str]) -> bool:
    return len(set(values)) > max(1, len(values) // 10)
