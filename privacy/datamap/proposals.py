"""What a column most likely holds, judged by its contents, its name, its type and its
table.

Every proposal gives its reason, so that whoever corrects it sees what it rests on.
Contents say more than names, names more than types. What may be personal is proposed as
personal, with less confidence the less supports it.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from privacy.datamap import (
    births,
    ciphers,
    contents,
    dialled,
    likeness,
    national,
    words,
)
from privacy.datamap.contents import CERTAIN
from privacy.datamap.lexicon import meanings
from privacy.datamap.naming import by_name
from privacy.datamap.schema import LiveColumn
from privacy.datamap.verdicts import (
    MOST,
    SOME,
    Around,
    Proposal,
    counted,
    is_,
    is_credible,
    not_,
    says,
    type_of,
)

OPEN = ("tsvector", "hstore", "xml")  # types that can hold anything
ATTRIBUTES = (
    "It holds whatever the column beside it names, which may be a person's address"
)
BESIDE = "It holds a value about a person; the column beside it says which"
DESCRIBED = {
    "number": "special",
    "text": "text",
    "date": "birth_date",
    "flag": "special",
}
RARE = 0.05  # of what must be there at all
IN_KEYS = {
    "email",
    "phone",
    "contact",
    "card",
    "government_id",
    "credential",
}  # a key may be one of these


def propose(live: LiveColumn, values: Sequence[str], around: Around) -> Proposal:
    """`values` are sampled texts without NULL."""
    values = _elements(live, values)
    if live.options.get("told_by"):
        return is_("contact", 0.8, ATTRIBUTES)
    if live.options.get("described") and (code := DESCRIBED.get(type_of(live))):
        return is_(code, 0.7, BESIDE)
    if (sealed := ciphers.propose(live, values)) and not around.role:
        return sealed
    form = _by_form(live, values, around)
    if around.role:
        said = form or by_name(live, values, around)
        return said if said and said.code in IN_KEYS else not_(around.role, 0.9)
    return _unless_named(
        form
        or by_name(live, values, around)
        or births.propose(live, values, around)
        or likeness.propose(live, values, around)
        or _by_type(live, values, around),
        values if type_of(live) == "text" else [],
    )


def _unless_named(said: Proposal, values: list[str]) -> Proposal:
    """Redaction would leave the names and streets that people wrote in a text."""
    if said.code not in ("text", "message") or not said.meaning:
        return said
    kinds = likeness.unredacted(values)
    if not kinds:
        return said
    listed = " and ".join(meanings()[kind].says for kind in kinds)
    return replace(
        said,
        meaning=replace(said.meaning, endings=("nullify", "constant")),
        reason=f"{said.reason}; redaction would leave {listed}, which texts here hold",
    )


def _elements(live: LiveColumn, values: Sequence[str]) -> list[str]:
    """An array comes as {one,"two"}: its elements are the values."""
    if "element" not in live.options:
        return list(values)
    parts = (part for value in values for part in value.strip("{}").split(","))
    return [part.strip('" ') for part in parts if part.strip('" ')]


# --- contents ---------------------------------------------------


def _by_form(live: LiveColumn, values: list[str], around: Around) -> Proposal | None:
    """Values with a form that hardly anything else has."""
    if live.kind == "GenericIPAddressField":
        return is_("ip", 0.95, "Its type is an IP address")
    if type_of(live) not in ("text", "number", "binary", "other") or not values:
        return None
    kinds = Counter(contents.of(value) for value in values)
    kind, count = max(
        ((k, kinds[k]) for k in CERTAIN), key=lambda found: found[1], default=("", 0)
    )
    agrees = says(live.name, kind)
    if count / len(values) > MOST and is_credible(live, kind, values):
        return is_(kind, 0.97 if agrees else 0.9, counted(count, values, kind))
    return (
        _by_national_number(live, values)
        or dialled.propose(live, values, around)
        or _by_either(live, values)
    )


def _by_national_number(live: LiveColumn, values: list[str]) -> Proposal | None:
    said = words.named(live.name)
    if type_of(live) != "text" or (said and said.meaning.identifier == "phone"):
        return None
    if many := national.count(values):
        return is_("government_id", 0.85, counted(many, values, "government_id"))
    return None


def _by_either(live: LiveColumn, values: list[str]) -> Proposal | None:
    """`contact` or `login`: an address in some rows, a number in others."""
    mails = [value for value in values if contents.of(value) == "email"]
    rest = [value for value in values if value not in mails]
    calls = round(contents.phones(rest) * len(rest))
    both = len(mails) + calls
    if min(len(mails), calls) <= RARE * len(values) or len(values) < SOME:
        return None
    return (
        is_("contact", 0.85, counted(both, values, "contact"))
        if both > MOST * len(values)
        else None
    )


# --- nothing personal ---------------------------------------------------


def _by_type(live: LiveColumn, values: list[str], around: Around) -> Proposal:
    kind = type_of(live)
    if kind == "flag":
        return not_("Yes or no", 0.9)
    if kind == "date":
        return not_("A time says nothing without the person", 0.8)
    if kind == "number":
        return not_("A number says nothing without the person", 0.8)
    if live.options.get("labels"):
        return not_("One of a fixed list of words", 0.85)
    if kind in ("other", "binary"):
        return _by_odd_type(live, values, around)
    if not values:
        return not_("Nothing personal in its name; it holds no values yet", 0.3)
    if len(set(values)) <= 20 and len(values) > 2 * len(set(values)):
        return not_("One of a short list of words", 0.8)
    sure = 0.45 if around.of_people else 0.65
    return not_(f"Nothing personal in its name or in {len(values)} values", sure)


def _by_odd_type(live: LiveColumn, values: list[str], around: Around) -> Proposal:
    written = str(live.options.get("type", "")).lower()
    if re.match(r"geometry|geography|point", written):
        sure = 0.6 if around.of_people else 0.4
        code = "coordinates" if written == "point" else "location"
        return is_(code, sure, f"Its type is {written}, a place")
    has_words = live.kind == "OtherField" and any(
        re.search(r"[^\W\d]{3}", value) for value in values
    )
    if written in OPEN or live.kind == "BinaryField" or has_words:
        if around.of_people:
            return is_("text", 0.4, f"Its type is {written}, which may hold anything")
        return not_(f"Its type is {written}, in a table that is not about people", 0.5)
    return not_("Nothing personal in its name or type", 0.6)
