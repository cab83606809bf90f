"""What the promise board asks of the ground floor; importing a file registers it."""

from privacy.checks import access, rest, transit

__all__ = ["access", "rest", "transit"]
