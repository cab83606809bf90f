"""What the person and we write to each other about a request, by page and by mail.

Our messages go out by mail too, as answers to the last mail that came; mails that
belong to a request become messages of it.
"""

import datetime as dt
import logging
from itertools import islice
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import QuerySet

from dsr import attachments, languages, links, notices
from dsr.mailbox import letter
from dsr.mailbox.letter import Letter
from dsr.models import Mail, Message, Ticket
from privacy import audit
from privacy.refusals import Refusal

log = logging.getLogger(__name__)
LONGEST = 10_000
MOST_UNREAD = 50
A_ROUND = 500  # mails


class NothingWritten(Refusal):
    """Write a message first."""


class TooMuch(Refusal):
    """We must read what you wrote before there is more."""


def write(*, ticket: Ticket, text: str, now: dt.datetime, by: str = "") -> Message:
    """`by` is a member of staff, or empty for the person. What is the same as the last
    message that nobody read yet was sent twice, and is there once."""
    if not text.strip():
        raise NothingWritten
    unread = ticket.messages.filter(side=Message.Side.PERSON, read_at=None)
    last = ticket.messages.order_by("pk").last()
    is_again = last and not by and unread.filter(pk=last.pk, mail=None).exists()
    if last and is_again and last.text.open() == text.strip()[:LONGEST]:
        return last
    if not by and unread.count() >= MOST_UNREAD:
        raise TooMuch
    with transaction.atomic():
        message = Message.objects.create(
            ticket=ticket,
            side=Message.Side.US if by else Message.Side.PERSON,
            text=text.strip()[:LONGEST],
            written_at=now,
            written_by=by,
        )
        audit.record(
            action="message.written",
            subject=f"ticket:{ticket.reference}",
            by=by or "person",
            now=now,
            message=message.pk,
        )
    return message


def read(*, ticket: Ticket, by: str, now: dt.datetime) -> int:
    """What the other side had written is read now; `by` as in `write`."""
    side = Message.Side.PERSON if by else Message.Side.US
    unread = Message.objects.filter(
        ticket__request=ticket.request_id, side=side, read_at=None
    )
    return unread.update(read_at=now)


def conversation(
    *, ticket: Ticket, by: str, now: dt.datetime
) -> list[tuple[Message, str]]:
    """All of it in clear, for staff; that they read it is recorded, and it is read."""
    found = Message.objects.filter(ticket__request=ticket.request_id)
    found = found.prefetch_related("uploads")
    told = [(each, each.text.open()) for each in found]
    with transaction.atomic():
        read(ticket=ticket, by=by, now=now)
        audit.record(
            action="conversation.read",
            subject=f"ticket:{ticket.reference}",
            by=by,
            now=now,
            messages=len(told),
        )
    return told


# --- by mail --------------------------------------------------------------------------
def send_waiting(*, now: dt.datetime) -> int:
    """Our messages that no mail server has taken; those without an address stay, and
    must not keep the others from their turn."""
    waiting = Message.objects.filter(side=Message.Side.US, sent_at=None)
    sent = (_send(pk, now) for pk in waiting.values_list("pk", flat=True).iterator())
    return sum(islice(filter(None, sent), A_ROUND))


def _send(pk: int, now: dt.datetime) -> bool:
    """The row is locked meanwhile; its Message-ID is the same at every try."""
    with transaction.atomic():
        rows = Message.objects.select_for_update(skip_locked=True, of=("self",))
        message = rows.filter(pk=pk, sent_at=None).select_related("ticket").first()
        address = notices.address_of(message.ticket) if message else ""
        if message is None or not address:
            return False
        try:
            _mail(message, address).send()
        except OSError as problem:  # smtplib's errors are of this kind too
            log.warning("Message %s was not sent: %s", pk, type(problem).__name__)
            return False
        Message.objects.filter(pk=pk).update(sent_at=now)
    return True


def _mail(message: Message, address: str) -> EmailMessage:
    ticket, language = message.ticket, links.language_of(message.ticket)
    where = links.address_of(ticket)
    text = message.text.open()
    if where:
        text += f"\n\n-- \n{languages.say(language, 'letter.follow', link=where)}\n"
    subject = languages.say(language, "letter.message_subject", reference=ticket)
    headers = {"Message-ID": _message_id(message)}
    answered = _last_mail(ticket)
    if answered is not None and answered.message_id:
        subject = f"Re: {answered.subject} ({ticket})"
        headers["In-Reply-To"] = headers["References"] = answered.message_id
    return EmailMessage(
        " ".join(subject.split()),
        text,
        settings.DEFAULT_FROM_EMAIL,
        [address],
        headers=headers,
    )


def _message_id(message: Message) -> str:
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip(" >")
    return f"<message-{message.pk}@{domain}>"


def _mails_of(ticket: Ticket) -> QuerySet[Mail]:
    mine = Mail.objects.filter(tickets__request=ticket.request_id)
    return mine.distinct().order_by("received_at", "pk")


def _last_mail(ticket: Ticket) -> Letter | None:
    mail = _mails_of(ticket).last()
    return letter.open_(letter.as_bytes(mail.raw.open())) if mail else None


def thread_mails(*, now: dt.datetime) -> int:
    """Mails that joined a request become messages of it, and what came with a mail of
    a request hangs on that message or the request; once each. How many messages."""
    known = Mail.objects.filter(tickets__isnull=False, filed_at=None)
    settled = known.exclude(verdict=Mail.Verdict.QUEUE).distinct().order_by("pk")
    return sum(_thread(mail, now) for mail in settled[:500])


def _thread(mail: Mail, now: dt.datetime) -> bool:
    with transaction.atomic():
        is_new = False
        if mail.verdict == Mail.Verdict.FOLLOW_UP:
            facts = _facts(mail)
            is_new = Message.objects.get_or_create(mail=mail, defaults=facts)[1]
        attachments.file(mail=mail, now=now)
    return is_new


def _facts(mail: Mail) -> dict[str, Any]:
    said = letter.open_(letter.as_bytes(mail.raw.open()))
    return {
        "ticket": mail.tickets.order_by("pk")[0],
        "side": Message.Side.PERSON,
        "text": said.text.strip()[:LONGEST] or "—",
        "written_at": mail.received_at,
    }
