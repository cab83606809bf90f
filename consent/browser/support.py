"""Reads a site's `gpc.json`: does it honour Global Privacy Control, and since when?

By the W3C draft it is an object with `gpc`, true or false, and `lastUpdate`, a date or
an instant by RFC 3339. An invalid member counts as unknown and does not affect the
other; members that the draft does not define are ignored.
"""

import datetime as dt
import json
import re
from dataclasses import dataclass
from typing import Any

LONGEST = 65_536  # characters
DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)


@dataclass(frozen=True)
class Support:
    """A member is None where it is not known."""

    is_heeded: bool | None = None
    updated_on: dt.date | None = None

    @property
    def sentence(self) -> str:
        heeds = {
            True: "heeds",
            False: "does not heed",
            None: "does not say if it heeds",
        }
        since = f", as of {self.updated_on}" if self.updated_on else ""
        return f"The site {heeds[self.is_heeded]} Global Privacy Control{since}."

    def facts(self) -> dict[str, Any]:
        """As plain data."""
        return {"gpc": self.is_heeded, "last_update": self.updated_on}


def read(text: str) -> Support:
    try:
        said = json.loads(text[:LONGEST])
    except (ValueError, RecursionError):
        return Support()
    if not isinstance(said, dict):
        return Support()
    gpc = said.get("gpc")
    return Support(gpc if isinstance(gpc, bool) else None, _day(said.get("lastUpdate")))


def _day(said: Any) -> dt.date | None:
    if not isinstance(said, str):
        return None
    try:
        if DATE.fullmatch(said):
            return dt.date.fromisoformat(said)
        is_instant = INSTANT.fullmatch(said)
        return dt.datetime.fromisoformat(said.upper()).date() if is_instant else None
    except ValueError:
        return None
