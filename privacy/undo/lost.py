"""The way on for a plan whose key is lost: without it the copies open for nobody, and
no more can be made, so the plan would wait for ever. Its undo ends early instead, which
its certificate says."""

import datetime as dt

from django.db import transaction

from privacy import audit, holds, plans
from privacy.models import AuditEvent, Plan, Undo
from privacy.refusals import Refusal
from privacy.undo import keys

GIVEN_UP = "undo.given_up"


class KeyIsThere(Refusal):
    """Only the undo of a plan that has not ended, and whose key is lost, can be given
    up. This plan has ended, cannot be undone anyway, or its key is there or can't be
    looked for."""


class StillHeld(Refusal):
    """The person is on legal hold, so the sealed copy must stay until the hold ends."""


def may_give_up(plan: Plan) -> bool:
    """Whether the plan can't go on without."""
    if plan.status in (*plans.FINISHED, *plans.ENDED_EARLY):
        return False
    kept = Undo.objects.filter(plan=plan, ended_at=None).first()
    return kept is not None and keys.is_lost(kept)


def give_up(*, plan: Plan, by: str, now: dt.datetime) -> None:
    """Ends the undo of a plan whose key is lost, for good. Raises `KeyIsThere`,
    `StillHeld` and `FolderAway`."""
    with transaction.atomic():
        kept = Undo.objects.select_for_update().filter(plan=plan, ended_at=None).first()
        if kept and kept.is_apart and keys.is_away():
            raise keys.FolderAway
        if kept is None or not may_give_up(plan):
            raise KeyIsThere
        if any(map(holds.covers, plan.identifiers.all())):
            raise StillHeld
        audit.record(action=GIVEN_UP, subject=f"plan:{plan.pk}", by=by, now=now)
        keys.close(kept, now)
        plans.wait(plan.pk, "")


def given_up(plan: Plan) -> tuple[str, dt.datetime] | None:
    """By whom and when, from the audit trail."""
    told = AuditEvent.objects.filter(action=GIVEN_UP, subject=f"plan:{plan.pk}")
    return told.values_list("by", "at").first()
