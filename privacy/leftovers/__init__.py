"""What the search after an erasure still finds, for a person to review. A copy that no
treatment reaches (the name of a file, a format that is not text, a portal's own row),
or a text that may be about the person, keeps an erasure from being complete. Somebody
looks at each place and decides:

- *redact* or *empty* destroys, so it is a plan of its own that a second person approves
  and that takes the one path like every other;
- *keep* (with a legal ground) or *not them* (with a reason) leaves it, and the
  certificate says so, with the name of who decided.

When nothing waits any more, the erasure is searched again, and only that search
completes it.
"""

from privacy.leftovers.deciding import (
    GROUNDS,
    AlreadyDecided,
    GroundNeeded,
    WordsNeeded,
    decide,
)
from privacy.leftovers.ending import are_ended_by, close, ending
from privacy.leftovers.looking import NotShown, possible, reveal, row_name
from privacy.leftovers.noting import alike, note, said, waiting

__all__ = [
    "GROUNDS",
    "AlreadyDecided",
    "GroundNeeded",
    "NotShown",
    "WordsNeeded",
    "alike",
    "are_ended_by",
    "close",
    "decide",
    "ending",
    "note",
    "possible",
    "reveal",
    "row_name",
    "said",
    "waiting",
]
