"""Retention: dated rules, previews, and sweeps in ranges.

A sweep is a plan for one rule with a frozen cut-off. The first sweep of a rule needs a
second person's approval; later ones start by themselves while the rule reads as it was
approved. Ranges are cut as workers ask for them, so a table of any size needs the same
memory, and each range is one statement that repeats the whole condition.
"""

from privacy.retention.previews import (
    AlreadySweeping,
    approve,
    definition,
    is_approved,
    preview,
    preview_due,
    start_due,
)
from privacy.retention.reach import (
    NoSuchRule,
    cutoff,
    left_before,
    named,
    past_due,
    undated,
)
from privacy.retention.referring import UnknownReference
from privacy.retention.rules import BadRule, make, others, sentences
from privacy.retention.surge import SCHEDULE
from privacy.retention.sweeping import carry_out
from privacy.retention.telling import referred, sentence, without_date

__all__ = [
    "SCHEDULE",
    "AlreadySweeping",
    "BadRule",
    "NoSuchRule",
    "UnknownReference",
    "approve",
    "carry_out",
    "cutoff",
    "definition",
    "is_approved",
    "left_before",
    "make",
    "named",
    "others",
    "past_due",
    "preview",
    "preview_due",
    "referred",
    "sentence",
    "sentences",
    "start_due",
    "undated",
    "without_date",
]
