"""What we write to the person: kept sealed, sent by mail when we know where to."""

import datetime as dt
import json
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string

from dsr.models import Notice, Ticket
from privacy import identifiers
from privacy.identifiers import Kind

SUBJECT = "Your request {reference}"


def answer(*, ticket: Ticket, now: dt.datetime) -> Notice:
    """The reply for what was done; call it before the identifiers are needed again."""
    text = render_to_string(f"dsr/notices/{ticket.right}.txt", _facts(ticket))
    notice, _ = Notice.objects.get_or_create(
        ticket=ticket,
        kind=Notice.Kind.ANSWER,
        defaults={"text": text, "written_at": now},
    )
    return notice


def _facts(ticket: Ticket) -> dict[str, Any]:
    said = ticket.plan.summary if ticket.plan else {"tables": []}
    tables = said["tables"]
    return {
        "ticket": ticket,
        "ended": [t for t in tables if t["action"] not in ("keep", "disclose")],
        "kept": [t for t in tables if t["action"] == "keep"],
        "given": [t for t in tables if t["action"] == "disclose"],
        "withheld": said.get("withheld", 0),
        "is_european": ticket.regime in ("EU-GDPR", "UK-GDPR"),
    }


def send_waiting(*, ticket: Ticket, now: dt.datetime) -> int:
    """Send what was written and not sent. Without an address, staff send it by hand."""
    address = address_of(ticket)
    if not address:
        return 0
    sent = 0
    for notice in ticket.notices.filter(sent_at=None):
        mine = Notice.objects.filter(pk=notice.pk, sent_at=None)
        if mine.update(sent_at=now):
            _send(address, SUBJECT.format(reference=ticket), notice.text.open())
            sent += 1
    return sent


def _send(address: str, subject: str, text: str) -> None:
    EmailMessage(subject, text, settings.DEFAULT_FROM_EMAIL, [address]).send()


def address_of(ticket: Ticket) -> str:
    """Where the person wrote from; else an address that the request named, if any."""
    if ticket.requester is not None:
        known = json.loads(ticket.requester.open()).get("email", "")
        if known:
            return str(known)
    for row in ticket.identifiers.filter(kind=Kind.EMAIL, erased_at=None):
        return identifiers.value(row).value
    return ""
