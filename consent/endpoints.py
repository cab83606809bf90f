"""Which other systems are told of changes of consent, and with which secret.

An endpoint is a way out of the data, so one person asks for it and a second one agrees
before anything is told; the same again when it was switched off.
"""

import base64
import datetime as dt
import secrets
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from consent import telling
from consent.models import Endpoint
from privacy import audit, outgoing
from privacy.models import Provider
from privacy.providers import gate
from privacy.refusals import Refusal

BYTES = 32  # of a secret


class NameTaken(Refusal):
    """Another endpoint has that name."""


class NobodyAsked(Refusal):
    """This endpoint does not wait for a second person."""


class SamePerson(Refusal):
    """You asked for this endpoint yourself: a second person must agree."""


def create(
    *, name: str, url: str, by: str, now: dt.datetime, recipient: str = ""
) -> str:
    """The secret, which is not shown again; nothing is told before `agree`. Raises
    `NotAnAddress` for anything but a public https address, and `gate.Refused` for a
    recipient who may not get numbers; without a recipient none are told."""
    outgoing.check(url)
    if Endpoint.objects.filter(name=name).exists():
        raise NameTaken
    secret = _secret()
    with transaction.atomic():
        row = Endpoint.objects.create(
            name=name,
            url=url,
            recipient=_recipient(recipient, now),
            secret=secret,
            asked_by=by,
            created_at=now,
            created_by=by,
        )
        _record("created", row, by, now)
    return secret


def _recipient(name: str, now: dt.datetime) -> Provider | None:
    if not name:
        return None
    verdict = gate.check(telling.transfer(name), now=now)
    if not verdict.allowed:
        raise gate.Refused(verdict)
    return Provider.objects.get(name=name.strip())


def waiting() -> QuerySet[Endpoint]:
    """Those that wait for a second person."""
    return Endpoint.objects.exclude(asked_by="")


def agree(*, endpoint: Endpoint, by: str, now: dt.datetime) -> None:
    """A second person's yes: from now on it is told of each change."""
    with transaction.atomic():
        row = Endpoint.objects.select_for_update().get(pk=endpoint.pk)
        if not row.asked_by:
            raise NobodyAsked
        if row.asked_by == by:
            raise SamePerson
        _set(row, is_active=True, asked_by="")
        _record("agreed", row, by, now, asked_by=row.asked_by)


def switch_on(*, endpoint: Endpoint, by: str, now: dt.datetime) -> None:
    """Ask for it: a second person must agree, and then what waited is told as well."""
    with transaction.atomic():
        row = Endpoint.objects.select_for_update().get(pk=endpoint.pk)
        if row.is_active or row.asked_by:
            return
        _set(row, asked_by=by)
        _record("asked_for", row, by, now)


def switch_off(*, endpoint: Endpoint, by: str, now: dt.datetime) -> None:
    """It is told nothing; a wish to have it switched on is taken back."""
    with transaction.atomic():
        _set(endpoint, is_active=False, asked_by="")
        _record("switched_off", endpoint, by, now)


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
        _set(endpoint, previous_secret=None)
        _record("rotation_ended", endpoint, by, now)


def _set(row: Endpoint, **values: Any) -> None:
    Endpoint.objects.filter(pk=row.pk).update(**values)


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
    return telling.PREFIX + base64.b64encode(secrets.token_bytes(BYTES)).decode()
