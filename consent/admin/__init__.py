"""What staff see of the consent floor. Django finds screens by importing this list."""

from consent.admin import (
    blocklists,
    browser,
    exports,
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
    "exports",
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
