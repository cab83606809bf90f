"""Tells other systems of every change of consent: signed, retried, each once.

Standard Webhooks (standardwebhooks.com). What is to be delivered is a row in the
transaction of the event, so nothing is told that did not happen, and nothing is
forgotten. A receiver may get an event twice; its `webhook-id` is then the same. A
number leaves only through the disclosure gate, to a recipient whose contract covers it.
Any other endpoint is told only the event's own number.
"""

import base64
import contextlib
import datetime as dt
import hashlib
import hmac
import json
from itertools import groupby
from typing import Any

from django.db import transaction

from consent.models import Delivery, Event
from privacy import audit, identifiers, outgoing
from privacy.identifiers import AlreadyErased
from privacy.providers import gate

TYPE = "consent.changed"
PURPOSE = "compliance"  # who said stop is told so that others stop too
# What is told, in the policy's words: numbers and addresses; opt-in and opt-out.
CATEGORIES = ("profile_contact", "communications")
BY = "portal"
PREFIX = "whsec_"  # of a secret, says the standard
# Seconds until the next try, after each that failed; then it is given up.
WAITS = (5, 30, 120, 600, 3600, 6 * 3600, 12 * 3600, 24 * 3600)
ASIDE = dt.timedelta(minutes=1)
AT_ONCE = 30
LEASE = dt.timedelta(seconds=AT_ONCE * outgoing.SECONDS)  # if each answers late


def transfer(recipient: str) -> gate.Transfer:
    """What telling somebody of changes means to the disclosure gate."""
    return gate.Transfer(recipient, PURPOSE, CATEGORIES)


def again(*, delivery: Delivery, by: str, now: dt.datetime) -> None:
    """Tries again from the beginning, for a delivery that was given up."""
    with transaction.atomic():
        rows = Delivery.objects.filter(pk=delivery.pk).exclude(state="taken")
        if rows.update(state=Delivery.State.WAITING, attempts=0, next_at=now):
            audit.record(
                action="endpoint.tried_again",
                subject=f"endpoint:{delivery.endpoint_id}",
                by=by,
                now=now,
                delivery=delivery.pk,
            )


# --- what is to be told -----------------------------------------------------------
def deliver(*, now: dt.datetime) -> int:
    """Some of what is due, each by one worker; returns how many were accepted. Only one
    worker waits for an endpoint that does not answer."""
    rows = _claimed(now)
    named = _let_go(rows, now)
    silent: set[int] = set()
    for row in rows:
        is_silent = row.endpoint_id in silent
        status = 0 if is_silent else _post(row, now, named=row.pk in named)
        if not status:
            silent.add(row.endpoint_id)
        _note(row, status, now)
    waiting = Delivery.objects.filter(state=Delivery.State.WAITING, next_at__lte=now)
    waiting.filter(endpoint__in=silent).update(next_at=now + ASIDE)  # others come first
    return sum(row.state == Delivery.State.TAKEN for row in rows)


def _let_go(rows: list[Delivery], now: dt.datetime) -> set[int]:
    """Those that may include the number; for each endpoint one disclosure, recorded
    before anything leaves."""
    found: set[int] = set()
    by_endpoint = sorted(rows, key=lambda row: row.endpoint_id)
    for _, each in groupby(by_endpoint, key=lambda row: row.endpoint):
        found |= _disclosed(list(each), now)
    return found


def _disclosed(rows: list[Delivery], now: dt.datetime) -> set[int]:
    endpoint = rows[0].endpoint
    if endpoint.recipient is None:
        return set()
    people = {row.event.identifier_id for row in rows}
    barred = gate.barred(PURPOSE).filter(pk__in=people)
    people -= set(barred.values_list("pk", flat=True))
    if not people:
        return set()
    try:
        gate.disclose(
            transfer(endpoint.recipient.name),
            what="Changes of consent",
            reason=f"The endpoint {endpoint} is told of each",
            people=len(people),
            by=BY,
            now=now,
        )
    except gate.Refused:  # its contract ended, or covers less now
        return set()
    return {row.pk for row in rows if row.event.identifier_id in people}


def _claimed(now: dt.datetime) -> list[Delivery]:
    """Leased to this worker: if it dies, the next one takes them."""
    with transaction.atomic():
        rows = Delivery.objects.select_for_update(skip_locked=True, of=("self",))
        found = list(
            rows.filter(
                state=Delivery.State.WAITING, next_at__lte=now, endpoint__is_active=True
            )
            .select_related("endpoint__recipient", "event__identifier")
            .order_by("next_at", "pk")[:AT_ONCE]
        )
        Delivery.objects.filter(pk__in=[row.pk for row in found]).update(
            next_at=now + LEASE
        )
    return found


def _post(row: Delivery, now: dt.datetime, *, named: bool) -> int:
    """The status of the answer; 0 when there is none."""
    body = json.dumps(document(row.event, named=named), default=_plain).encode()
    return outgoing.post(row.endpoint.url, body, headers(row, body, now))[0]


def _note(row: Delivery, status: int, now: dt.datetime) -> None:
    row.attempts += 1
    row.last_status = status
    if outgoing.is_taken(status):
        row.state, row.taken_at = Delivery.State.TAKEN, now
    elif row.attempts > len(WAITS):
        row.state = Delivery.State.GIVEN_UP
    else:
        row.next_at = now + dt.timedelta(seconds=WAITS[row.attempts - 1])
    row.save(update_fields=["attempts", "last_status", "state", "taken_at", "next_at"])


def document(event: Event, *, named: bool) -> dict[str, Any]:
    """`address` is null where the gate allows none, and for a person who was erased."""
    address = None
    if named:
        with contextlib.suppress(AlreadyErased):
            address = identifiers.value(event.identifier).value
    names = ("kind", "channel", "covers", "organization", "scope", "source", "route")
    said = {name: getattr(event, name) for name in names}
    said["program"] = event.program_id
    times = {"occurred_at": event.occurred_at, "recorded_at": event.recorded_at}
    about = {"event": event.sequence, "address": address}
    return {"type": TYPE, "timestamp": event.recorded_at, "data": about | said | times}


def headers(row: Delivery, body: bytes, now: dt.datetime) -> dict[str, str]:
    name, stamp = f"msg_{row.pk}", str(int(now.timestamp()))
    signed = f"{name}.{stamp}.".encode() + body
    keys = [row.endpoint.secret, row.endpoint.previous_secret]
    return {
        "content-type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(
            _signed(key.open(), signed) for key in keys if key
        ),
    }


def _signed(secret: str, content: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return f"v1,{base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()}"


def _plain(value: Any) -> str:
    return str(value.isoformat())
