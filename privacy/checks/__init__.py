"""What the promise board asks of the ground floor; importing a file registers it."""

from privacy.checks import (
    access,
    analytics,
    disclosures,
    endings,
    incidents,
    map,
    notice,
    rest,
    transfers,
    transit,
    values,
)

__all__ = [
    "access",
    "analytics",
    "disclosures",
    "endings",
    "incidents",
    "map",
    "notice",
    "rest",
    "transfers",
    "transit",
    "values",
]
