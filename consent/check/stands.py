"""Where one channel stands with one sender, and what that is worth for a question."""

import datetime as dt
from typing import NamedTuple, Protocol

from consent import expiry
from consent.check.answers import Purpose
from consent.programs import About
from consent.scopes import EXEMPTED, MARKETING, SERVICE, WHOLE
from consent.standings import State


class Stand(Protocol):
    """Where one channel stands with one sender; a `Turn`, or a row of a statement.

    `number` is that of the event that decided.
    """

    @property
    def organization(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def since(self) -> dt.datetime: ...
    @property
    def renewed_at(self) -> dt.datetime: ...
    @property
    def number(self) -> int: ...
    @property
    def part(self) -> str: ...
    @property
    def months(self) -> int | None: ...


class Row(NamedTuple):
    """A standing as a row of a statement."""

    organization: str
    state: str
    since: dt.datetime
    renewed_at: dt.datetime
    number: int
    part: str
    months: int | None = None


def ends_at(turn: Stand, about: About) -> dt.datetime | None:
    """When this consent ends for what is asked about; None for never, and of a STOP."""
    if turn.state != State.OPTED_IN:
        return None
    months = turn.months if about.program is None else about.months
    return expiry.ends_at(turn.renewed_at, months)


def suffices(turn: Stand, about: About) -> bool:
    """Consent to one program is not consent to its sender, nor that to service messages
    to marketing."""
    if turn.part == SERVICE and about.purpose != Purpose.SERVICE:
        return False
    is_whole = turn.part in (WHOLE, SERVICE)
    is_enough = not about.organization or about.parts or is_whole
    return bool(is_enough) and concerns(turn, about)


def has_ended(turn: Stand, about: About, at: dt.datetime | None) -> bool:
    ends = ends_at(turn, about) if at else None
    return bool(at and ends and ends <= at)


def concerns(turn: Stand, about: About) -> bool:
    """Without a named program, whatever was said about any."""
    if not about.organization or not turn.organization:
        return True
    is_part = not about.parts or turn.part in about.parts
    return turn.organization == about.organization and is_part


def lifts(given: Stand, out: Stand) -> bool:
    return given.renewed_at > out.renewed_at and _depth(given) >= _depth(out)


def _depth(turn: Stand) -> int:
    """Every sender, one sender, a part of one."""
    if not turn.organization:
        return 0
    return 1 if turn.part in (WHOLE, EXEMPTED, MARKETING, SERVICE) else 2
