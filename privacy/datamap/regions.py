"""The country of a store's telephone numbers that do not say theirs.

`0117 496 0000` is a number in Bristol, or one in Turin. What most numbers of the store
can be decides for all of them; where that is the portal's own region, nothing is said.
"""

from collections import Counter
from collections.abc import Mapping

from privacy.datamap import contents, words
from privacy.datamap.sampling import Values
from privacy.identifiers import DEFAULT_REGION
from privacy.models import Column, Store
from privacy.subjects.equality import EITHER

MOST = 200  # values that are looked at in a column


def settle(store: Store, samples: Mapping[str, Values]) -> None:
    """Note it in the columns of numbers that have none noted yet."""
    columns = Column.objects.filter(table__store=store).select_related("table")
    some = [c for c in columns if c.identifier in ("phone", EITHER)]
    votes: Counter[str] = Counter()
    for column in list(filter(_is_called_so, some)) or some:
        texts = samples.get(column.table.full_name, {}).get(column.name, [])
        votes.update(vote for text in texts[:MOST] for vote in _votes(text))
    if not votes or votes[best := _best(votes)] <= votes[DEFAULT_REGION]:
        return
    for column in some:
        if "region" not in column.options:
            column.options["region"] = best
    Column.objects.bulk_update(some, ["options"])


def _is_called_so(column: Column) -> bool:
    """Other digits, a bank's, may look like a number of some country."""
    found = words.named(column.path[-1] if column.path else column.name)
    return found is not None and found.meaning.code == "phone"


def _best(votes: Counter[str]) -> str:
    return max(contents.REGIONS, key=lambda region: votes[region])


def _votes(text: str) -> list[str]:
    """The countries that it can be of; what says its own tells nothing of others."""
    if text.lstrip().startswith(("+", "00")):
        return []
    return [region for region in contents.REGIONS if contents.is_phone(text, region)]
