"""One row of a list of purchases and inquiries, which imply consent for a while."""

import datetime as dt
from collections.abc import Sequence

from consent import dealings
from consent.models import DealingRule
from consent.transfer import cells
from consent.transfer.columns import Columns
from privacy.identifiers import Mark

NO_KIND = "neither a purchase nor an inquiry"
NO_SENDER = "it does not say from which sender"
NO_DATE = "it does not say when"
NO_PROOF = "its proof is missing: the number of an order or a ticket"
IMPLIES_NOTHING = "it implies no consent where this person lives"
LONGEST_PROOF = 120

Facts = tuple[tuple[str, str], ...]


def kind(row: list[str], columns: Columns, otherwise: str) -> str:
    """purchase or inquiry; empty for neither."""
    said = columns.of(row, "kind")
    return cells.dealing(said) if said else otherwise


def facts(
    row: list[str],
    columns: Columns,
    *,
    mark: Mark,
    what: str,
    happened_at: dt.datetime,
    country: str,
    rules: Sequence[DealingRule],
) -> Facts | str:
    """Until when, by which rule and by what proof; or why it does not count."""
    source = columns.of(row, "order").replace("\x00", "")[:LONGEST_PROOF]
    if not source:
        return NO_PROOF
    country = columns.of(row, "country") or country
    try:
        ends_at, citation = dealings.implied(mark, what, happened_at, country, rules)
    except dealings.ImpliesNothing:
        return IMPLIES_NOTHING
    return (
        ("ends_at", ends_at.isoformat()),
        ("citation", citation),
        ("source", source),
    )
