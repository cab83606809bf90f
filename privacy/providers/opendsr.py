"""Tells a recipient through OpenDSR 2.0: we are the controller, it is our processor.

The protocol has only erasure; anything else becomes a task. The recipient answers
through the callback, signed with the key of its certificate, or when it is asked again.
"""

import datetime as dt
import json
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from privacy import outgoing
from privacy.models import Instruction
from privacy.models.providers import Duty
from privacy.providers.answers import answered
from privacy.refusals import Refusal

REGULATIONS = {"EU-GDPR": "gdpr", "UK-GDPR": "gdpr", "DE-KDG": "gdpr"}
STATES = {"completed": Instruction.State.DONE, "cancelled": Instruction.State.UNABLE}


class NoExceptions(Refusal):
    """OpenDSR cannot express that a legal hold keeps data."""


def tell(instruction: Instruction, said: dict[str, Any], now: dt.datetime) -> bool:
    if said["duty"] != Duty.ERASE:
        return True
    if instruction.told_at is not None:
        return ask(instruction, now)
    provider = instruction.provider
    document = {
        "regulation": REGULATIONS.get(said["regime"], "ccpa"),
        "subject_request_id": str(instruction.pk),
        "subject_request_type": "erasure",
        "submitted_time": said["asked_at"],
        "subject_identities": _identities(said),
        "api_version": "2.0",
        "status_callback_urls": [callback(instruction)],
        "extensions": _extensions(provider.address, said),
    }
    body = json.dumps(document).encode()
    address = f"{provider.address.rstrip('/')}/requests"
    status, _ = outgoing.post(address, body, _headers(instruction))
    return outgoing.is_taken(status)


def ask(instruction: Instruction, now: dt.datetime) -> bool:
    """Asks for the status, of a recipient that sends no callbacks."""
    address = f"{instruction.provider.address.rstrip('/')}/requests/{instruction.pk}"
    status, body = outgoing.post(address, None, _headers(instruction), method="GET")
    said = outgoing.document(body)
    if not (outgoing.is_taken(status) and said):
        return False
    take(instruction, said, now=now)
    return True


def take(instruction: Instruction, said: dict[str, Any], *, now: dt.datetime) -> None:
    """Takes the status of 8.3; a pending one is not an answer."""
    state = STATES.get(str(said.get("request_status", "")))
    if state is None:
        return
    words = "" if state == Instruction.State.DONE else "It cancelled the request."
    answered(
        instruction=instruction,
        state=state,
        answer=words,
        by=f"provider:{instruction.provider_id}",
        now=now,
    )


def callback(instruction: Instruction) -> str:
    return f"{settings.PUBLIC_URL}/opendsr/callbacks/{instruction.pk}"


def _identities(said: dict[str, Any]) -> list[dict[str, str]]:
    return [
        {
            "identity_type": "email",
            "identity_value": each["value"],
            "identity_format": "raw",
        }
        for each in said["people"]
        if each["kind"] == "email"
    ]


def _extensions(address: str, said: dict[str, Any]) -> dict[str, Any]:
    """Phone numbers, for which the protocol has no identity."""
    phones = [each["value"] for each in said["people"] if each["kind"] == "phone"]
    domain = urlsplit(address).hostname or ""
    return (
        {domain: {"phone_number": phones[0], "phone_numbers": phones}} if phones else {}
    )


def _headers(instruction: Instruction) -> dict[str, str]:
    secret = instruction.provider.secret
    held = {"Authorization": f"Bearer {secret.open()}"} if secret is not None else {}
    return {"Content-Type": "application/json", **held}
