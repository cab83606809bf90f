"""News for whoever handed a request in: sent when its state changes, until it is taken.

A worker that dies before it noted that the news was taken sends them again: they say
how things stand, so twice is no harm. Callbacks wait longer after each failure.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.db.models import F, Q

from dsr.models import Exchange
from dsr.protocols import certificates, drp, opendsr, partners
from privacy import outgoing
from privacy.models import Provider
from privacy.providers import gate

STATUS: dict[str, Callable[[Exchange], dict[str, Any]]] = {
    Exchange.Protocol.API: partners.status,
    Exchange.Protocol.DRP: drp.status,
    Exchange.Protocol.OPENDSR: opendsr.status,
}
MOST_FAILURES = 12  # the last try is four days after the first
FOR = "compliance"  # the purpose of news
STEP = dt.timedelta(minutes=2)
LONGEST = 8  # doublings


def tell_all(*, now: dt.datetime) -> int:
    """How many were told something new."""
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
    """Who is among the recipients of data hears what the gate lets them: nothing once
    they are inactive. Any other system acts for the person, and hears how the request
    stands that it handed in."""
    if not Provider.objects.filter(name=exchange.partner).exists():
        return True
    news = gate.Transfer(exchange.partner, FOR, (gate.CONTACT,), is_duty=True)
    return gate.check(news, now=now).allowed


def tell(*, exchange: Exchange, now: dt.datetime) -> bool:
    document = STATUS[exchange.protocol](exchange)
    state = hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
    if state[:40] == exchange.told:
        return False
    taken = all([_post(exchange, url, document) for url in exchange.callbacks])
    rows = Exchange.objects.filter(pk=exchange.pk)
    if taken:
        rows.update(told=state[:40], told_at=now, failures=0)
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
