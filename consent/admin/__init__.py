"""What staff see of the consent floor. Django finds screens by importing this list."""

from consent.admin import inbox, keywords, ledger, programs

__all__ = ["inbox", "keywords", "ledger", "programs"]
