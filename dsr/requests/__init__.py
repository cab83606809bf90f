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
    Clock,
    begin,
    copy_first,
    fulfil,
    take_up_released,
    waiting,
    why_back,
)

__all__ = [
    "ENDED",
    "Clock",
    "DecisionNeeded",
    "NotPlanned",
    "NotTooOften",
    "NothingToPlan",
    "SomebodyElse",
    "approve",
    "begin",
    "copy_first",
    "decide",
    "fulfil",
    "plan",
    "refuse",
    "take_up_released",
    "waiting",
    "why_back",
]
