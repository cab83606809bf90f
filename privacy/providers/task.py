"""Our own staff tell the recipient: the row is the task, with its owner and due day."""

import datetime as dt
from typing import Any

from privacy.models import Instruction


def tell(instruction: Instruction, said: dict[str, Any], now: dt.datetime) -> bool:
    return True
