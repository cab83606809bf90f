"""What the law wants a recipient told, through the disclosure gate: what it finds the
person by, and of a correction only what it has from us.

The person asked for it, so neither an objection nor a restriction prevents it; a
restriction itself has to be told (GDPR Art. 19).
"""

import datetime as dt
from typing import Any

from privacy.models import Duty, Instruction
from privacy.providers import gate

BY = "system"
FOR = "compliance"


def least(
    row: Instruction, said: dict[str, Any], *, now: dt.datetime
) -> dict[str, Any]:
    """Leaves out corrected values that this recipient does not have. Raises
    `gate.Refused` where nothing may go: then our staff must tell it."""
    has = set(row.provider.categories.values_list("pk", flat=True))
    fine = [each for each in said["changes"] if each.get("category") in has]
    if row.duty == Duty.CORRECT and not fine:
        raise gate.Refused(gate.Verdict("field_not_covered"))
    told = {**said, "changes": fine}
    verdict = gate.check(_transfer(row, _fields(told)), now=now)
    if not verdict.allowed:
        raise gate.Refused(verdict)
    return told


def enter(row: Instruction, said: dict[str, Any], *, now: dt.datetime) -> None:
    """Records the disclosure, in the transaction that notes that the recipient was
    told."""
    gate.disclose(
        _transfer(row, _fields(said)),
        what=gate.DUTY,
        reason=f"{row.get_duty_display()}, {row.subject}",
        people=1,
        by=BY,
        now=now,
    )


def _fields(said: dict[str, Any]) -> list[str]:
    changed = {each["category"] for each in said["changes"]}
    return [gate.CONTACT, *sorted(changed - {gate.CONTACT})]


def _transfer(row: Instruction, fields: list[str]) -> gate.Transfer:
    return gate.Transfer(row.provider.name, FOR, fields, is_duty=True)
