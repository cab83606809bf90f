"""Each letter, once for each round of a ticket; a second call finds the first."""

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.formats import date_format

from dsr import languages, links
from dsr.fulfilment import FULFILMENTS
from dsr.models import Notice, Ticket
from dsr.notices import wording

COPIES = ("access", "portability")  # letters that say: it is on your page


def answer(*, ticket: Ticket, now: dt.datetime) -> Notice:
    """The reply that says what was done, or that a law keeps everything. Call it before
    the identifiers are needed again."""
    is_denied = ticket.outcome == Ticket.Outcome.DENIED
    kind = Notice.Kind.REFUSAL if is_denied else Notice.Kind.ANSWER
    return _write(ticket, kind, FULFILMENTS[ticket.right].letter, now)


def refusal(*, ticket: Ticket, now: dt.datetime) -> Notice:
    """That we don't do it, on which ground, and what the person can do about it."""
    return _write(ticket, Notice.Kind.REFUSAL, "refusal", now)


def lifting(*, ticket: Ticket, reason: str, now: dt.datetime) -> Notice:
    """That a restriction will end, before it does (GDPR Art. 18(3))."""
    return _write(ticket, Notice.Kind.LIFTING, "lifting", now, reason=reason)


def withdrawal(*, ticket: Ticket, now: dt.datetime) -> Notice:
    """That we do nothing more because they took it back, and what to do if they did
    not."""
    where = links.address_of(ticket)
    return _write(ticket, Notice.Kind.WITHDRAWN, "withdrawal", now, page=where)


def own_withdrawal(*, some: Sequence[Ticket], now: dt.datetime) -> Notice:
    """The same in one letter for all that they took back on their page, where nobody
    gave a reason: whoever else has the link is not the only one to know."""
    ticket = some[0]
    words = languages.group(links.language_of(ticket), "right")
    said = {"right": ", ".join(words[each.right] for each in some), "why": ""}
    where = links.address_of(ticket)
    return _write(ticket, Notice.Kind.WITHDRAWN, "withdrawal", now, page=where, **said)


def extension(*, ticket: Ticket, now: dt.datetime) -> Notice:
    """That it takes longer, why, and until when."""
    return _write(ticket, Notice.Kind.EXTENSION, "extension", now)


def _write(
    ticket: Ticket, kind: str, letter: str, now: dt.datetime, **more: Any
) -> Notice:
    language = links.language_of(ticket)
    if letter in COPIES and not links.secret_of(ticket):
        links.make(ticket=ticket, language=language, now=now)
    subject = languages.say(language, "notice.subject", reference=ticket)
    notice, _ = Notice.objects.get_or_create(
        ticket=ticket,
        kind=kind,
        round=ticket.round,
        defaults={
            "subject": subject,
            "text": _text(ticket, letter, language, more),
            "written_at": now,
        },
    )
    return notice


def _text(ticket: Ticket, letter: str, language: str, more: dict[str, Any]) -> str:
    """A missing fact leaves no gap."""
    with translation.override(language):
        facts = wording.facts(ticket, language) | more
        text = render_to_string(f"dsr/notices/{letter}.txt", facts)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def receipt(
    *,
    ticket: Ticket,
    token: str,
    language: str,
    now: dt.datetime,
    missing: str = "",
) -> Notice:
    """That we have it, by when we answer, the address of its page, and what the person
    must still do there."""
    asked = list(ticket.request.tickets.order_by("pk"))
    with translation.override(language):
        facts = {
            "reference": str(ticket),
            "date": date_format(ticket.received_at, "DATE_FORMAT"),
            "due": date_format(min(each.due_date for each in asked), "DATE_FORMAT"),
            "rights": _rights(ticket, language),
            "link": links.address(token),
            "missing": f"{missing}\n\n" if missing else "",
            "address": settings.DEFAULT_FROM_EMAIL,
        }
    return Notice.objects.create(
        ticket=ticket,
        kind=Notice.Kind.RECEIPT,
        subject=languages.say(language, "letter.received_subject", reference=ticket),
        text=languages.say(language, "letter.received", **facts),
        written_at=now,
    )


def _rights(ticket: Ticket, language: str) -> str:
    """Of the whole request, each with its number."""
    words = languages.group(language, "right")
    tickets = ticket.request.tickets.order_by("pk")
    return "\n".join(f"- {words[each.right]} ({each})" for each in tickets)
