"""The promise checks of the ground floor; importing a file registers its checks."""

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
