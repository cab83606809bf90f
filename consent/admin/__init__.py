"""What staff see of the consent floor. Django finds screens by importing this list."""

from consent.admin import (
    browser,
    inbox,
    keeping,
    keywords,
    ledger,
    listings,
    programs,
    scopes,
    telling,
)

__all__ = [
    "browser",
    "inbox",
    "keeping",
    "keywords",
    "ledger",
    "listings",
    "programs",
    "scopes",
    "telling",
]
