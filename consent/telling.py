"""Tells other systems of every change of an answer: signed, retried, each once.

Standard Webhooks (standardwebhooks.com). What is to be delivered is a row in the
transaction of the change, so nothing is told that did not happen, and nothing is
forgotten. A receiver may get an event twice; its `webhook-id` is then the same. A
number leaves only through the disclosure gate, to a recipient whose contract covers it.
Any other endpoint is told only what changed. Of a person whose data is restricted those
recipients are told that it is, so that they restrict it too (GDPR Art. 19), and nothing
else. Whose number is on a registry is told to nobody: who uses it has a subscription of
their own (16 CFR 310.8(c)).
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
from django.db.models import CharField, Exists, Min, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat

from consent.models import Delivery, Endpoint, Event, Listing
from privacy import audit, identifiers, outgoing
from privacy.identifiers import AlreadyErased
from privacy.models import Hold, Identifier, Objection
from privacy.providers import gate

Type = Delivery.Type
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
def tell(
    type_: str,
    *,
    now: dt.datetime,
    person: Identifier | None = None,
    key: str | None = None,
    **said: Any,
) -> None:
    """To every endpoint in use, in the caller's transaction. What is `said` is told as
    it is, so it names nobody; with a `key` it is told once."""
    Delivery.objects.bulk_create(
        [
            Delivery(
                endpoint=endpoint,
                type=type_,
                identifier=person,
                key=key,
                said=said | {"recorded_at": now.isoformat()},
                next_at=now,
            )
            for endpoint in Endpoint.objects.filter(is_active=True)
        ],
        ignore_conflicts=key is not None,
    )


def listed(row: Listing, *, now: dt.datetime) -> None:
    """Of a list that we keep ourselves."""
    until = row.ends_at.isoformat() if row.ends_at else None
    tell(
        Type.LISTED,
        person=row.identifier,
        now=now,
        list=row.list,
        since=row.listed_at.isoformat(),
        until=until,
    )


def notice(*, now: dt.datetime) -> None:
    """Restrictions and objections, begun or ended since somebody is told; `privacy`
    records them and knows nobody to tell."""
    in_use = Endpoint.objects.filter(is_active=True)
    first = in_use.aggregate(first=Min("created_at"))["first"]
    if first:
        _notice_restrictions(first, now)
        _notice_objections(first, now)


def _notice_restrictions(first: dt.datetime, now: dt.datetime) -> None:
    restricted = Q(hold__kind=Hold.Kind.RESTRICTION)
    for what in ("placed_at", "released_at"):
        rows = Hold.identifiers.through.objects.filter(
            restricted, **{f"hold__{what}__gte": first}
        )
        for row in _untold(rows, f"{what}:", "hold_id", Value(":"), "identifier_id"):
            tell(
                Type.RESTRICTED,
                person=row.identifier,
                now=now,
                key=row.key,
                restricted=what == "placed_at",
                since=getattr(row.hold, what).isoformat(),
            )


def _notice_objections(first: dt.datetime, now: dt.datetime) -> None:
    for what, since in (("recorded_at", "since"), ("lifted_at", "lifted_at")):
        rows = Objection.objects.filter(**{f"{what}__gte": first})
        for row in _untold(rows, f"objection:{what}:", "pk"):
            tell(
                Type.OBJECTED,
                person=row.identifier,
                now=now,
                key=row.key,
                use=row.use,
                forbidden=what == "recorded_at",
                since=getattr(row, since).isoformat(),
            )


def _untold(rows: QuerySet[Any], *parts: Any) -> QuerySet[Any]:
    """Those whose key no delivery has, which is made of the `parts`."""
    key = Concat(Value(parts[0]), *parts[1:], output_field=CharField())
    told = Delivery.objects.filter(key=OuterRef("key"))
    untold = rows.annotate(key=key).exclude(Exists(told)).order_by("pk")
    return untold.select_related("identifier")


# --- telling it -------------------------------------------------------------------
def deliver(*, now: dt.datetime) -> int:
    """Some of what is due, each by one worker; returns how many were accepted. Only one
    worker waits for an endpoint that does not answer."""
    notice(now=now)
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
    alike = sorted(rows, key=lambda row: (row.endpoint_id, _is_duty(row)))
    for _, each in groupby(alike, key=lambda row: (row.endpoint_id, _is_duty(row))):
        found |= _disclosed(list(each), now)
    return found


def _is_duty(row: Delivery) -> bool:
    return row.type == Type.RESTRICTED


def _disclosed(rows: list[Delivery], now: dt.datetime) -> set[int]:
    endpoint, is_duty = rows[0].endpoint, _is_duty(rows[0])
    if endpoint.recipient is None:
        return set()
    people = {row.person.pk for row in rows if row.person}
    if not is_duty:
        barred = gate.barred(PURPOSE).filter(pk__in=people)
        people -= set(barred.values_list("pk", flat=True))
    if not people:
        return set()
    try:
        gate.disclose(
            transfer(endpoint.recipient.name),
            what=gate.DUTY if is_duty else "Changes of consent",
            reason=f"The endpoint {endpoint} is told of each",
            people=len(people),
            by=BY,
            now=now,
        )
    except gate.Refused:  # its contract ended, or covers less now
        return set()
    return {row.pk for row in rows if row.person and row.person.pk in people}


def _claimed(now: dt.datetime) -> list[Delivery]:
    """Leased to this worker: if it dies, the next one takes them."""
    with transaction.atomic():
        rows = Delivery.objects.select_for_update(skip_locked=True, of=("self",))
        found = list(
            rows.filter(
                state=Delivery.State.WAITING, next_at__lte=now, endpoint__is_active=True
            )
            .select_related("endpoint__recipient", "event__identifier", "identifier")
            .order_by("next_at", "pk")[:AT_ONCE]
        )
        Delivery.objects.filter(pk__in=[row.pk for row in found]).update(
            next_at=now + LEASE
        )
    return found


def _post(row: Delivery, now: dt.datetime, *, named: bool) -> int:
    """The status of the answer; 0 when there is none."""
    body = json.dumps(document(row, named=named), default=_plain).encode()
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


def document(row: Delivery, *, named: bool) -> dict[str, Any]:
    """`address` is null where the gate allows none, and for a person who was erased."""
    address = None
    if named and row.person:
        with contextlib.suppress(AlreadyErased):
            address = identifiers.value(row.person).value
    told = _of_event(row.event) if row.event else dict(row.said)
    if row.person:
        told = {"address": address} | told
    return {"type": row.type, "timestamp": told["recorded_at"], "data": told}


def _of_event(event: Event) -> dict[str, Any]:
    names = ("kind", "channel", "covers", "organization", "scope", "source", "route")
    said = {name: getattr(event, name) for name in names}
    said["program"] = event.program_id
    times = {"occurred_at": event.occurred_at, "recorded_at": event.recorded_at}
    return {"event": event.sequence} | said | times


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
