"""Telephone numbers, as a column holds them and whatever it is called.

With `+` and a country code they are like nothing else. Written otherwise they must be
nearly all of the values, because other digits are a number of some country, too.
"""

import re
from collections.abc import Sequence

import phonenumbers

from privacy.datamap import contents, words
from privacy.datamap.schema import LiveColumn
from privacy.datamap.verdicts import (
    MOST,
    SOME,
    Around,
    Proposal,
    counted,
    is_,
    says,
    type_of,
)
from privacy.identifiers import DEFAULT_REGION

SHORTEST = 9  # digits of a number in a column that does not say what it holds
NEARLY_ALL, AREAS = 0.95, 3
NUMBERED = re.compile(r"(?:19|20)\d\d[-/]\d+")  # in a year
BARE = re.compile(r"[1-9]\d{6,14}")
CENTS = re.compile(r"\.0+$")  # of a whole number in a column with decimals


def propose(live: LiveColumn, values: Sequence[str], around: Around) -> Proposal | None:
    said = words.named(live.name)
    if said and said.meaning.identifier not in ("", "phone"):
        return None  # `ssnid` may look like a number of some country
    part = contents.phones(values)
    if part > MOST and says(live.name, "phone"):
        return _phones(0.97, part, values)
    if type_of(live) == "text":
        dressed = sum(map(is_dressed, values))
        dressed = len(values) if words.sides(live.name) else dressed
        if part > 0.9 and dressed > MOST * len(values):
            return _phones(0.85, part, values)
        if (abroad := _share(values, None)) > MOST:
            return _phones(0.85, abroad, values)
    if around.role:
        return None  # digits that tell rows apart, or refer to them
    part = _bare([CENTS.sub("", value) for value in values])
    return _phones(0.5, part, values) if part >= NEARLY_ALL else None


def are_written(values: Sequence[str]) -> bool:
    """Among the values are numbers, and hardly anything that only looks like one."""
    dressed = [v for v in values if is_dressed(v) and contents.looks_dialled(v)]
    return len(dressed) >= SOME and contents.phones(dressed) > 0.9


def is_dressed(value: str) -> bool:
    """Written like a number that people dial, unlike `2026-0012`."""
    is_whole = sum(c.isdigit() for c in value) >= SHORTEST
    is_whole = is_whole and not NUMBERED.fullmatch(value)
    return is_whole and bool(re.search(r"[+()\s./-]|^0[1-9]", value))


def _phones(sure: float, part: float, values: Sequence[str]) -> Proposal:
    return is_("phone", sure, counted(round(part * len(values)), values, "phone"))


def _share(values: Sequence[str], region: str | None) -> float:
    return sum(contents.is_phone(value, region) for value in values) / len(values)


def _bare(values: Sequence[str]) -> float:
    """The share of numbers in use, where all values are digits alone: with a country
    code, or else of our own country. Numbers that only count up begin alike."""
    if len(set(values)) < SOME or not all(map(BARE.fullmatch, values)):
        return 0.0
    abroad = sum(_is_in_use(f"+{value}") for value in values) / len(values)
    areas = {value[:3] for value in values}
    if abroad >= NEARLY_ALL or len(areas) < AREAS or not _has_one_length():
        return abroad
    return sum(_is_in_use(value) for value in values) / len(values)


def _is_in_use(text: str) -> bool:
    try:
        number = phonenumbers.parse(text, DEFAULT_REGION)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_valid_number(number)


def _has_one_length() -> bool:
    """Where numbers may be short or long, nearly all digits are one."""
    plan = phonenumbers.PhoneMetadata.metadata_for_region(DEFAULT_REGION)
    desc = plan.general_desc if plan else None
    return desc is not None and len(desc.possible_length) == 1
