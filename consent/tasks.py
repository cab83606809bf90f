"""What workers do for the consent floor. Arguments are ids; the work is in the rows."""

import logging

from celery import shared_task
from django.db import OperationalError
from django.utils import timezone

from consent import (
    carrying,
    drops,
    expiry,
    exports,
    keeping,
    months,
    segments,
    standings,
    telling,
    transfer,
    uploads,
)
from consent.models import OptLog
from consent.months import ending
from privacy import promises
from privacy.models import Store
from privacy.refusals import Refusal

log = logging.getLogger(__name__)


@shared_task(name="consent.expire")
def expire() -> int:
    """Consent that nobody renewed in time ends."""
    return expiry.expire(now=timezone.now())


@shared_task(name="consent.keep_months")
def keep_months() -> int:
    """Makes the partitions of the months ahead; a busy ledger is tried again later."""
    try:
        return months.keep_ready(now=timezone.now())
    except OperationalError:
        return 0


@shared_task(name="consent.end_records")
def end_records() -> int:
    """Removes ledger months that two people approved, and then what is left of the
    messages received in them; returns how many messages. Their texts are removed by
    plans (`privacy.start_sweeps`)."""
    now = timezone.now()
    ending.end_approved(now=now)
    return keeping.forget(now=now)


@shared_task(name="consent.read_segments")
def read_segments() -> int:
    """Segments of long texts whose rest did not come."""
    return segments.read_alone(now=timezone.now())


@shared_task(name="consent.rebuild")
def rebuild() -> int:
    """After a change of how far a STOP reaches, derives all standings again."""
    return standings.rebuild_if_due(now=timezone.now())


@shared_task(name="consent.carry_over")
def carry_over() -> int:
    """A STOP by one number of a person ends marketing to their others."""
    try:
        return carrying.carry_all(clock=timezone.now)
    except Refusal as refusal:
        log.warning("Opt-outs wait to be carried over: %s", refusal)
        return 0


@shared_task(name="consent.deliver")
def deliver() -> int:
    """Tells other systems what is due; the scheduler comes again for what is left."""
    told = 0
    while some := telling.deliver(now=timezone.now()):
        told += some
    return told


@shared_task(name="consent.take_over")
def take_over(store_id: int) -> int:
    """Imports the platform's own opt-ins and opt-outs; each once."""
    store = Store.objects.get(pk=store_id)
    first = OptLog.objects.filter(table__store=store, taken_at=None).exists()
    try:
        taken = transfer.take_over(store=store, by="platform", now=timezone.now())
    except Refusal as refusal:
        log.warning("Store %s waits: %s", store_id, refusal)
        return 0
    if first:
        look_again()
    return taken


@shared_task(name="consent.look_again")
def look_again() -> None:
    """What was sent after an opt-out is known only now."""
    for code in ("stop-honoured", "marketing-optout"):
        promises.run(code=code, now=timezone.now())


@shared_task(name="consent.take_over_all")
def take_over_all() -> None:
    """Imports what the platforms have heard since, and what a dead worker left."""
    for store_id in OptLog.objects.values_list("table__store", flat=True).distinct():
        take_over.delay(store_id)


@shared_task(name="consent.take_lists")
def take_lists() -> int:
    """Lists that somebody uploaded and started, and what a dead worker left."""
    return uploads.run(clock=timezone.now)


@shared_task(name="consent.write_lists")
def write_lists() -> int:
    """Lists that somebody asked for, and what a dead worker left. Destroys files that
    were kept long enough."""
    return exports.run(clock=timezone.now)


@shared_task(name="consent.sweep_block_lists")
def sweep_block_lists() -> int:
    """Imports carriers' block lists that were put into the folder."""
    return drops.sweep(clock=timezone.now)
