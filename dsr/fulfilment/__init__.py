"""How each right is met: one file and one line of this table for each."""

from consent.models import Event
from dsr.fulfilment.access import Access
from dsr.fulfilment.base import Conclusion, Fulfilment, Planned, Together, Way
from dsr.fulfilment.erasure import Erasure
from dsr.fulfilment.judged import Judged
from dsr.fulfilment.portability import Portability
from dsr.fulfilment.rectification import Rectification
from dsr.fulfilment.restriction import Restriction
from dsr.fulfilment.stopping import Objection, Stopping, Use
from dsr.models import Right

PLANNED: dict[str, Planned] = {
    Right.ACCESS: Access(),
    Right.PORTABILITY: Portability(),
    Right.ERASURE: Erasure(),
    Right.RECTIFICATION: Rectification(),
}
FULFILMENTS: dict[str, Fulfilment] = {
    **PLANNED,
    Right.RESTRICTION: Restriction(),
    Right.OBJECTION: Objection(Use.EVERY, messages=True, way=Way.JUDGED),
    Right.OBJECTION_MARKETING: Stopping(
        Use.MARKETING, messages=True, scope=Event.Scope.MARKETING
    ),
    Right.CONSENT_WITHDRAWAL: Stopping(Use.CONSENTED, messages=True),
    Right.OPT_OUT_SALE: Stopping(Use.SALE),
    Right.OPT_OUT_TARGETED_ADS: Stopping(Use.TARGETED_ADS),
    Right.OPT_OUT_PROFILING: Stopping(Use.PROFILING),
    Right.LIMIT_SENSITIVE: Stopping(Use.SENSITIVE),
    Right.AUTOMATED_DECISION: Judged(),
    Right.APPEAL: Judged(),
    Right.COMPLAINT: Judged(),
}

__all__ = [
    "FULFILMENTS",
    "PLANNED",
    "Conclusion",
    "Fulfilment",
    "Planned",
    "Together",
    "Way",
]
