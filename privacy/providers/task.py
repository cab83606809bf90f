"""Somebody of ours tells them: the row is the task, with its owner and its day."""

from typing import Any

from privacy.models import Instruction


def tell(instruction: Instruction, said: dict[str, Any]) -> bool:
    return True
