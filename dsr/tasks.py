"""What workers do for requests. Arguments are ids; the work is in the rows."""

import logging

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from dsr import (
    attachments,
    clocks,
    messages,
    notices,
    packages,
    receipts,
    recipients,
    requests,
    retaliation,
    stuck,
    together,
    uploads,
)
from dsr.desk import reminding
from dsr.identity import sending
from dsr.mailbox import polling
from dsr.models import Ticket
from dsr.protocols import drp, telling
from privacy import providers
from privacy.refusals import Refusal

log = logging.getLogger(__name__)


@shared_task(name="dsr.fulfil")
def fulfil(ticket_id: int) -> None:
    """Whatever stops it, the desk shows: a log reaches nobody there."""
    ticket = Ticket.objects.get(pk=ticket_id)
    try:
        together.fulfil(first=ticket, clock=timezone.now)
    except Refusal as refusal:  # a store that is down now may be up at the next try
        log.warning("Request %s waits: %s", ticket_id, refusal)
        stuck.note(ticket=ticket, why=str(refusal), now=timezone.now())
    except Exception as error:
        why = stuck.ERROR.format(kind=type(error).__name__)
        stuck.note(ticket=ticket, why=why, now=timezone.now())
        raise
    else:
        stuck.clear(ticket=ticket, now=timezone.now())


@shared_task(name="dsr.resume_requests")
def resume_requests() -> int:
    """The safety net: whatever is approved or under way gets a worker."""
    requests.take_up_released(now=timezone.now())
    waiting = requests.waiting()
    for ticket in waiting:
        fulfil.delay(ticket.pk)
    packages.expire(now=timezone.now())
    attachments.remove_unneeded(now=timezone.now())
    return len(waiting)


@shared_task(name="dsr.watch_terms")
def watch_terms() -> int:
    """On what terms people were served when they made a request."""
    now = timezone.now()
    try:
        return retaliation.note(now=now)
    except Refusal as refusal:
        log.warning("Terms were not noted: %s", refusal)
        return 0
    finally:
        retaliation.forget(now=now)


@shared_task(name="dsr.send_notices")
def send_notices() -> int:
    """Letters that no mail server has accepted yet, tried again."""
    now = timezone.now()
    messages.thread_mails(now=now)
    letters = [notices.send_waiting(ticket=t, now=now) for t in notices.unsent()]
    return sum(letters) + messages.send_waiting(now=now)


@shared_task(name="dsr.acknowledge")
def acknowledge() -> int:
    """What came by mail: answers join their conversation, and requests get a receipt,
    with their page and what is missing."""
    now = timezone.now()
    messages.thread_mails(now=now)
    return receipts.write_waiting(now=now)


@shared_task(name="dsr.tell_recipients")
def tell_recipients() -> int:
    """Recipients of the data are told and reminded; certificates follow the answers."""
    now = timezone.now()
    recipients.follow_answers(now=now)
    return providers.tell_waiting(now=now)


@shared_task(name="dsr.tell_partners")
def tell_partners() -> int:
    """News for the systems that submitted requests."""
    now = timezone.now()
    drp.forget_expired(now=now)
    return telling.tell_all(now=now)


@shared_task(name="dsr.poll_mailbox")
def poll_mailbox() -> int:
    """New mails of the privacy address, if a mailbox is connected."""
    if polling.address() is None:
        return 0
    try:
        if taken := polling.poll(now=timezone.now()):
            transaction.on_commit(lambda: acknowledge.delay(), robust=True)
        return taken
    except Refusal as refusal:  # the board shows it, and the next minute may do better
        log.warning("The mailbox was not emptied: %s", refusal)
        return 0


@shared_task(name="dsr.prove")
def prove() -> int:
    """Codes are sent, texts received, and whose an address is is looked up."""
    now = timezone.now()
    try:
        return (
            sending.send_waiting(now=now)
            + sending.take_texts(now=now)
            + sending.check_confirmed(now=now)
        )
    except Refusal as refusal:  # a store that is down now may be up at the next try
        log.warning("Proofs wait: %s", refusal)
        return 0


@shared_task(name="dsr.remind")
def remind() -> int:
    """Whoever has a request or a task near its due day is told, once for each
    occasion. What waits for an answer of the person is late for nobody."""
    now = timezone.now()
    clocks.keep_pace(now=now)
    return reminding.remind(now=now)


@shared_task(name="dsr.remove_papers")
def remove_papers() -> int:
    """Documents no longer needed; old records are removed by plans
    (`privacy.start_sweeps`)."""
    return uploads.remove_served(by="system", now=timezone.now())
