"""The state of a request for the system that submitted it: when it asks, and sent when
it changes, until it is accepted.

A recipient of data is told through the disclosure gate, and each new state is a
disclosure. Any other system acts for the person; the audit trail records that it was
told. If a worker dies before recording that the news was accepted, it is sent again: it
describes the present state, so a second time does no harm. The wait grows after each
failure.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from dsr.models import Exchange
from dsr.protocols import certificates, drp, opendsr, partners
from dsr.protocols.exchanges import may_hear, news, recipient_of
from privacy import audit, outgoing
from privacy.models import Provider
from privacy.providers import gate

STATUS: dict[str, Callable[[Exchange], dict[str, Any]]] = {
    Exchange.Protocol.API: partners.status,
    Exchange.Protocol.DRP: drp.status,
    Exchange.Protocol.OPENDSR: opendsr.status,
}
MOST_FAILURES = 12  # the last try is four days after the first
STEP = dt.timedelta(minutes=2)
LONGEST = 8  # doublings


def answer(exchange: Exchange, *, now: dt.datetime) -> dict[str, Any]:
    """Its state, in the terms of its protocol. Raises `gate.Refused` for a recipient
    that may hear nothing. The same state told again is not recorded again."""
    with transaction.atomic():
        row = Exchange.objects.select_for_update(of=("self",)).get(pk=exchange.pk)
        document = STATUS[row.protocol](row)
        recipient = recipient_of(row.protocol, row.partner)
        if recipient and not (verdict := gate.check(news(recipient), now=now)).allowed:
            raise gate.Refused(verdict)
        state = _state(document)
        if state != row.shown:
            _enter(row, recipient, now)
            Exchange.objects.filter(pk=row.pk).update(shown=state)
    return document


def _state(document: dict[str, Any]) -> str:
    said = json.dumps(document, sort_keys=True, default=str)
    return hashlib.sha256(said.encode()).hexdigest()[:40]


def _enter(exchange: Exchange, recipient: Provider | None, now: dt.datetime) -> None:
    """Recorded before it leaves."""
    subject = f"request:{exchange.request_id}"
    by = f"{exchange.protocol}:{exchange.partner}"[:150]
    if recipient is None:
        audit.record(action="request.told", subject=subject, by=by, now=now)
        return
    gate.disclose(
        news(recipient),
        what=gate.DUTY,
        reason=f"State of {subject}",
        people=1,
        by=by,
        now=now,
    )


def tell_all(*, now: dt.datetime) -> int:
    """Returns how many were told something new."""
    waiting = Exchange.objects.exclude(callbacks=[]).filter(failures__lt=MOST_FAILURES)
    due = [each for each in waiting.filter(_is_alive(now)) if _is_due(each, now)]
    due = [each for each in due if _may_hear(each, now)]
    return sum(tell(exchange=each, now=now) for each in due)


def _is_alive(now: dt.datetime) -> Q:
    """Tickets that may still have news: open, or closed within a week."""
    recent = Q(request__tickets__closed_at__gte=now - dt.timedelta(days=7))
    return Q(
        pk__in=Exchange.objects.filter(
            recent | Q(request__tickets__closed_at=None)
        ).values("pk")
    )


def _is_due(exchange: Exchange, now: dt.datetime) -> bool:
    if not exchange.failures or exchange.told_at is None:
        return True
    return now >= exchange.told_at + STEP * 2 ** min(exchange.failures, LONGEST)


def _may_hear(exchange: Exchange, now: dt.datetime) -> bool:
    return may_hear(recipient_of(exchange.protocol, exchange.partner), now)


def tell(*, exchange: Exchange, now: dt.datetime) -> bool:
    document = answer(exchange, now=now)
    state = _state(document)
    if state == exchange.told:
        return False
    taken = all([_post(exchange, url, document) for url in exchange.callbacks])
    rows = Exchange.objects.filter(pk=exchange.pk)
    if taken:
        rows.update(told=state, told_at=now, failures=0)
    else:
        rows.update(told_at=now, failures=F("failures") + 1)
    return taken


def _post(exchange: Exchange, url: str, document: dict[str, Any]) -> bool:
    said = dict(document)
    headers = {"Content-Type": "application/json"}
    if exchange.protocol == Exchange.Protocol.OPENDSR:
        said["status_callback_url"] = url
        headers |= certificates.headers(json.dumps(said).encode())
    status, _ = outgoing.post(url, json.dumps(said).encode(), headers)
    return outgoing.is_taken(status)
