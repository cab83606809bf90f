"""How a request is met: one file a right, one line each in this table."""

from dsr.fulfilment.access import Access
from dsr.fulfilment.base import Fulfilment
from dsr.fulfilment.erasure import Erasure
from dsr.models import Right

FULFILMENTS: dict[str, Fulfilment] = {
    Right.ACCESS: Access(),
    Right.ERASURE: Erasure(),
}

__all__ = ["FULFILMENTS", "Fulfilment"]
