"""The independent search for what is left of people.

It trusts neither the plan nor the map, and shares no search code with them: it reads
what every connected store and the portal itself really hold, and looks in everything
that can hold text for every identifier in every notation. One reading serves everyone
who waits for proof. `reading` streams tables, `portal` and `files` cover what is not a
table of a store, `plain` undoes escapes, `matching` says whose a text is, `telling`
sorts what was found.
"""

from privacy.residue.reading import Hit, Pass, read
from privacy.residue.telling import Residue, Waiting, as_read, run

__all__ = ["Hit", "Pass", "Residue", "Waiting", "as_read", "read", "run"]
