"""A small messaging platform to try the portal on.

A database of its own that the portal reaches only as a store, full of invented people
and of the trouble that real platforms have. `README.md` says what is in it.
"""

from privacy.sample.generating import NotEmpty, Summary, generate
from privacy.sample.planted import Planted

__all__ = ["NotEmpty", "Planted", "Summary", "generate"]
