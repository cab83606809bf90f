"""What a recipient answered: through its own system, or noted by our staff."""

import datetime as dt

from django.db import transaction

from privacy import audit
from privacy.models import Instruction
from privacy.refusals import Refusal

State = Instruction.State
ANSWERS = (State.DONE, State.LATER, State.NOTHING, State.UNABLE)
FINAL = (State.DONE, State.NOTHING)
LONGEST = 1000


class Unknown(Refusal):
    """No recipient was told anything under that number."""


class WrongAnswer(Refusal):
    """An answer is done, nothing, later with a day to come, or unable with a reason."""


def answered(
    *,
    instruction: Instruction,
    state: str,
    by: str,
    now: dt.datetime,
    until: dt.date | None = None,
    answer: str = "",
) -> Instruction:
    """Once it is done it stays done, and whom it was about is forgotten."""
    _check(state, until, answer, now)
    changes = {
        "state": state,
        "answered_at": now,
        "until": until if state == State.LATER else None,
        "answer": answer.strip()[:LONGEST],
        "noted_by": by,
    }
    if state in FINAL:
        changes["document"] = None
    if state == State.LATER and until is not None:
        changes["next_at"] = dt.datetime.combine(until, dt.time(), dt.UTC)
    with transaction.atomic():
        rows = Instruction.objects.filter(pk=instruction.pk).exclude(state__in=FINAL)
        if rows.update(**changes):
            audit.record(
                action="provider.answered",
                subject=f"instruction:{instruction.pk}",
                by=by,
                now=now,
                state=state,
                until=until.isoformat() if until else None,
                about=instruction.subject,
            )
    instruction.refresh_from_db()
    return instruction


def _check(state: str, until: dt.date | None, answer: str, now: dt.datetime) -> None:
    if state not in ANSWERS:
        raise WrongAnswer
    if state == State.LATER and (until is None or until <= now.date()):
        raise WrongAnswer
    if state == State.UNABLE and not answer.strip():
        raise WrongAnswer
