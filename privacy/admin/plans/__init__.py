"""Plans as staff see them: `shown` describes one in plain words, `pages` acts on it."""

from privacy.admin.plans import pages

__all__ = ["pages"]
