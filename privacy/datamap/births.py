"""Dates of birth in a column that is not called so: days without a time, as old as
people are, spread over many years."""

import re
from collections.abc import Sequence

from privacy.datamap.schema import LiveColumn
from privacy.datamap.verdicts import SOME, Around, Proposal, is_, type_of

DAY = re.compile(
    r"(\d{4})[-/]\d\d?[-/]\d\d?(?:[T ]00:00(?::00)?\S*)?|\d\d?([./-])\d\d?\2(\d{4})"
)
OLDEST, YOUNGEST = 1915, 2012
SPREAD = 15  # years; what happens to a business is nearer together
NEARLY_ALL = 0.9


def propose(live: LiveColumn, values: Sequence[str], around: Around) -> Proposal | None:
    if not around.of_people or type_of(live) not in ("date", "text"):
        return None
    found = [match for value in values if (match := DAY.fullmatch(value.strip()))]
    years = [int(match[1] or match[3]) for match in found]
    if len(years) < SOME or len(years) <= NEARLY_ALL * len(values):
        return None
    born = sum(OLDEST <= year <= YOUNGEST for year in years)
    if born <= NEARLY_ALL * len(years) or max(years) - min(years) <= SPREAD:
        return None
    return is_("birth_date", 0.5, "Its dates are as old as people are")
