"""What a column most likely is, from its contents, its name, its type and its table.

Every proposal gives its reason, so that whoever corrects it sees what it rests on.
Contents say more than names, names more than types; what may be personal is proposed as
personal, with the less confidence the less speaks for it.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from privacy.datamap import contents, words
from privacy.datamap.contents import CERTAIN
from privacy.datamap.schema import LiveColumn
from privacy.datamap.words import Meaning, Named, meanings

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
# Of a thing, these say nothing about a person.
OF_THINGS = {
    "name", "username", "text", "document", "job", "picture", "message", "location",
    "family",
}  # fmt: skip
STATES = {"state", "estado", "stato", "etat", "staat", "stand"}
OF_PLACES = {"address", "postcode", "place"}  # a warehouse has them too
HAVE_A_FORM = {"email", "phone", "ip", "card", "bank"}
IN_KEYS = {"email", "phone", "card", "government_id"}  # a key may be one of these
TRUTHS = {"true", "false", "t", "f", "yes", "no", "y", "n", "0", "1"}


@dataclass(frozen=True)
class Around:
    """What else is known of the column's table."""

    table: str = ""
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


def propose(live: LiveColumn, values: Sequence[str], around: Around) -> Proposal:
    """`values` are texts of a sample, without NULL."""
    values = _elements(live, values)
    form = _by_form(live, values)
    if around.role:
        said = form or _by_name(live, values, around)
        return said if said and said.code in IN_KEYS else _not(around.role, 0.9)
    return (
        form
        or _by_name(live, values, around)
        or _by_likeness(live, values, around)
        or _by_type(live, values, around)
    )


def type_of(live: LiveColumn) -> str:
    """Text, number, date, json, flag, binary, address, or other."""
    kind = live.options.get("element") or live.kind
    if kind == "OtherField" and live.options.get("labels"):
        return "text"
    return TYPES.get(kind, "other")


def _elements(live: LiveColumn, values: Sequence[str]) -> list[str]:
    """An array comes as {one,"two"}: its elements are the values."""
    if "element" not in live.options:
        return list(values)
    parts = (part for value in values for part in value.strip("{}").split(","))
    return [part.strip('" ') for part in parts if part.strip('" ')]


# --- contents ---------------------------------------------------


def _by_form(live: LiveColumn, values: list[str]) -> Proposal | None:
    """Values of a form that hardly anything else has."""
    if live.kind == "GenericIPAddressField":
        return _is("ip", 0.95, "Its type is an IP address")
    if type_of(live) not in ("text", "number", "binary", "other") or not values:
        return None
    kinds = Counter(contents.of(value) for value in values)
    kind, count = max(
        ((k, kinds[k]) for k in CERTAIN), key=lambda found: found[1], default=("", 0)
    )
    if count / len(values) > MOST and _is_credible(live, kind):
        agrees = _says(live.name, kind)
        return _is(kind, 0.97 if agrees else 0.9, _counted(count, values, kind))
    return _by_phone(live, values)


def _is_credible(live: LiveColumn, kind: str) -> bool:
    """A number column may hold card numbers by their check digit, one in ten does."""
    return type_of(live) != "number" or (kind == "card" and _says(live.name, kind))


def _by_phone(live: LiveColumn, values: list[str]) -> Proposal | None:
    part = contents.phones(values)
    said = words.named(live.name)
    if said and said.meaning.identifier not in ("", "phone"):
        return None  # `ssnid` may look like a number of some country
    dressed = sum(bool(re.search(r"[+()\s./-]", value)) for value in values)
    if part > MOST and _says(live.name, "phone"):
        return _is("phone", 0.97, _counted(round(part * len(values)), values, "phone"))
    if part > 0.9 and dressed > MOST * len(values) and type_of(live) == "text":
        return _is("phone", 0.85, _counted(round(part * len(values)), values, "phone"))
    return None


def _says(name: str, code: str) -> bool:
    found = words.named(name)
    return found is not None and found.meaning.code == code


def _counted(count: int, values: Sequence[str], kind: str) -> str:
    return f"{count} of {len(values)} values that were read are {meanings()[kind].says}"


# --- names ---------------------------------------------------


def _by_name(live: LiveColumn, values: list[str], around: Around) -> Proposal | None:
    found = words.named(live.name)
    if found is None or not _fits_type(live, found.meaning):
        return None
    if "flag" not in found.meaning.types and _are_truths(values):
        return None  # a flag called "email"
    said = f"It is called {live.options.get('column', live.name)}"
    if _is_of_thing(found, around, values):
        return None
    code = found.meaning.code
    if code == "job" and values and all(map(words.is_salutation, values)):
        return _is("gender", 0.85, f"{said}, and its values are forms of address")
    part = contents.share(values, code) if code in contents.KINDS else 0.0
    if code in HAVE_A_FORM and len(values) >= SOME and part < FEW:
        return _is(code, 0.4, f"{said}, but its values do not look like it")
    if code == "place" and not _is_place(found, around, values):
        return None
    if found.is_bare and code == "name" and not around.is_person:
        return _by_bare_name(live, values, part, said)
    sure = 0.6 if found.is_bare or found.meaning.code in OF_THINGS else 0.75
    if part > FEW:
        return _is(code, 0.9, f"{said}, and values look like it")
    return _is(code, sure, f"{said}: {found.meaning.says}")


def _is_place(found: Named, around: Around, values: list[str]) -> bool:
    """`state` is as often what a row is in: draft, paid."""
    if found.words in STATES and values and all(v == v.lower() for v in values):
        return False
    return around.has_address or around.is_person


def _by_bare_name(
    live: LiveColumn, values: list[str], part: float, said: str
) -> Proposal | None:
    """In rows of somebody that are not the person: an order's line has a name too."""
    if part > FEW:
        return _is("name", 0.9, f"{said}, and values look like it")
    return None if values else _is("name", 0.4, f"{said}, and it holds no values yet")


def _are_truths(values: list[str]) -> bool:
    return len(values) > 1 and {value.lower() for value in values} <= TRUTHS


def _fits_type(live: LiveColumn, meaning: Meaning) -> bool:
    """A flag called 'email' or a count called 'messages' is not what its name says."""
    return type_of(live) in meaning.types


def _is_of_thing(found: Named, around: Around, values: list[str]) -> bool:
    """A product's name and a plan's description are nobody's."""
    if found.meaning.code in OF_PLACES and not found.of_person:
        alone = around.of_things and not around.of_people
        return alone and not around.knows_people  # where a warehouse is
    if found.meaning.code not in OF_THINGS or found.of_person:
        return False
    if found.of_thing and found.meaning.code not in ("text", "message"):
        return True
    if found.is_bare:
        return not around.of_people or around.of_things
    return around.of_things and not around.of_people


# --- likeness, for want of better ---------------------------------------------------


def _by_likeness(
    live: LiveColumn, values: list[str], around: Around
) -> Proposal | None:
    """Names, addresses and what stands in longer texts."""
    if type_of(live) == "json":
        return _by_document(around)
    if type_of(live) != "text" or not values or live.options.get("labels"):
        return None
    for kind, needed in (("address", 0.5), ("name", 0.3)):
        part = contents.share(values, kind)
        if part > needed and _various(values):
            sure = 0.4 if around.of_things else 0.6
            return _is(kind, sure, _counted(round(part * len(values)), values, kind))
    for kind in CERTAIN:
        if (part := contents.share(values, kind)) > FEW:
            reason = _counted(round(part * len(values)), values, kind)
            return _is("text", 0.6, reason)
    long = [value for value in values if any(sign in value for sign in " <{@")]
    if kinds := sorted(contents.mentions(long[:100])):
        inside = ", ".join(meanings()[kind].says for kind in kinds)
        return _is("text", 0.7, f"Its texts hold {inside}")
    return _by_prose(values, around)


def _by_prose(values: list[str], around: Around) -> Proposal | None:
    wordy = sum(value.count(" ") >= 4 for value in values) / len(values)
    if around.of_people and wordy > MOST and _various(values):
        return _is("text", 0.45, "Sentences that differ from row to row")
    return None


def _by_document(around: Around) -> Proposal | None:
    if not around.of_people:
        return None
    return _is("document", 0.5, "JSON about people's rows may hold more than is known")


def _various(values: list[str]) -> bool:
    return len(set(values)) > max(1, len(values) // 10)


# --- nothing personal ---------------------------------------------------


def _by_type(live: LiveColumn, values: list[str], around: Around) -> Proposal:
    kind = type_of(live)
    if kind == "flag":
        return _not("Yes or no", 0.9)
    if kind == "date":
        return _by_dates(live, values, around)
    if kind == "number":
        return _not("A number says nothing without the person", 0.8)
    if live.options.get("labels"):
        return _not("One of a fixed list of words", 0.85)
    if kind in ("other", "binary"):
        return _by_odd_type(live, around)
    if not values:
        return _not("Nothing personal in its name; it holds no values yet", 0.3)
    if len(set(values)) <= 20 and len(values) > 2 * len(set(values)):
        return _not("One of a short list of words", 0.8)
    sure = 0.45 if around.of_people else 0.65
    return _not(f"Nothing personal in its name or in {len(values)} values", sure)


def _by_dates(live: LiveColumn, values: list[str], around: Around) -> Proposal:
    years = [int(found[0]) for v in values if (found := re.match(r"\d{4}", v))]
    born = sum(1915 <= year <= 2012 for year in years)
    if around.of_people and len(years) >= SOME and born > 0.9 * len(years):
        spread = max(years) - min(years)
        if spread > 15 and live.kind == "DateField":
            return _is("birth_date", 0.5, "Its dates are as old as people are")
    return _not("A time says nothing without the person", 0.8)


def _by_odd_type(live: LiveColumn, around: Around) -> Proposal:
    written = str(live.options.get("type", "")).lower()
    if re.match(r"geometry|geography|point", written):
        sure = 0.6 if around.of_people else 0.4
        return _is("location", sure, f"Its type is {written}, a place")
    if written in ("tsvector", "hstore", "xml") or live.kind == "BinaryField":
        if around.of_people:
            return _is("text", 0.4, f"Its type is {written}, which may hold anything")
        return _not(f"Its type is {written}, in a table that is not about people", 0.5)
    return _not("Nothing personal in its name or type", 0.6)


def _is(code: str, confidence: float, reason: str) -> Proposal:
    return Proposal(meanings()[code], "", confidence, reason)


def _not(why: str, confidence: float) -> Proposal:
    return Proposal(None, why, confidence, why)
