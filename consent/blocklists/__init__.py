"""Compares a carrier's block list with the ledger, and exports whom the carrier should
block."""

from consent.blocklists.comparing import (
    Difference,
    OnlyOptOuts,
    UnknownCarrier,
    compare,
    consented,
    facts,
    last,
    missing,
    refuse_nonsense,
    take,
    take_in,
    words,
)
from consent.blocklists.handing import pieces, push

__all__ = [
    "Difference",
    "OnlyOptOuts",
    "UnknownCarrier",
    "compare",
    "consented",
    "facts",
    "last",
    "missing",
    "pieces",
    "push",
    "refuse_nonsense",
    "take",
    "take_in",
    "words",
]
