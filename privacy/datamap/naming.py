"""What a column's name says about it, unless its values or its table contradict it."""

import re
from dataclasses import replace

from privacy.datamap import contents, words
from privacy.datamap.lexicon import Meaning
from privacy.datamap.schema import LiveColumn
from privacy.datamap.verdicts import (
    FEW,
    SOME,
    Around,
    Proposal,
    is_,
    type_of,
)
from privacy.datamap.words import Named

# Of a thing, these say nothing about a person.
OF_THINGS = {
    "name", "username", "text", "document", "job", "picture", "message", "location",
    "family",
}  # fmt: skip
WHOLE = {"government_id", "phone", "card", "bank", "postcode"}
FILES = {"file", "attachment", "upload"}
STATES = {"state", "estado", "stato", "etat", "staat", "stand"}
OF_PLACES = {"address", "postcode", "place"}  # a warehouse has them too
HAVE_A_FORM = {"email", "phone", "ip", "card", "bank"}
TRUTHS = {"true", "false", "t", "f", "yes", "no", "y", "n", "0", "1"}


def by_name(live: LiveColumn, values: list[str], around: Around) -> Proposal | None:
    if _is_of_file(live, values, around):
        return is_("file", 0.6, f"It is the {live.name} of a file somebody put up")
    found = _named(live, around)
    if found is None or not _fits_type(live, found.meaning):
        return None
    if "flag" not in found.meaning.types and _are_truths(values):
        return None  # a flag called "email"
    if _is_of_thing(found, around, values):
        return None
    return _by_found(live, values, around, found)


def _by_found(
    live: LiveColumn, values: list[str], around: Around, found: Named
) -> Proposal | None:
    said = f"It is called {live.options.get('column', live.name)}"
    code = found.meaning.code
    if code == "job" and values and all(map(words.is_salutation, values)):
        return is_("gender", 0.85, f"{said}, and its values are forms of address")
    if code == "recording" and len(values) >= SOME and not any(map(_is_where, values)):
        return None  # the voice of a singer, or of a voter
    part = contents.share(values, code) if code in contents.KINDS else 0.0
    if code in HAVE_A_FORM and len(values) >= SOME and part < FEW:
        if rest := words.after(live.name, found):
            alone = replace(around, is_person=False, prefix=())
            return by_name(replace(live, name=rest), values, alone)
        return is_(code, 0.4, f"{said}, but its values do not look like it")
    if code == "phone" and values and max(map(len, values)) < 6:
        return None  # a country's code
    if code == "place" and not _is_place(found, around, values):
        return None
    is_named = found.of_person or around.is_person
    if found.is_bare and code == "name" and not is_named:
        return _by_bare_name(live, values, part, said)
    sure = 0.6 if found.is_bare or found.meaning.code in OF_THINGS else 0.75
    if part > FEW:
        return is_(code, 0.9, f"{said}, and values look like it")
    return is_(code, sure, f"{said}: {found.meaning.says}")


def _is_of_file(live: LiveColumn, values: list[str], around: Around) -> bool:
    """The names that people give to files, in a table of files."""
    is_file = not FILES.isdisjoint(map(words.singular, words.tokens(around.table)))
    is_said = live.name in ("name", "path") and type_of(live) == "text"
    return (
        is_file and is_said and around.of_people and 2 * len(set(values)) > len(values)
    )


def _is_where(value: str) -> bool:
    """A path, an address, or a key of a storage; no word."""
    return bool(re.search(r"[./\\]|\S{16}", value))


def _named(live: LiveColumn, around: Around) -> Named | None:
    """Leaves out the words of the table's own name: a `comment_author` is not a
    comment, and a `phone_label` among a phone's columns is not a number."""
    found, parts = words.named(live.name), words.tokens(live.name)
    count = len(around.prefix)
    if not count or tuple(map(words.singular, parts[:count])) != around.prefix:
        return found
    is_more = found is not None and found.words not in " ".join(parts[:count])
    if found and is_more and found.words.startswith(parts[0]):
        return found  # `session_data` of sessions is said by both words
    return words.named("_".join(parts[count:])) or (found if is_more else None)


def _is_place(found: Named, around: Around, values: list[str]) -> bool:
    """`state` is as often the status of the row: draft, paid."""
    if found.words in STATES and values and all(v == v.lower() for v in values):
        return False
    return around.has_address or around.is_person


def _by_bare_name(
    live: LiveColumn, values: list[str], part: float, said: str
) -> Proposal | None:
    """In rows that belong to somebody but are not people, `name` is often a thing's: an
    order line has one."""
    if part > FEW:
        return is_("name", 0.9, f"{said}, and values look like it")
    return None if values else is_("name", 0.4, f"{said}, and it holds no values yet")


def _are_truths(values: list[str]) -> bool:
    return len(values) > 1 and {value.lower() for value in values} <= TRUTHS


def _fits_type(live: LiveColumn, meaning: Meaning) -> bool:
    """A flag called 'email' or a count called 'messages' is not what its name says."""
    if live.kind in ("DecimalField", "FloatField") and meaning.code in WHOLE:
        return False  # an amount of VAT is no VAT number
    return type_of(live) in meaning.types


def _is_of_thing(found: Named, around: Around, values: list[str]) -> bool:
    """The name of a product and the description of a plan are not personal."""
    if found.meaning.code in OF_PLACES and not found.of_person:
        alone = around.of_things and not around.of_people
        is_servers = found.of_thing and not around.is_person  # `smtp_address`
        return is_servers or (alone and not around.knows_people)  # a warehouse's
    if found.meaning.code == "file":
        return not around.of_people
    if found.meaning.code not in OF_THINGS or found.of_person:
        return False
    if found.of_thing and found.meaning.code not in ("text", "message"):
        return True
    if found.is_bare:
        return not around.of_people or around.of_things
    return around.of_things and not around.of_people
