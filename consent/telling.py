"""Tell other systems of every change of consent: signed, tried again, each once.

Standard Webhooks (standardwebhooks.com). What is to be told is a row in the transaction
of the event, so nothing is told that did not happen, and nothing that did is forgotten.
A receiver may get an event twice; its `webhook-id` is then the same.
"""

import base64
import datetime as dt
import hashlib
import hmac
import json
import secrets
from typing import Any

from django.db import transaction

from consent.models import Delivery, Endpoint, Event
from consent.sql import messages
from privacy import audit, identifiers, outgoing
from privacy.identifiers import AlreadyErased
from privacy.refusals import Refusal
from privacy.sql import prepared

TYPE = "consent.changed"
PREFIX, BYTES = "whsec_", 32
# Seconds until the next try, after each that failed; then it is given up.
WAITS = (5, 30, 120, 600, 3600, 6 * 3600, 12 * 3600, 24 * 3600)
LEASE = dt.timedelta(minutes=2)
AT_ONCE = 100


class NameTaken(Refusal):
    """Another endpoint has that name."""


def create(*, name: str, url: str, by: str, now: dt.datetime) -> str:
    """The secret, which is not shown again. Raises `NotAnAddress` for what is not a
    public https address."""
    outgoing.check(url)
    if Endpoint.objects.filter(name=name).exists():
        raise NameTaken
    secret = _secret()
    with transaction.atomic():
        row = Endpoint.objects.create(
            name=name, url=url, secret=secret, created_at=now, created_by=by
        )
        _record("created", row, by, now)
    return secret


def rotate(*, endpoint: Endpoint, by: str, now: dt.datetime) -> str:
    """A new secret; the old one signs too, until `end_rotation`."""
    secret = _secret()
    with transaction.atomic():
        row = Endpoint.objects.select_for_update().get(pk=endpoint.pk)
        # a value is sealed for its own column: opened, and sealed again
        row.previous_secret, row.secret = row.secret.open(), secret
        row.save(update_fields=["secret", "previous_secret"])
        _record("rotated", row, by, now)
    return secret


def end_rotation(*, endpoint: Endpoint, by: str, now: dt.datetime) -> None:
    with transaction.atomic():
        Endpoint.objects.filter(pk=endpoint.pk).update(previous_secret=None)
        _record("rotation_ended", endpoint, by, now)


def switch(*, endpoint: Endpoint, on: bool, by: str, now: dt.datetime) -> None:
    """Off, nothing new is told; what waits is told once it is on again."""
    with transaction.atomic():
        Endpoint.objects.filter(pk=endpoint.pk).update(is_active=on)
        _record("switched_on" if on else "switched_off", endpoint, by, now)


def again(*, delivery: Delivery, by: str, now: dt.datetime) -> None:
    """Try once more from the beginning, for one that was given up."""
    with transaction.atomic():
        rows = Delivery.objects.filter(pk=delivery.pk).exclude(state="taken")
        if rows.update(state=Delivery.State.WAITING, attempts=0, next_at=now):
            _record("tried_again", delivery.endpoint, by, now, delivery=delivery.pk)


def _record(
    verb: str, row: Endpoint, by: str, now: dt.datetime, **details: Any
) -> None:
    audit.record(
        action=f"endpoint.{verb}",
        subject=f"endpoint:{row.pk}",
        by=by,
        now=now,
        **details,
    )


def _secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(BYTES)).decode()


# --- what is to be told -----------------------------------------------------------
def announce(event: Event, *, now: dt.datetime) -> None:
    """Call it inside the transaction of the event."""
    prepared.run(messages.ANNOUNCE, {"event": event.pk, "now": now})


def deliver(*, now: dt.datetime) -> int:
    """What is due, each by one worker; how many were taken."""
    return sum(_deliver(row, now) for row in _claimed(now))


def _claimed(now: dt.datetime) -> list[Delivery]:
    """Ours for a while: a worker that dies leaves them to the next one."""
    with transaction.atomic():
        rows = Delivery.objects.select_for_update(skip_locked=True, of=("self",))
        found = list(
            rows.filter(
                state=Delivery.State.WAITING, next_at__lte=now, endpoint__is_active=True
            )
            .select_related("endpoint", "event__identifier")
            .order_by("next_at", "pk")[:AT_ONCE]
        )
        Delivery.objects.filter(pk__in=[row.pk for row in found]).update(
            next_at=now + LEASE
        )
    return found


def _deliver(row: Delivery, now: dt.datetime) -> bool:
    body = json.dumps(document(row.event), default=_plain).encode()
    status, _ = outgoing.post(row.endpoint.url, body, headers(row, body, now))
    row.attempts += 1
    row.last_status = status
    taken = outgoing.is_taken(status)
    if taken:
        row.state, row.taken_at = Delivery.State.TAKEN, now
    elif row.attempts > len(WAITS):
        row.state = Delivery.State.GIVEN_UP
    else:
        row.next_at = now + dt.timedelta(seconds=WAITS[row.attempts - 1])
    row.save(update_fields=["attempts", "last_status", "state", "taken_at", "next_at"])
    return taken


def document(event: Event) -> dict[str, Any]:
    """`address` is null for a person who was erased since."""
    try:
        address = identifiers.value(event.identifier).value
    except AlreadyErased:
        address = None
    names = ("kind", "channel", "covers", "organization", "source", "route")
    said = {name: getattr(event, name) for name in names}
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
