"""The treatment proposed for a column: the best one that its type and constraints
allow.

Whether a treatment is possible is decided by the treatment itself (`strategies.check`).
"""

import datetime as dt
from typing import Any

from privacy import changes, strategies
from privacy.datamap.lexicon import Meaning, plain
from privacy.models import Column
from privacy.strategies import Unsupported

# Words of an enum or a CHECK that say nothing about anybody.
NEUTRAL = (
    "unknown", "other", "none", "na", "n/a", "x", "u", "o", "unspecified", "undefined",
    "unbekannt", "divers", "d", "anders", "autre", "inconnu", "otro", "altro", "outro",
)  # fmt: skip
NOTHING: dict[str, Any] = {
    "CharField": "", "TextField": "", "JSONField": {}, "BooleanField": False,
    "IntegerField": 0, "BigIntegerField": 0, "SmallIntegerField": 0, "FloatField": 0,
    "DecimalField": 0, "DateField": dt.date(1900, 1, 1).isoformat(),
    "DateTimeField": "1900-01-01T00:00:00+00:00",
}  # fmt: skip
KEY = "It tells rows apart or refers to others; it stops being personal when they go"
COMPUTED = "The database computes it from other columns, so it changes with them"
SEALED = (
    "The application encrypted it and needs a value that it can decrypt, which the "
    "portal can't write. Decide what to do with the rows"
)
NO_WAY = "No treatment fits this type; decide what to do with the rows"


def ending(
    column: Column, meaning: Meaning, *, is_key: bool
) -> tuple[dict[str, Any], str]:
    """The treatment, and the legal ground where the value is kept."""
    if is_key:
        return {"strategy": "keep"}, KEY
    if column.options.get("generated"):
        return {"strategy": "keep"}, COMPUTED
    for treatment in _wished(column, meaning):
        if _can(column, treatment):
            return treatment, ""
    return {"strategy": "keep"}, SEALED if meaning.is_sealed else NO_WAY


def _wished(column: Column, meaning: Meaning) -> list[dict[str, Any]]:
    """Treatments in order of preference. NULL is not for a column that must have a
    value, and a pseudonym is not for one that takes only certain words."""
    names = [*meaning.endings, "nullify", "constant"]
    if meaning.is_sealed:
        return [{"strategy": "nullify"}] if column.nullable else []
    if not column.nullable:
        names = [name for name in names if name != "nullify"]
        names.append("nullify")  # bytes and others have an empty value of their type
    if column.options.get("labels"):
        names = ["nullify", "constant"] if column.nullable else ["constant"]
    elif column.options.get("checked") and column.nullable:
        names = ["nullify", *names]
    elif column.options.get("unique"):
        names = ["pseudonym", *names]
    return [_settled(column, name) for name in names]


def _settled(column: Column, name: str) -> dict[str, Any]:
    if name != "constant":
        return {"strategy": name}
    labels = column.options.get("labels")
    value = _neutral(labels) if labels else NOTHING.get(column.kind, "")
    return {"strategy": name, "value": value} if value != "" else {"strategy": name}


def _neutral(labels: list[str]) -> str:
    known = {plain(label).strip("."): label for label in labels}
    return next((known[word] for word in NEUTRAL if word in known), labels[-1])


def _can(column: Column, treatment: dict[str, Any]) -> bool:
    try:
        strategies.check(changes.place_of(column), treatment)
    except Unsupported:
        return False
    return True
