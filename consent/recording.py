"""May this call be recorded, and who must agree first?

By the dated rules of the states of both numbers; for a call between two places the
stricter counts. A number whose place is unknown may be anywhere, so everybody must
agree.
"""

import datetime as dt
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from consent.check import places
from consent.check.places import Place
from consent.models import RecordingRule
from privacy import identifiers, periods

FILE = Path(__file__).resolve().parent / "rules" / "recording.yaml"
ONE_PARTY = "18 U.S.C. 2511(2)(d)"
UNKNOWN = (
    "We do not know where one of the numbers is; it may be where all parties "
    "must agree."
)


@dataclass(frozen=True)
class Answer:
    """`everybody` must hear the announcement and agree; otherwise one party is
    enough."""

    everybody: bool
    citation: str

    @property
    def sentence(self) -> str:
        if not self.everybody:
            return f"One party's consent is enough ({self.citation})."
        return (
            f"Announce it, and record only once all parties have agreed "
            f"({self.citation})."
        )

    def facts(self) -> dict[str, Any]:
        """For machines."""
        return asdict(self) | {"sentence": self.sentence}


def load() -> int:
    """Adds the rules of the file that are not rows yet; returns how many."""
    return periods.load(RecordingRule, FILE)


def ask(*, caller: str, callee: str, now: dt.datetime) -> Answer:
    """Two numbers in any form. Raises `NotAPhoneNumber`."""
    day = now.astimezone(dt.UTC).date()
    found = [
        places.of_number(identifiers.phone(each).value) for each in (caller, callee)
    ]
    strict = {row.state: row.citation for row in _rules(day)}
    cited = [strict[place.state] for place in found if place.state in strict]
    if cited:
        return Answer(everybody=True, citation="; ".join(dict.fromkeys(cited)))
    if not all(map(_is_known, found)):
        return Answer(everybody=True, citation=UNKNOWN)
    return Answer(everybody=False, citation=ONE_PARTY)


def _rules(day: dt.date) -> list[RecordingRule]:
    return [rule for rule in RecordingRule.objects.all() if rule.is_in_force(day)]


def _is_known(place: Place) -> bool:
    return place.country == "US" and bool(place.state)
