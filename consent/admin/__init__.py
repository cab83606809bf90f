"""What staff see of the consent floor. Django finds screens by importing this list."""

from consent.admin import (
    blocklists,
    browser,
    honour,
    inbox,
    keeping,
    keywords,
    late,
    ledger,
    listings,
    programs,
    recording,
    scopes,
    telling,
    uploads,
    wording,
)

__all__ = [
    "blocklists",
    "browser",
    "honour",
    "inbox",
    "keeping",
    "keywords",
    "late",
    "ledger",
    "listings",
    "programs",
    "recording",
    "scopes",
    "telling",
    "uploads",
    "wording",
]
