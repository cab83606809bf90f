"""What staff see of the ground floor. Django finds screens by importing this list."""

from privacy.admin import (
    audit,
    datamap,
    holds,
    identifiers,
    plans,
    policy,
    promises,
    retention,
    staff,
    stores,
)

__all__ = [
    "audit",
    "datamap",
    "holds",
    "identifiers",
    "plans",
    "policy",
    "promises",
    "retention",
    "staff",
    "stores",
]
