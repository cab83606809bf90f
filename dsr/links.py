"""The secret address of a request: whoever has it may follow, write, withdraw and
appeal.

It shows nothing that the person did not type. To see what we hold about somebody takes
more (`dsr.identity`).
"""

import datetime as dt
import hashlib
import secrets

from django.conf import settings

from dsr import languages
from dsr.models import Link, Mail, Ticket
from privacy.refusals import Refusal

BYTES = 32


class NoSuchLink(Refusal):
    """This link does not open anything."""


def make(*, ticket: Ticket, language: str, now: dt.datetime) -> str:
    """The secret itself, 256 random bits."""
    token = secrets.token_urlsafe(BYTES)
    Link.objects.create(
        ticket=ticket,
        digest=_digest(token),
        token=token,
        language=languages.known(language),
        made_at=now,
    )
    return token


def find(token: str) -> Link:
    """By digest, so that the time of the look-up reveals nothing about the secret."""
    rows = Link.objects.filter(digest=_digest(token), ended_at=None)
    link = rows.select_related("ticket__request").first()
    if link is None:
        raise NoSuchLink
    return link


def address(token: str) -> str:
    return f"{settings.PUBLIC_URL}/privacy/request/{token}"


def secret_of(ticket: Ticket) -> str:
    """Of the latest link of its request; empty when it has none."""
    links = Link.objects.filter(ticket__request=ticket.request_id, ended_at=None)
    link = links.order_by("pk").last()
    return link.token.open() if link else ""


def address_of(ticket: Ticket) -> str:
    """For letters; empty when the request has no link."""
    secret = secret_of(ticket)
    return address(secret) if secret else ""


def language_of(ticket: Ticket) -> str:
    """What the person reads: as staff noted, else that of page or mail, or English."""
    links = Link.objects.filter(ticket__request=ticket.request_id)
    if ticket.request.language:
        return ticket.request.language
    if link := links.order_by("pk").last():
        return link.language
    mails = Mail.objects.filter(tickets__request=ticket.request_id)
    mail = mails.order_by("pk").first()
    return languages.known(mail.language) if mail else languages.DEFAULT


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
