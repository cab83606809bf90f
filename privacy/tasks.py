"""What workers do for the ground floor. Arguments are ids; the work is in the rows."""

import logging

from celery import shared_task
from django.utils import timezone

from privacy import (
    erasure,
    keeping,
    plans,
    promises,
    retention,
    signins,
    undo,
    verification,
)
from privacy.models import Plan
from privacy.refusals import Refusal

log = logging.getLogger(__name__)


@shared_task(name="privacy.work")
def work(plan_id: str) -> None:
    """Continues one plan; any number of workers may be sent to the same one."""
    plan = Plan.objects.get(pk=plan_id)
    try:
        if plan.kind == Plan.Kind.SWEEP:
            retention.carry_out(sweep=plan, clock=timezone.now)
        elif plan.kind == Plan.Kind.RECORDS:
            keeping.carry_out(plan=plan, clock=timezone.now)
        else:
            for sentence in erasure.work_off_many(some=[plan], clock=timezone.now):
                log.warning("Plan %s waits: %s", plan_id, sentence)
            prove.delay()
    except plans.Waits as refusal:
        log.warning("Plan %s waits: %s", plan_id, refusal)
    except Refusal as refusal:  # a store that is down now may be up at the next try
        log.warning("Plan %s waits: %s", plan_id, refusal)
        plans.wait(plan.pk, str(refusal))


@shared_task(name="privacy.prove")
def prove() -> None:
    """All erasures that are worked off, including those behind others in the queue."""
    erasure.prove(clock=timezone.now)


@shared_task(name="privacy.resume_work")
def resume_work() -> int:
    """The safety net: whatever is approved or running gets a worker."""
    waiting = plans.unfinished()
    for plan in waiting:
        work.delay(str(plan.pk))
    return len(waiting)


@shared_task(name="privacy.take_up_released")
def take_up_released() -> int:
    """Erasures that waited for a hold; a person approves the new plans."""
    return len(erasure.take_up_released(now=timezone.now()))


@shared_task(name="privacy.look_for_restores")
def look_for_restores() -> int:
    """A store that has gone back in time is erased again at once."""
    again = erasure.replay_where_needed(now=timezone.now())
    for plan in again:
        work.delay(str(plan.pk))
    return len(again)


@shared_task(name="privacy.end_undo")
def end_undo() -> int:
    return undo.end_due(now=timezone.now())


@shared_task(name="privacy.start_sweeps")
def start_sweeps() -> int:
    """Of the stores' rows, and of our own records."""
    now = timezone.now()
    started, refused = retention.start_due(now=now)
    for sentence in refused:
        log.warning("A rule waits: %s", sentence)
    started += keeping.start_due(now=now)
    for sweep in started:
        work.delay(str(sweep.pk))
    return len(started)


@shared_task(name="privacy.check_promises")
def check_promises() -> int:
    return len(promises.run(now=timezone.now()))


@shared_task(name="privacy.forget")
def forget() -> int:
    """Removes staff sessions that are over, and attempts to sign in older than a
    day."""
    return signins.forget(now=timezone.now())


@shared_task(name="privacy.verify_trail")
def verify_trail() -> int:
    """Runs verifications that somebody asked for, or that a dead worker left."""
    return verification.run(clock=timezone.now)
