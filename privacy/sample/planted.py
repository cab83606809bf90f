"""Trouble put there on purpose, so that whoever looks for it can be judged."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Planted:
    """One piece of trouble: what kind, and in which row."""

    kind: str
    table: str
    key: str
    sentence: str
