"""The country of a store's telephone numbers that are written without one.

`0117 496 0000` is a number in Bristol, or in Turin. The store itself decides first: its
numbers with a country code, its columns of countries and locales, its e-mail addresses.
Otherwise the country for which most numbers are valid is taken for all of them; where
that is the portal's own region, nothing is noted.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import phonenumbers

from privacy.datamap import contents, words
from privacy.datamap.sampling import Values
from privacy.identifiers import DEFAULT_REGION
from privacy.models import Column, Store
from privacy.subjects.equality import EITHER

MOST = 200  # values that are looked at in a column
PLACES = {"country", "land", "pays", "pais", "paese", "locale", "nation", "countrycode"}
PLACE = r"(?:[a-z]{2}[-_])?([A-Z]{2})"
ADDRESS = r"[^@\s]+@[^@\s]+\.([A-Za-z]{2})"


def settle(store: Store, samples: Mapping[str, Values]) -> None:
    """Notes the country in columns of numbers that have none yet."""
    columns = Column.objects.filter(table__store=store).select_related("table")
    some = [c for c in columns if c.identifier in ("phone", EITHER)]
    texts = [
        text
        for column in list(filter(_is_called_so, some)) or some
        for text in samples.get(column.table.full_name, {}).get(column.name, [])[:MOST]
    ]
    best = _best(texts, Counter(_hints(columns, samples)))
    if best in ("", DEFAULT_REGION):
        return
    for column in some:
        if "region" not in column.options:
            column.options["region"] = best
    Column.objects.bulk_update(some, ["options"])


def _best(texts: Sequence[str], hints: Counter[str]) -> str:
    """The country that the store names most, if its numbers are written in its form;
    else the one for which most are valid. Empty where none is better than our own."""
    texts = [text for text in texts if contents.looks_dialled(text)]
    national = [t for t in texts if not t.lstrip().startswith(("+", "00"))]
    told = Counter(filter(None, map(_told, texts)))
    for region, _ in [*told.most_common(1), *hints.most_common(1)]:
        if 2 * sum(_is_written_as(text, region) for text in national) > len(national):
            return region
    votes = Counter(vote for text in national for vote in _votes(text))
    best = max(contents.REGIONS, key=lambda region: votes[region])
    return best if votes[best] > votes[DEFAULT_REGION] else ""


def _told(text: str) -> str:
    """The country of a number that has a country code."""
    try:
        number = phonenumbers.parse(re.sub(r"^\s*00(?=[1-9])", "+", text), None)
    except phonenumbers.NumberParseException:
        return ""
    return str(phonenumbers.region_code_for_country_code(number.country_code or 0))


def _is_written_as(text: str, region: str) -> bool:
    """It has the right length, and a leading zero where that country uses one."""
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return False
    prefix = phonenumbers.ndd_prefix_for_region(region, True) or ""
    digits = re.sub(r"\D", "", text)
    is_dialled = prefix != "0" or digits.startswith("0")
    return is_dialled and phonenumbers.is_possible_number(number)


def _hints(columns: Iterable[Column], samples: Mapping[str, Values]) -> Iterator[str]:
    """Countries and locales in such columns, and the top-level domains of e-mail
    addresses."""
    for column in columns:
        found = samples.get(column.table.full_name, {}).get(column.name, [])[:MOST]
        is_place = not PLACES.isdisjoint(words.tokens(column.name))
        pattern = PLACE if is_place else ADDRESS if column.identifier == "email" else ""
        for text in found if pattern else ():
            said = re.fullmatch(pattern, text.strip())
            region = said[1].upper().replace("UK", "GB") if said else ""
            if region in phonenumbers.SUPPORTED_REGIONS:
                yield region


def _is_called_so(column: Column) -> bool:
    """Other digits, such as a bank's, may look like a number of some country."""
    found = words.named(column.path[-1] if column.path else column.name)
    return found is not None and found.meaning.code == "phone"


def _votes(text: str) -> list[str]:
    """The countries in which it is a valid number."""
    return [region for region in contents.REGIONS if contents.is_phone(text, region)]
