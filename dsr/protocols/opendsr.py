"""OpenDSR 2.0, with us as the processor: a customer's system passes on what it
received.

The specification has no identity for a phone number, so ours is an extension under our
own domain: `"extensions": {"<domain>": {"phone_number": "+12025550143"}}`; we also
accept the identity type `phone_number`.
"""

import base64
import datetime as dt
import json
import uuid
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import transaction

from dsr import links, tickets
from dsr.models import Exchange, Right, Ticket
from dsr.protocols import certificates
from dsr.protocols.exchanges import Handed, expected_by, hand_in, ticket_of, vouch
from privacy import identifiers
from privacy.identifiers import Mark
from privacy.refusals import Refusal

VERSION = "2.0"
RIGHTS = {
    "access": Right.ACCESS,
    "portability": Right.PORTABILITY,
    "erasure": Right.ERASURE,
}
REGIMES = {"gdpr": "EU-GDPR", "ccpa": "US-CA", "": "unspecified"}
READERS = {"email": identifiers.email, "phone_number": identifiers.phone}
Status = Ticket.Status
STATES = {
    Status.RECEIVED: "pending",
    Status.PLANNED: "pending",
    Status.APPROVED: "in_progress",
    Status.FULFILLING: "in_progress",
    Status.ANSWERED: "completed",
    Status.REFUSED: "completed",
    Status.WITHDRAWN: "cancelled",
}


class Wrong(Refusal):
    """The request does not follow the specification."""


class Unknown(Refusal):
    """There is no request of that subject_request_id."""


class TooLate(Refusal):
    """Only a pending request can be cancelled; this one no longer is."""


def discovery() -> dict[str, Any]:
    return {
        "api_version": VERSION,
        "supported_identities": [
            {"identity_type": name, "identity_format": "raw"} for name in READERS
        ],
        "supported_subject_request_types": list(RIGHTS),
        "processor_certificate": f"{settings.PUBLIC_URL}/opendsr/cert.pem",
    }


# --- taken in -------------------------------------------------------------------


def take(*, controller: str, body: bytes, now: dt.datetime) -> dict[str, Any]:
    """The answer of 7.3; the same request again gets the same answer."""
    said = _read(body)
    handed = Handed(
        protocol=Exchange.Protocol.OPENDSR,
        partner=controller,
        rights=[_one_of(said, "subject_request_type", RIGHTS)],
        regime=_one_of(said, "regulation", REGIMES),
        marks=_marks(said),
        received_at=_submitted(said, now),
        said=body,
        number=_number(said),
        callbacks=_callbacks(said),
    )
    with transaction.atomic():
        exchange, is_new = hand_in(handed=handed, now=now)
        if is_new:
            vouch(exchange, by=controller, now=now)
    return _signed(
        {
            "controller_id": controller,
            "expected_completion_time": _expected(exchange),
            "received_time": _instant(exchange.made_at),
            "encoded_request": base64.b64encode(body).decode(),
            "subject_request_id": exchange.number,
            "api_version": VERSION,
        }
    )


def _read(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        raise Wrong("The body is not JSON.") from None
    if not isinstance(said, dict):
        raise Wrong("The body is not a JSON object.")
    return said


def _one_of(said: dict[str, Any], name: str, known: Mapping[str, str]) -> str:
    """The specification's own example (7.2) lacks the `regulation`: then no law is
    named."""
    value = said.get(name, "")
    if value == "" and "" not in known:
        raise Wrong(f"{name} field is required.")
    if not isinstance(value, str) or value.lower() not in known:
        names = ", ".join(filter(None, known))
        raise Wrong(f"{name} must be one of {names}.")
    return known[value.lower()]


def _number(said: dict[str, Any]) -> str:
    text = said.get("subject_request_id")
    if not text:
        raise Wrong("subject_request_id field is required.")
    try:
        number = uuid.UUID(str(text))
    except ValueError:
        number = None
    if number is None or number.version != 4 or str(number) != text:
        raise Wrong("subject_request_id must be a UUID v4 in lower case.")
    return str(number)


def _submitted(said: dict[str, Any], now: dt.datetime) -> dt.datetime:
    text = said.get("submitted_time")
    if not text:
        raise Wrong("submitted_time field is required.")
    try:
        at = dt.datetime.fromisoformat(str(text))
    except ValueError:
        raise Wrong("submitted_time must be an RFC 3339 time.") from None
    if at.tzinfo is None:
        raise Wrong("submitted_time lacks its offset.")
    if at.year == dt.MINYEAR:  # no room for its offset
        raise Wrong("submitted_time is too long ago.")
    return min(at, now)


def _marks(said: dict[str, Any]) -> list[Mark]:
    marks = [_mark(each) for each in _list(said, "subject_identities")]
    extensions = said.get("extensions") or {}
    own = extensions.get(certificates.domain()) if isinstance(extensions, dict) else {}
    if isinstance(own, dict) and own.get("phone_number"):
        marks.append(identifiers.phone(str(own["phone_number"])))
    if not marks:
        raise Wrong("subject_identities field is required.")
    return list(dict.fromkeys(marks))


def _mark(said: Any) -> Mark:
    if not isinstance(said, dict):
        raise Wrong("An identity is an object.")
    kind, form = said.get("identity_type"), said.get("identity_format")
    if kind not in READERS or form != "raw":
        raise Wrong("Supported are raw email and raw phone_number; see /discovery.")
    if not said.get("identity_value"):
        raise Wrong("identity_value field is required.")
    return READERS[kind](str(said["identity_value"]))


def _callbacks(said: dict[str, Any]) -> list[str]:
    found = _list(said, "status_callback_urls")
    if not all(isinstance(each, str) for each in found):
        raise Wrong("status_callback_urls is a list of addresses.")
    return found


def _list(said: dict[str, Any], name: str) -> list[Any]:
    found = said.get(name) or []
    if not isinstance(found, list):
        raise Wrong(f"{name} is not a list.")
    return found


# --- told -----------------------------------------------------------------------


def find(*, controller: str, number: str) -> Exchange:
    rows = Exchange.objects.filter(
        protocol=Exchange.Protocol.OPENDSR, partner=controller, number=number
    )
    exchange = rows.first()
    if exchange is None:
        raise Unknown
    return exchange


def status(exchange: Exchange) -> dict[str, Any]:
    """8.3, and the body of a callback apart from its address."""
    ticket = ticket_of(exchange)
    found = {
        "controller_id": exchange.partner,
        "expected_completion_time": _expected(exchange),
        "subject_request_id": exchange.number,
        "request_status": STATES[Status(ticket.status)],
        "api_version": VERSION,
    }
    if (
        ticket.status == Status.ANSWERED
        and ticket.plan
        and ticket.right != Right.ERASURE
    ):
        rows = sum(each["rows"] for each in ticket.plan.summary["tables"])
        found |= {"results_count": rows}
        if address := links.address_of(ticket):
            found |= {"results_url": address}
    return found


def cancel(*, exchange: Exchange, now: dt.datetime) -> dict[str, Any]:
    """9.2; a second call changes nothing."""
    ticket = ticket_of(exchange)
    if STATES[Status(ticket.status)] not in ("pending", "cancelled"):
        raise TooLate
    if ticket.status != Status.WITHDRAWN:
        tickets.withdraw(
            ticket=ticket,
            reason="Cancelled by the controller.",
            by=f"opendsr:{exchange.partner}"[:150],
            now=now,
        )
    return _signed(
        {
            "controller_id": exchange.partner,
            "received_time": _instant(now),
            "subject_request_id": exchange.number,
            "api_version": VERSION,
        }
    )


def _signed(said: dict[str, Any]) -> dict[str, Any]:
    """7.3 wants the signature in the body as well, over the body without it."""
    signature = certificates.sign(json.dumps(said).encode())
    return {**said, "processor_signature": signature}


def _expected(exchange: Exchange) -> str:
    """The end of the last day."""
    day = expected_by(ticket_of(exchange))
    return f"{day.isoformat()}T23:59:59Z"


def _instant(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
