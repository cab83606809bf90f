"""The procedure: plan, decide or approve, fulfil. Every interface calls these."""

from dsr.requests.deciding import (
    DecisionNeeded,
    NothingToPlan,
    NotPlanned,
    NotTooOften,
    SomebodyElse,
    approve,
    decide,
    plan,
    refuse,
)
from dsr.requests.fulfilling import (
    ENDED,
    WORKER,
    Clock,
    begin,
    behind_a_copy,
    copy_first,
    fulfil,
    needs_nobody,
    take_up_released,
    waiting,
    why_back,
)

__all__ = [
    "ENDED",
    "WORKER",
    "Clock",
    "DecisionNeeded",
    "NotPlanned",
    "NotTooOften",
    "NothingToPlan",
    "SomebodyElse",
    "approve",
    "begin",
    "behind_a_copy",
    "copy_first",
    "decide",
    "fulfil",
    "needs_nobody",
    "plan",
    "refuse",
    "take_up_released",
    "waiting",
    "why_back",
]
