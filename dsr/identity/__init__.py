"""Who is asking: proofs in proportion to the request, and nothing is done before there
are enough.

What a person is asked and told, and how long it takes, is the same whether or not we
know them: only a worker looks into our data, and only the real holder of the address or
number sees the result.
"""

from dsr.identity.asking import (
    NoSuchProof,
    ask,
    confirm,
    confirm_by_link,
    understand,
)
from dsr.identity.comparing import UnknownPoint, comparable
from dsr.identity.deciding import decide, leave_out
from dsr.identity.declaring import declare
from dsr.identity.rules import load, needed, points_of_data
from dsr.identity.standing import (
    NotVerified,
    Standing,
    is_declared,
    is_enough_for_all,
    proved,
    require,
    rule_of,
    standing,
    weighed,
)

__all__ = [
    "NoSuchProof",
    "NotVerified",
    "Standing",
    "UnknownPoint",
    "ask",
    "comparable",
    "confirm",
    "confirm_by_link",
    "decide",
    "declare",
    "is_declared",
    "is_enough_for_all",
    "leave_out",
    "load",
    "needed",
    "points_of_data",
    "proved",
    "require",
    "rule_of",
    "standing",
    "understand",
    "weighed",
]
