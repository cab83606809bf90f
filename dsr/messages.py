"""What the person and we write to each other about a request, by page and by mail.

Our messages are also sent by mail, as answers to the last mail that came; mails that
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
from privacy import audit, handing
from privacy.refusals import Refusal

log = logging.getLogger(__name__)
LONGEST = 10_000
MOST_UNREAD = 50
A_ROUND = 500  # mails


class NothingWritten(Refusal):
    """Write a message first."""


class TooMuch(Refusal):
    """Please wait: we must read what you have written before you send more."""


def write(*, ticket: Ticket, text: str, now: dt.datetime, by: str = "") -> Message:
    """`by` is a member of staff, or empty for the person. A message equal to the last
    unread one was sent twice, and is stored once."""
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
    """Marks what the other side wrote as read; `by` as in `write`."""
    side = Message.Side.PERSON if by else Message.Side.US
    unread = Message.objects.filter(
        ticket__request=ticket.request_id, side=side, read_at=None
    )
    return unread.update(read_at=now)


def conversation(
    *, ticket: Ticket, by: str, now: dt.datetime
) -> list[tuple[Message, str]]:
    """All of it in clear, for staff; it is marked as read, and reading it is
    recorded."""
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
    """Sends our messages that no mail server has accepted; those without an address
    stay, and must not hold up the others."""
    ours = Message.objects.filter(side=Message.Side.US, sent_at=None, tried_at=None)
    sent = (_send(pk, now) for pk in ours.values_list("pk", flat=True).iterator())
    return sum(islice(filter(None, sent), A_ROUND))


def _send(pk: int, now: dt.datetime) -> bool:
    """At most once, like letters: recorded before it is handed over (`doubtful`)."""
    message = _take(pk, now)
    if message is None:
        return False
    rows = Message.objects.filter(pk=pk)
    try:
        is_taken = handing.hand_over(_mail(message, notices.address_of(message.ticket)))
    except handing.InDoubt:
        log.warning("Message %s is in doubt", pk)
        return False
    rows.update(**({"sent_at": now} if is_taken else {"tried_at": None}))
    return is_taken


def _take(pk: int, now: dt.datetime) -> Message | None:
    """Only one of two workers gets it, and only if it has an address."""
    with transaction.atomic():
        free = Message.objects.select_for_update(skip_locked=True, of=("self",))
        mine = free.filter(pk=pk, sent_at=None, tried_at=None).select_related("ticket")
        message = mine.first()
        if message is None or not notices.address_of(message.ticket):
            return None
        Message.objects.filter(pk=pk).update(tried_at=now)
    return message


def doubtful(*, now: dt.datetime) -> QuerySet[Message]:
    """Handed to a mail server that did not answer, or by a worker that died. The person
    may read it on the page of their request; whether a mail arrived, nobody knows."""
    tried = Message.objects.filter(tried_at__lt=now - notices.LONGEST_SENDING)
    return tried.filter(side=Message.Side.US, sent_at=None)


def settle(*, message: Message, was_sent: bool, by: str, now: dt.datetime) -> None:
    """What a person found in the mail server's log; if it was not sent, it is sent
    now."""
    with transaction.atomic():
        rows = doubtful(now=now).filter(pk=message.pk)
        changes = {"sent_at": now} if was_sent else {"tried_at": None}
        if not rows.update(**changes):
            raise notices.NotInDoubt
        audit.record(
            action="message.settled",
            subject=f"ticket:{message.ticket}",
            by=by,
            now=now,
            message=message.pk,
            was_sent=was_sent,
        )


def to_post() -> list[Message]:
    """Ours that reach nobody by themselves: the person has no e-mail address here, and
    no page on which to read them."""
    rows = Message.objects.filter(side=Message.Side.US, sent_at=None, tried_at=None)
    some = rows.select_related("ticket__request")[: notices.MOST]
    return [each for each in some if not _arrives(each.ticket)]


def _arrives(ticket: Ticket) -> bool:
    return bool(notices.address_of(ticket) or links.address_of(ticket))


def by_hand(*, message: Message, by: str, now: dt.datetime) -> None:
    """Somebody printed or copied it and sent it."""
    with transaction.atomic():
        rows = Message.objects.filter(pk=message.pk, side=Message.Side.US)
        if not rows.filter(sent_at=None, tried_at=None).update(sent_at=now):
            raise notices.SentAlready
        audit.record(
            action="message.sent_by_hand",
            subject=f"ticket:{message.ticket}",
            by=by,
            now=now,
            message=message.pk,
        )


def _mail(message: Message, address: str) -> EmailMessage:
    ticket, language = message.ticket, links.language_of(message.ticket)
    where = links.address_of(ticket)
    text = message.text.open()
    if where:
        text += f"\n\n-- \n{languages.say(language, 'letter.follow', link=where)}\n"
    subject = languages.say(language, "letter.message_subject", reference=ticket)
    headers = {"Message-ID": message_id(message)}
    answered = _last_mail(ticket)
    if answered is not None and answered.message_id:
        subject = _re(answered.subject, ticket)
        headers["In-Reply-To"] = headers["References"] = answered.message_id
    return EmailMessage(
        " ".join(subject.split()),
        text,
        settings.DEFAULT_FROM_EMAIL,
        [address],
        headers=headers,
    )


def _re(subject: str, ticket: Ticket) -> str:
    """One “Re:” and the number once, however often it went to and fro."""
    told = subject
    while answered := letter.REPLY.match(told):
        told = told[answered.end() :].strip()
    return f"Re: {told}" if str(ticket) in told else f"Re: {told} ({ticket})"


def message_id(message: Message) -> str:
    """The same at every attempt, and as in the mail server's log."""
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip(" >")
    return f"<message-{message.pk}@{domain}>"


def _mails_of(ticket: Ticket) -> QuerySet[Mail]:
    mine = Mail.objects.filter(tickets__request=ticket.request_id)
    return mine.distinct().order_by("received_at", "pk")


def _last_mail(ticket: Ticket) -> Letter | None:
    mail = _mails_of(ticket).last()
    return letter.open_(letter.as_bytes(mail.raw.open())) if mail else None


def thread_mails(*, now: dt.datetime) -> int:
    """Mails that joined a request become its messages, and the attachments of a mail
    are attached to the message or the request; once each. Returns how many messages."""
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
