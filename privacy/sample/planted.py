"""Trouble planted on purpose, so that a search for it can be judged."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Planted:
    """One piece of trouble: its kind, and its row."""

    kind: str
    table: str
    key: str
    sentence: str
