"""Which agents of the Data Rights Protocol we trust: entries of its directory
(3.05.1)."""

import base64
import binascii
import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction

from dsr.models import Agent
from privacy import audit
from privacy.refusals import Refusal

KEY_BYTES = 32
FACTS = (
    "name",
    "web_url",
    "identity_assurance_url",
    "technical_contact",
    "business_contact",
)


class NotAnEntry(Refusal):
    """An entry needs an id and a 32-byte verify_key in base64."""


class NoSuchAgent(Refusal):
    """No agent of that id is known."""


def trust(*, entries: Sequence[dict[str, Any]], by: str, now: dt.datetime) -> list[str]:
    """All or none. A new key ends the token that the old one had created."""
    with transaction.atomic():
        return [_trust(entry, by, now) for entry in entries]


def _trust(entry: dict[str, Any], by: str, now: dt.datetime) -> str:
    code, key = _checked(entry)
    facts = {name: str(entry.get(name) or "")[:200] for name in FACTS}
    agent, is_new = Agent.objects.get_or_create(
        code=code, defaults={**facts, "verify_key": key}
    )
    if not is_new:
        token = agent.token_digest if agent.verify_key == key else ""
        Agent.objects.filter(pk=agent.pk).update(
            **facts, verify_key=key, is_trusted=True, token_digest=token
        )
    audit.record(action="agent.trusted", subject=f"agent:{agent.pk}", by=by, now=now)
    return code


def _checked(entry: Any) -> tuple[str, str]:
    if not isinstance(entry, dict) or not str(entry.get("id") or "").strip():
        raise NotAnEntry
    key = str(entry.get("verify_key") or "").strip()
    try:
        raw = base64.b64decode(key, validate=True)
    except binascii.Error:
        raise NotAnEntry from None
    if len(raw) != KEY_BYTES:
        raise NotAnEntry
    return str(entry["id"]).strip()[:80], key


def distrust(*, code: str, by: str, now: dt.datetime) -> None:
    with transaction.atomic():
        agent = Agent.objects.select_for_update().filter(code=code).first()
        if agent is None:
            raise NoSuchAgent
        Agent.objects.filter(pk=agent.pk).update(is_trusted=False, token_digest="")
        audit.record(
            action="agent.distrusted", subject=f"agent:{agent.pk}", by=by, now=now
        )
