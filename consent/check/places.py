"""Where a number's owner may be: the state of its area code, and the time zones.

From the data of `phonenumbers`. People keep their number when they move: where another
state is known, both count, and all zones of an area code that lies in several.
"""

from collections import defaultdict
from dataclasses import dataclass
from functools import cache, lru_cache

import phonenumbers
from phonenumbers import PhoneNumber, geocoder, timezone
from phonenumbers.tzdata import TIMEZONE_DATA

from privacy.refusals import Refusal

STATES = {
    "Alabama": "AL", "Alaska": "AK", "Arizona": "AZ", "Arkansas": "AR",
    "California": "CA", "Colorado": "CO", "Connecticut": "CT", "Delaware": "DE",
    "Florida": "FL", "Georgia": "GA", "Guam": "GU", "Hawaii": "HI", "Idaho": "ID",
    "Illinois": "IL", "Indiana": "IN", "Iowa": "IA", "Kansas": "KS", "Kentucky": "KY",
    "Louisiana": "LA", "Maine": "ME", "Maryland": "MD", "Massachusetts": "MA",
    "Michigan": "MI", "Minnesota": "MN", "Mississippi": "MS", "Missouri": "MO",
    "Montana": "MT", "Nebraska": "NE", "Nevada": "NV", "New Hampshire": "NH",
    "New Jersey": "NJ", "New Mexico": "NM", "New York": "NY", "North Carolina": "NC",
    "North Dakota": "ND", "Northern Mariana Islands": "MP", "Ohio": "OH",
    "Oklahoma": "OK", "Oregon": "OR", "Pennsylvania": "PA", "Puerto Rico": "PR",
    "Rhode Island": "RI", "South Carolina": "SC", "South Dakota": "SD",
    "Tennessee": "TN", "Texas": "TX", "U.S. Virgin Islands": "VI", "Utah": "UT",
    "Vermont": "VT", "Virginia": "VA", "Washington D.C.": "DC",
    "Washington State": "WA", "West Virginia": "WV", "Wisconsin": "WI",
    "Wyoming": "WY",
}  # fmt: skip
# A toll-free number has no place: its person may be anywhere in the fifty states.
ANYWHERE = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "America/Anchorage",
    "Pacific/Honolulu",
)
UNKNOWN = timezone.UNKNOWN_TIMEZONE  # of an area code that nobody has
TERRITORIES = ("PR", "GU", "VI", "MP", "AS")
UNITED_STATES = ("US", *TERRITORIES)
AREA = len("202")
PREFIX = len("+1202555")  # numbers that share it share a place
A_LINE = "0100"


class UnknownState(Refusal):
    """Write the state as two letters, such as FL."""


class UnknownJurisdiction(Refusal):
    """Write whose rule it is as US, CA for Canada, or US-FL for a state."""


@dataclass(frozen=True)
class Place:
    """`state` is empty if it is unknown or outside the United States."""

    country: str
    state: str
    zones: tuple[str, ...]


def jurisdiction(text: str) -> str:
    """As rules name it; a rule of any other name would apply to nobody."""
    code = text.strip().upper()
    if code not in ("US", "CA", *(f"US-{state}" for state in STATES.values())):
        raise UnknownJurisdiction
    return code


def is_country(jurisdiction: str) -> bool:
    return "-" not in jurisdiction


def jurisdictions(place: Place) -> list[str]:
    """Whose rules apply there (ISO 3166), the state's first; elsewhere we know none."""
    if place.country in UNITED_STATES:
        return [f"US-{place.state}", "US"] if place.state else ["US"]
    return [place.country] if place.country == "CA" else []


def of_number(e164: str) -> Place:
    return _of_prefix(e164[:PREFIX] + A_LINE if e164.startswith("+1") else e164)


@lru_cache(maxsize=100_000)
def _of_prefix(e164: str) -> Place:
    return _place(phonenumbers.parse(e164))


def _place(number: PhoneNumber) -> Place:
    country = phonenumbers.region_code_for_number(number) or ""
    if not country and number.country_code == 1:
        country = "US"
    told = geocoder.description_for_number(number, "en")
    zones = tuple(timezone.time_zones_for_number(number))
    if UNKNOWN in zones or (country in UNITED_STATES and len(zones) > len(ANYWHERE)):
        zones = ANYWHERE
    elif number.country_code == 1:
        zones = tuple(sorted({*zones, *_zones_of_areas()[_area(number)]}))
    return Place(country, _state(told) if country in UNITED_STATES else "", zones)


def _area(number: PhoneNumber) -> str:
    return str(number.national_number)[:AREA]


@cache
def _zones_of_areas() -> dict[str, set[str]]:
    """By area code, every zone of its exchanges: 850 is Pensacola and Tallahassee."""
    found: dict[str, set[str]] = defaultdict(set)
    for prefix, zones in TIMEZONE_DATA.items():
        if prefix.startswith("1") and len(prefix) > AREA:
            found[prefix[1 : AREA + 1]].update(zones)
    return found


def _state(told: str) -> str:
    """From "Florida", or from "Palm Beach, FL"."""
    return STATES.get(told) or (told[-2:] if told[-4:-2] == ", " else "")


def of_state(code: str) -> Place:
    """With every time zone that a number of the state has."""
    state = code.strip().upper().removeprefix("US-")
    if state not in STATES.values():
        raise UnknownState
    return Place("US", state, _zones()[state])


@cache
def _zones() -> dict[str, tuple[str, ...]]:
    """From one number of every area code."""
    found: dict[str, set[str]] = {code: set() for code in STATES.values()}
    for area in range(200, 1000):
        place = _of_prefix(f"+1{area}555{A_LINE}")
        if place.state:
            found[place.state] |= set(place.zones)
    return {code: tuple(sorted(zones)) or ANYWHERE for code, zones in found.items()}
