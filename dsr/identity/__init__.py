"""Who asks: proofs to the measure of the request, and nothing before there are enough.

What is asked of a person, said to them and how long it takes is the same whether or
not we know them: all that looks into our data happens in a worker, and its result is
seen by whoever really holds the address or number.
"""

from dsr.identity.asking import (
    NoSuchProof,
    ask,
    confirm,
    confirm_by_link,
    understand,
)
from dsr.identity.deciding import decide, leave_out
from dsr.identity.rules import load, needed
from dsr.identity.standing import (
    NotVerified,
    Standing,
    require,
    rule_of,
    standing,
    weighed,
)

__all__ = [
    "NoSuchProof",
    "NotVerified",
    "Standing",
    "ask",
    "confirm",
    "confirm_by_link",
    "decide",
    "leave_out",
    "load",
    "needed",
    "require",
    "rule_of",
    "standing",
    "understand",
    "weighed",
]
