"""What a column most likely holds, judged by its contents, its name, its type and its
table.

Every proposal gives its reason, so that whoever corrects it sees what it rests on.
Contents say more than names, names more than types. What may be personal is proposed as
personal, with less confidence the less supports it.
"""

import re
from collections import Counter
from collections.abc import Sequence

from privacy.datamap import ciphers, contents, national, words
from privacy.datamap.contents import CERTAIN
from privacy.datamap.lexicon import meanings
from privacy.datamap.naming import by_name
from privacy.datamap.schema import LiveColumn
from privacy.datamap.verdicts import (
    FEW,
    MOST,
    SOME,
    Around,
    Proposal,
    counted,
    is_,
    not_,
    type_of,
)

OPEN = ("tsvector", "hstore", "xml")  # types that can hold anything
# JSON, YAML, XML, or what PHP serialises.
DOCUMENT = re.compile(r'\s*(\{\s*[}"]|\[\s*[\[{"]|---\s|<\?xml|[aO]:\d+:)')
MESSAGE_ID = re.compile(r"<[^<>\s]+@[^<>\s]+>")  # of a mail, RFC 5322 section 3.6.4
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
SETTINGS = {
    "config", "configuration", "settings", "rules", "limits", "options", "permissions",
    "flags", "features", "subscriptions", "schema", "headers",
}  # fmt: skip
SHORTEST = 9  # digits of a number in a column that does not say what it holds
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
    form = _by_form(live, values)
    if around.role:
        said = form or by_name(live, values, around)
        return said if said and said.code in IN_KEYS else not_(around.role, 0.9)
    return (
        form
        or by_name(live, values, around)
        or _by_likeness(live, values, around)
        or _by_type(live, values, around)
    )


def _elements(live: LiveColumn, values: Sequence[str]) -> list[str]:
    """An array comes as {one,"two"}: its elements are the values."""
    if "element" not in live.options:
        return list(values)
    parts = (part for value in values for part in value.strip("{}").split(","))
    return [part.strip('" ') for part in parts if part.strip('" ')]


# --- contents ---------------------------------------------------


def _by_form(live: LiveColumn, values: list[str]) -> Proposal | None:
    """Values with a form that hardly anything else has."""
    if live.kind == "GenericIPAddressField":
        return is_("ip", 0.95, "Its type is an IP address")
    if type_of(live) not in ("text", "number", "binary", "other") or not values:
        return None
    kinds = Counter(contents.of(value) for value in values)
    kind, count = max(
        ((k, kinds[k]) for k in CERTAIN), key=lambda found: found[1], default=("", 0)
    )
    agrees = _says(live.name, kind)
    if count / len(values) > MOST and _is_credible(live, kind, values):
        return is_(kind, 0.97 if agrees else 0.9, counted(count, values, kind))
    return (
        _by_national_number(live, values)
        or _by_phone(live, values)
        or _by_either(live, values)
    )


def _by_national_number(live: LiveColumn, values: list[str]) -> Proposal | None:
    said = words.named(live.name)
    if type_of(live) != "text" or (said and said.meaning.identifier == "phone"):
        return None
    if many := national.count(values):
        return is_("government_id", 0.85, counted(many, values, "government_id"))
    return None


def _is_credible(live: LiveColumn, kind: str, values: list[str]) -> bool:
    """One number in ten passes a check digit, so a numeric column may seem to hold card
    numbers; and a value that is the same in all rows is a version or a footer."""
    if _says(live.name, kind):
        return type_of(live) != "number" or kind == "card"
    is_one = kind in ("social", "ip") and not _various(values)
    return type_of(live) != "number" and not is_one


def _by_phone(live: LiveColumn, values: list[str]) -> Proposal | None:
    part = contents.phones(values)
    said = words.named(live.name)
    if said and said.meaning.identifier not in ("", "phone"):
        return None  # `ssnid` may look like a number of some country
    dressed = len(values) if words.sides(live.name) else sum(map(_is_dressed, values))
    if part > MOST and _says(live.name, "phone"):
        return is_("phone", 0.97, counted(round(part * len(values)), values, "phone"))
    if part > 0.9 and dressed > MOST * len(values) and type_of(live) == "text":
        return is_("phone", 0.85, counted(round(part * len(values)), values, "phone"))
    return None


def _is_dressed(value: str) -> bool:
    """Written like a number that people dial, unlike `2026-0012`."""
    is_whole = sum(c.isdigit() for c in value) >= SHORTEST
    return is_whole and bool(re.search(r"[+()\s./-]|^0[1-9]", value))


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


def _says(name: str, code: str) -> bool:
    found = words.named(name)
    return found is not None and found.meaning.code == code


# --- likeness, for want of better ---------------------------------------------------


def _by_likeness(
    live: LiveColumn, values: list[str], around: Around
) -> Proposal | None:
    """Names, addresses, and mentions inside longer texts."""
    if type_of(live) == "json":
        return _by_document(live, around)
    if type_of(live) != "text" or not values or live.options.get("labels"):
        return None
    for kind, needed in (("address", 0.5), ("name", MOST if around.of_things else 0.3)):
        part = contents.share(values, kind)
        if part > needed and _various(values):
            sure = 0.4 if around.of_things else 0.6
            return is_(kind, sure, counted(round(part * len(values)), values, kind))
    for kind in CERTAIN:
        part = contents.share(values, kind)
        if part > FEW and _is_credible(live, kind, values):
            reason = counted(round(part * len(values)), values, kind)
            return is_("text", 0.6, reason)
    long = [value for value in values if any(sign in value for sign in " <{@")]
    long = [value for value in long if not MESSAGE_ID.fullmatch(value)]
    if kinds := sorted(contents.mentions(long[:100])):
        inside = ", ".join(meanings()[kind].says for kind in kinds)
        return is_("text", 0.7, f"Its texts hold {inside}")
    return _by_prose(values, around)


def _by_prose(values: list[str], around: Around) -> Proposal | None:
    written = sum(bool(DOCUMENT.match(value)) for value in values)
    if around.of_people and written > MOST * len(values):
        return is_("text", 0.6, "Its texts are documents, which may contain anything")
    wordy = sum(value.count(" ") >= 3 for value in values) / len(values)
    if around.of_people and wordy > FEW and _various(values):
        return is_("text", 0.45, "Sentences that differ from row to row")
    return None


def _by_document(live: LiveColumn, around: Around) -> Proposal | None:
    is_setting = not SETTINGS.isdisjoint(words.tokens(live.name))
    if not around.of_people or (is_setting and not around.is_person):
        return None
    return is_("document", 0.5, "JSON in rows about people may hold more than was seen")


def _various(values: list[str]) -> bool:
    return len(set(values)) > max(1, len(values) // 10)


# --- nothing personal ---------------------------------------------------


def _by_type(live: LiveColumn, values: list[str], around: Around) -> Proposal:
    kind = type_of(live)
    if kind == "flag":
        return not_("Yes or no", 0.9)
    if kind == "date":
        return _by_dates(live, values, around)
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


def _by_dates(live: LiveColumn, values: list[str], around: Around) -> Proposal:
    years = [int(found[0]) for v in values if (found := re.match(r"\d{4}", v))]
    born = sum(1915 <= year <= 2012 for year in years)
    if around.of_people and len(years) >= SOME and born > 0.9 * len(years):
        spread = max(years) - min(years)
        if spread > 15 and live.kind == "DateField":
            return is_("birth_date", 0.5, "Its dates are as old as people are")
    return not_("A time says nothing without the person", 0.8)


def _by_odd_type(live: LiveColumn, values: list[str], around: Around) -> Proposal:
    written = str(live.options.get("type", "")).lower()
    if re.match(r"geometry|geography|point", written):
        sure = 0.6 if around.of_people else 0.4
        return is_("location", sure, f"Its type is {written}, a place")
    has_words = live.kind == "OtherField" and any(
        re.search(r"[^\W\d]{3}", value) for value in values
    )
    if written in OPEN or live.kind == "BinaryField" or has_words:
        if around.of_people:
            return is_("text", 0.4, f"Its type is {written}, which may hold anything")
        return not_(f"Its type is {written}, in a table that is not about people", 0.5)
    return not_("Nothing personal in its name or type", 0.6)
