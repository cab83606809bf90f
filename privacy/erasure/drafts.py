"""A plan before it is stored: what happens to which rows of whom, and why."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from privacy.models import Column, Plan, Table
from privacy.subjects import Found, Row

RANGE = 2000  # rows of a person in one statement
DELETE, DEIDENTIFY, REDACT = "delete", "deidentify", "redact"
KEEP, DISCLOSE, CORRECT = "keep", "disclose", "correct"
AFTER_RESTORE = "restore"  # who plans again what a backup brought back
HELD = "A legal hold is open"  # the ground of rows that wait for its end
OTHER_PARTY = "The row also belongs to somebody else: what is theirs in it stays"
ONLY_NAMES = "The row also belongs to somebody else, and only refers to this person's"
IN_COMMON = "The row is theirs together with somebody else"
OF_OTHERS = (OTHER_PARTY, ONLY_NAMES)
OWN_TEXTS = "It says nothing about the person except their name, in a text"
NOTHING_OWN = "It says nothing about the person once the rows it refers to are gone"
ACTED = "The row is somebody else's; the person only took part in it"
ENDS = (DELETE, DEIDENTIFY, REDACT)
GONE = ("nullify", "pseudonym", "constant")  # nothing of the text is left


def is_others(action: str, ground: str) -> bool:
    """Whether a planned row is somebody else's too, so that only what is the person's
    is taken out of it."""
    return ground in OF_OTHERS or (action == REDACT and ground != OWN_TEXTS)


@dataclass
class Part:
    """What happens to the person's rows in one table."""

    table: Table
    action: str
    ground: str
    rows: list[Row]
    columns: list[Column]
    all_columns: Sequence[Column] = ()  # of the table
    lists: Sequence[Column] = ()  # out of which the person's key is taken


@dataclass
class Draft:
    """A plan before it is stored."""

    kind: Plan.Kind
    found: Sequence[Found]
    parts: Sequence[Part]
    title: str
    received_at: dt.datetime
    more: dict[str, Any] = field(default_factory=dict)
