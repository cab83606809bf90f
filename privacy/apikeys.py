"""API keys of partner systems. A key is 256 random bits, so a plain digest is enough to
store it."""

import datetime as dt
import hashlib
import secrets
from collections.abc import Sequence

from django.db import transaction

from privacy import audit
from privacy.models import ApiKey, Provider
from privacy.refusals import Refusal
from privacy.sql import prepared

PREFIX = "sk_"
SCOPES = {
    "analytics:clean": "Clean events before they go to analytics",
    "consent:check": "Ask whether a person may be contacted",
    "consent:export": "Fetch unmasked consent lists, through the disclosure gate",
    "consent:write": "Record what people told the platform",
    "disclosures:check": "Ask whether data may go to a recipient for a purpose",
    "erasures:check": "Ask whether a person was erased and must not be imported",
    "metrics": "Read the metrics for alerts; they name nobody",
    "requests:counts": "Fetch the yearly counts of requests; they name nobody",
    "requests:register": "Fetch the register of requests, through the disclosure gate",
    "requests:write": "Submit requests of data subjects",
    "suppressions": "The platform's suppression list",
}

# What its maker must be allowed to do themself, beside making keys: a key is no way
# around a role.
NEEDS = {
    "consent:export": "privacy.reveal_identifier",
    "requests:register": "dsr.export_register",
}


class UnknownScope(Refusal):
    """There is no such scope."""

    def __init__(self, scope: str) -> None:
        super().__init__(f"{scope!r} is not a scope; choose from {', '.join(SCOPES)}.")


class NameTaken(Refusal):
    """A key of that name is in use; revoke it first, or choose another name."""


class NoName(Refusal):
    """Give the key a name: it is revoked by its name."""


class NoSuchRecipient(Refusal):
    """No recipient of data has that name."""


class NoSuchKey(Refusal):
    """No key of that name is in use."""


def create(
    *,
    name: str,
    scopes: Sequence[str],
    by: str,
    now: dt.datetime,
    recipient: str = "",
) -> str:
    """Returns the key itself, which is not stored: show it once. `recipient` is the
    name of the recipient of data that runs the calling system; without one the system
    is our own."""
    if not name.strip():
        raise NoName
    for scope in scopes:
        if scope not in SCOPES:
            raise UnknownScope(scope)
    key = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        if ApiKey.objects.filter(name=name, revoked_at=None).exists():
            raise NameTaken
        row = ApiKey.objects.create(
            name=name,
            digest=digest(key),
            scopes=sorted(set(scopes)),
            recipient=_recipient(recipient),
            created_at=now,
            created_by=by,
        )
        audit.record(
            action="apikey.created",
            subject=f"apikey:{row.pk}",
            by=by,
            now=now,
            name=name,
            scopes=row.scopes,
            recipient=recipient,
        )
    return key


def _recipient(name: str) -> Provider | None:
    found = Provider.objects.filter(name=name.strip()).first()
    if name.strip() and found is None:
        raise NoSuchRecipient
    return found


def revoke(*, name: str, by: str, now: dt.datetime) -> None:
    with transaction.atomic():
        in_use = ApiKey.objects.filter(name=name, revoked_at=None)
        row = in_use.select_for_update().first()
        if row is None:
            raise NoSuchKey
        in_use.update(revoked_at=now, revoked_by=by)
        audit.record(
            action="apikey.revoked",
            subject=f"apikey:{row.pk}",
            by=by,
            now=now,
            name=name,
        )


def digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def holder(key: str) -> ApiKey | None:
    """The row of a key that is in use; None for an unknown or revoked one."""
    for pk, name, scopes, to in prepared.rows(prepared.HOLDER, {"digest": digest(key)}):
        return ApiKey(pk=pk, name=name, scopes=scopes, recipient_id=to)
    return None
