"""The admin screens of the ground floor. Django finds them by importing this list."""

from privacy.admin import (
    apikeys,
    audit,
    datamap,
    disclosures,
    holds,
    identifiers,
    incidents,
    leftovers,
    plans,
    policy,
    promises,
    providers,
    retention,
    staff,
    stores,
    undo,
)
from privacy.admin.incidents import periods

__all__ = [
    "apikeys",
    "audit",
    "datamap",
    "disclosures",
    "holds",
    "identifiers",
    "incidents",
    "leftovers",
    "periods",
    "plans",
    "policy",
    "promises",
    "providers",
    "retention",
    "staff",
    "stores",
    "undo",
]
