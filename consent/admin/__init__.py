"""What staff see of the consent floor. Django finds screens by importing this list."""

from consent.admin import (
    blocklists,
    browser,
    inbox,
    keeping,
    keywords,
    late,
    ledger,
    listings,
    programs,
    scopes,
    telling,
)

__all__ = [
    "blocklists",
    "browser",
    "inbox",
    "keeping",
    "keywords",
    "late",
    "ledger",
    "listings",
    "programs",
    "scopes",
    "telling",
]
