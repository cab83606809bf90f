"""What all makers of rows share: random numbers, the clock, the rows, the
businesses."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TypeVar
from uuid import UUID

from privacy.sample.planted import Planted
from privacy.sample.recordings import Recordings
from privacy.sample.rows import Rows
from privacy.sample.times import Times

T = TypeVar("T")


@dataclass
class Business:
    key: str
    name: str
    vertical: str
    created: float  # ages, in seconds
    closed: float | None
    numbers: list[str] = field(default_factory=list)
    sources: list[int] = field(default_factory=list)
    staff: list[str] = field(default_factory=list)


@dataclass
class Making:
    random: Random
    times: Times
    rows: Rows
    recordings: Recordings
    businesses: list[Business] = field(default_factory=list)
    planted: list[Planted] = field(default_factory=list)

    @property
    def open_businesses(self) -> list[Business]:
        return [each for each in self.businesses if each.closed is None]

    def key(self) -> str:
        """A new UUID, in PostgreSQL's short spelling."""
        return f"{self.random.getrandbits(128):032x}"

    def between(self, younger: float, older: float) -> float:
        return younger + self.random.random() * (older - younger)

    def ago(self, age: float | None) -> str | None:
        return None if age is None else self.times.ago(age)

    def plant(self, kind: str, table: str, key: str | int, sentence: str) -> None:
        """Adds an entry to the list of planted trouble."""
        spelt = str(UUID(key)) if isinstance(key, str) else str(key)
        self.planted.append(Planted(kind, table, spelt, sentence))

    def pick(self, options: Sequence[T]) -> T:
        return options[int(self.random.random() * len(options))]
