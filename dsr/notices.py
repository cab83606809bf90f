"""What we write to the person: kept sealed, sent by mail when we know where to."""

import datetime as dt
import json
import logging
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.formats import date_format

from dsr import languages, links
from dsr.models import Notice, Ticket
from privacy import identifiers
from privacy.identifiers import Kind

log = logging.getLogger(__name__)
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


def receipt(*, ticket: Ticket, token: str, language: str, now: dt.datetime) -> Notice:
    """That we have it, by when we answer, and the address of its page."""
    with translation.override(language):
        facts = {
            "reference": str(ticket),
            "date": date_format(ticket.received_at, "DATE_FORMAT"),
            "due": date_format(ticket.due_date, "DATE_FORMAT"),
            "rights": f"- {languages.say(language, f'right.{ticket.right}')}",
            "link": links.address(token),
        }
    return Notice.objects.create(
        ticket=ticket,
        kind=Notice.Kind.RECEIPT,
        subject=languages.say(language, "letter.received_subject", reference=ticket),
        text=languages.say(language, "letter.received", **facts),
        written_at=now,
    )


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
    """Send what was written and not sent; how many the mail server accepted.

    Without an address, staff send it by hand. What a server refuses or can't take now
    stays unsent, for the next try and for staff to see.
    """
    address = address_of(ticket)
    if not address:
        return 0
    unsent = ticket.notices.filter(sent_at=None).values_list("pk", flat=True)
    return sum(_send(pk, address, now) for pk in unsent)


def _send(pk: int, address: str, now: dt.datetime) -> bool:
    """The row is locked meanwhile, so that of two workers one sends."""
    with transaction.atomic():
        rows = Notice.objects.select_for_update(skip_locked=True, of=("self",))
        notice = rows.filter(pk=pk, sent_at=None).first()
        if notice is None:
            return False
        subject = notice.subject or SUBJECT.format(reference=notice.ticket)
        mail = EmailMessage(
            subject, notice.text.open(), settings.DEFAULT_FROM_EMAIL, [address]
        )
        try:
            mail.send()
        except OSError as problem:  # smtplib's errors are of this kind too
            log.warning("Notice %s was not sent: %s", pk, type(problem).__name__)
            return False
        rows.filter(pk=pk).update(sent_at=now)
    return True


def unsent() -> list[Ticket]:
    """Requests with a letter that no mail server has accepted yet."""
    return list(Ticket.objects.filter(notices__sent_at=None, notices__isnull=False))


def address_of(ticket: Ticket) -> str:
    """Where the person wrote from; else an address that the request named, if any."""
    if ticket.requester is not None:
        known = json.loads(ticket.requester.open()).get("email", "")
        if known:
            return str(known)
    for row in ticket.identifiers.filter(kind=Kind.EMAIL, erased_at=None):
        return identifiers.value(row).value
    return ""
