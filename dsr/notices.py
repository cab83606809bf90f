"""What we write to the person: kept sealed, sent by mail when we know where to."""

import datetime as dt
import json
import logging
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.formats import date_format

from dsr import deadlines, languages, links, recipients
from dsr.fulfilment import FULFILMENTS
from dsr.models import Notice, Right, Ticket
from privacy import audit, identifiers
from privacy.identifiers import Kind
from privacy.models import Category, Column
from privacy.refusals import Refusal

log = logging.getLogger(__name__)
LONGEST_SENDING = dt.timedelta(minutes=10)
SUBJECT = "Your request {reference}"


class NotInDoubt(Refusal):
    """Nothing is unclear about that letter."""


def answer(*, ticket: Ticket, now: dt.datetime) -> Notice:
    """The reply for what was done; call it before the identifiers are needed again."""
    letter = FULFILMENTS[ticket.right].letter
    return _write(ticket, Notice.Kind.ANSWER, letter, now)


def refusal(*, ticket: Ticket, now: dt.datetime) -> Notice:
    """That we don't do it, on which ground, and what can be done against that."""
    return _write(ticket, Notice.Kind.REFUSAL, "refusal", now)


def lifting(*, ticket: Ticket, reason: str, now: dt.datetime) -> Notice:
    """That a restriction will end, before it does (GDPR Art. 18(3))."""
    return _write(ticket, Notice.Kind.LIFTING, "lifting", now, reason=reason)


def extension(*, ticket: Ticket, now: dt.datetime) -> Notice:
    """That it takes longer, why, and until when."""
    return _write(ticket, Notice.Kind.EXTENSION, "extension", now)


def _write(
    ticket: Ticket, kind: str, letter: str, now: dt.datetime, **more: Any
) -> Notice:
    """Once for each round of the ticket; a second call finds the first."""
    notice, _ = Notice.objects.get_or_create(
        ticket=ticket,
        kind=kind,
        round=ticket.round,
        defaults={
            "text": render_to_string(
                f"dsr/notices/{letter}.txt", {**_facts(ticket), **more}
            ),
            "written_at": now,
        },
    )
    return notice


def receipt(*, ticket: Ticket, token: str, language: str, now: dt.datetime) -> Notice:
    """That we have it, by when we answer, and the address of its page."""
    asked = list(ticket.request.tickets.order_by("pk"))
    with translation.override(language):
        facts = {
            "reference": str(ticket),
            "date": date_format(ticket.received_at, "DATE_FORMAT"),
            "due": date_format(min(each.due_date for each in asked), "DATE_FORMAT"),
            "rights": _rights(ticket, language),
            "link": links.address(token),
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
        "parts": list(ticket.withheld.select_related("ground")),
        "may_appeal": _may_appeal(ticket),
        "recipients": recipients.sentences(ticket),
        "categories": _categories(ticket),
        "policy": f"{settings.PUBLIC_URL}/privacy",
    }


def _categories(ticket: Ticket) -> list[str]:
    """Who could not be verified is answered as if they had asked for categories, and
    pointed to the policy (11 CCR 7024(a)-(b))."""
    unsure = ticket.ground is not None and ticket.ground.code == "ID_FAIL"
    if ticket.regime != "US-CA" or ticket.right != Right.ACCESS or not unsure:
        return []
    used = Column.objects.exclude(category=None).values("category")
    return [str(each) for each in Category.objects.filter(pk__in=used)]


def _may_appeal(ticket: Ticket) -> bool:
    """Where the law gives an appeal; there is none against an appeal."""
    on = deadlines.day_of(ticket.closed_at or ticket.opened_at)
    rules = deadlines.rules_at(on).filter(regime=ticket.regime, right=Right.APPEAL)
    return ticket.right != Right.APPEAL and rules.exists()


def send_waiting(*, ticket: Ticket, now: dt.datetime) -> int:
    """Send what was written and not sent; how many the mail server accepted.

    Without an address, staff send it by hand. What a server refuses or can't take now
    stays unsent, for the next try and for staff to see.
    """
    address = address_of(ticket)
    if not address:
        return 0
    unsent = ticket.notices.filter(sent_at=None, tried_at=None).values_list(
        "pk", flat=True
    )
    return sum(_send(pk, address, now) for pk in unsent)


def _send(pk: int, address: str, now: dt.datetime) -> bool:
    """Noted before it is handed over, so that a worker who dies in between leaves a
    letter that is in doubt, and that nobody sends twice without looking (`doubtful`).
    """
    notice = _take(pk, now)
    if notice is None:
        return False
    subject = notice.subject or SUBJECT.format(reference=notice.ticket)
    mail = EmailMessage(
        subject,
        notice.text.open(),
        settings.DEFAULT_FROM_EMAIL,
        [address],
        headers={"Message-ID": message_id(notice)},
    )
    rows = Notice.objects.filter(pk=pk)
    try:
        mail.send()
    except OSError as problem:  # smtplib's errors are of this kind too
        log.warning("Notice %s was not sent: %s", pk, type(problem).__name__)
        rows.update(tried_at=None)
        return False
    rows.update(sent_at=now)
    if notice.kind == Notice.Kind.RECEIPT:
        asked = Ticket.objects.filter(request=notice.ticket.request_id)
        asked.filter(acknowledged_at=None).update(acknowledged_at=now)
    return True


def _take(pk: int, now: dt.datetime) -> Notice | None:
    """Of two workers one gets it, and a letter that was tried before nobody."""
    with transaction.atomic():
        free = Notice.objects.select_for_update(skip_locked=True, of=("self",))
        notice = free.filter(pk=pk, sent_at=None, tried_at=None).first()
        if notice is not None:
            Notice.objects.filter(pk=pk).update(tried_at=now)
    return notice


def message_id(notice: Notice) -> str:
    """The same at every try: a mailbox that has the letter knows it again."""
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip(" >")
    return f"<notice-{notice.pk}@{domain}>"


def doubtful(*, now: dt.datetime) -> QuerySet[Notice]:
    """Handed to a mail server by a worker that died: sent or not, we can't know.

    The mail server's log knows it by `message_id`; then `settle` says which.
    """
    return Notice.objects.filter(sent_at=None, tried_at__lt=now - LONGEST_SENDING)


def settle(*, notice: Notice, was_sent: bool, by: str, now: dt.datetime) -> None:
    """What a person found in the mail server's log; if it was not sent, it is now."""
    with transaction.atomic():
        rows = Notice.objects.filter(pk=notice.pk, sent_at=None, tried_at__isnull=False)
        changes = {"sent_at": now} if was_sent else {"tried_at": None}
        if not rows.update(**changes):
            raise NotInDoubt
        audit.record(
            action="notice.settled",
            subject=f"ticket:{notice.ticket}",
            by=by,
            now=now,
            notice=notice.pk,
            was_sent=was_sent,
        )


def unsent() -> list[Ticket]:
    """Requests with a letter that no mail server has accepted yet."""
    mine = Notice.objects.filter(sent_at=None, tried_at=None)
    return list(Ticket.objects.filter(notices__in=mine).distinct())


def address_of(ticket: Ticket) -> str:
    """Where the person wrote from; else an address that the request named, if any."""
    if ticket.requester is not None:
        known = json.loads(ticket.requester.open()).get("email", "")
        if known:
            return str(known)
    for row in ticket.identifiers.filter(kind=Kind.EMAIL, erased_at=None):
        return identifiers.value(row).value
    return ""
