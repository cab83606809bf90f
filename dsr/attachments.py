"""What came with a mail: it belongs to the message or the request that the mail became.

A mail is kept as it came until it belongs to a request. Then its attachments are taken
out and sealed one by one, so that each can be removed at its own time: a copy of a
passport goes with the decision on who somebody is, and does not stay in the mail. A
mail that became no request loses them some weeks after somebody settled it.
"""

import datetime as dt
import email
import email.policy
from email.message import EmailMessage

from django.db import transaction

from dsr import identity, uploads
from dsr.deadlines import day_of
from dsr.mailbox import letter, parts
from dsr.mailbox.rules import rules
from dsr.models import Mail, Message, Ticket, Upload
from dsr.uploads import File
from privacy import audit

BY = "mailbox"
TAKEN_OUT = "This attachment was moved to the request."
REMOVED = "This attachment was deleted: the mail became no request."
MOST_AT_ONCE = 500
AS_IT_CAME = email.policy.default.clone(refold_source="none")
# the library's own mistakes with broken mails
BROKEN = (ValueError, TypeError, LookupError, AttributeError, RecursionError)
KEPT_IN = ("message/rfc822", "text/csv")  # what a mail passes on, and lists of people


def file(*, mail: Mail, now: dt.datetime) -> list[Upload]:
    """Stores the attachments of a mail that belongs to a request, once."""
    with transaction.atomic():
        mail = Mail.objects.select_for_update().get(pk=mail.pk)
        ticket = mail.tickets.order_by("pk").first()
        if mail.filed_at or ticket is None:
            return []
        kept, found = _apart(mail, TAKEN_OUT)
        purpose = _purpose(mail, ticket)
        message = Message.objects.filter(mail=mail).first()
        rows = [
            uploads.seal(
                ticket=ticket,
                file=file_,
                media_type=kind,
                purpose=purpose,
                now=now,
                message=message,
                mail=mail,
            )
            for file_, kind in found
        ]
        if rows:
            mail.raw = letter.as_text(kept)
            _record(ticket, len(rows), now)
        mail.filed_at = now
        mail.save(update_fields=["raw", "filed_at"])
    return rows


def remove_unneeded(*, now: dt.datetime) -> int:
    """From mails that became no request, after the days of `attachments_stay`; returns
    how many mails. What Legal must see may be evidence, and stays with its mail."""
    stay = rules().attachment_stay(day_of(now))
    settled = Mail.objects.filter(
        tickets=None, filed_at=None, for_legal=False, settled_at__lt=now - stay
    )
    keys = settled.order_by("pk").values_list("pk", flat=True)[:MOST_AT_ONCE]
    return sum(_remove(key, now) for key in keys)


def _remove(key: int, now: dt.datetime) -> bool:
    with transaction.atomic():
        mail = Mail.objects.select_for_update().get(pk=key)
        if mail.filed_at or mail.tickets.exists():
            return False
        kept, found = _apart(mail, REMOVED)
        if found:
            mail.raw = letter.as_text(kept)
            audit.record(
                action="mail.attachments_removed",
                subject=f"mail:{mail.pk}",
                by=BY,
                now=now,
                files=len(found),
            )
        mail.filed_at = now
        mail.save(update_fields=["raw", "filed_at"])
    return bool(found)


def _apart(mail: Mail, instead: str) -> tuple[bytes, list[tuple[File, str]]]:
    """The mail without its attachments, and the attachments with their types. A mail
    too broken to be reassembled keeps them."""
    raw = letter.as_bytes(mail.raw.open())
    try:
        read = email.message_from_bytes(raw, policy=AS_IT_CAME)
        attached = [each for each in parts.leaves(read) if _is_attached(each)]
        found = [(_file(part), part.get_content_type()[:80]) for part in attached]
        return _without(read, attached, instead), found
    except BROKEN:
        return raw, []


def _is_attached(part: EmailMessage) -> bool:
    if part.get_content_type() in KEPT_IN or not part.get_payload(decode=True):
        return False
    return part.is_attachment() or bool(part.get_filename())


def _file(part: EmailMessage) -> File:
    content = part.get_payload(decode=True)
    data = content if isinstance(content, bytes) else b""
    return File(part.get_filename() or "", data, len(data))


def _without(read: EmailMessage, attached: list[EmailMessage], instead: str) -> bytes:
    """A line says where each was, without the file name, which can be personal."""
    for part in attached:
        for header in list(part):
            if header.lower().startswith("content-"):
                del part[header]
        part["Content-Disposition"] = 'attachment; filename="taken-out.txt"'
        part.set_payload(instead)
    return read.as_bytes()


def _purpose(mail: Mail, ticket: Ticket) -> str:
    """An answer while we ask who they are, or whether they may act, counts as proof."""
    standing = identity.standing(ticket)
    if ticket.is_open and standing.asks_for_authority:
        return Upload.Purpose.AUTHORITY
    follows = mail.verdict == Mail.Verdict.FOLLOW_UP
    if follows and ticket.is_open and not standing.is_enough:
        return Upload.Purpose.IDENTITY
    return Upload.Purpose.OTHER


def _record(ticket: Ticket, count: int, now: dt.datetime) -> None:
    audit.record(
        action="upload.received",
        subject=f"ticket:{ticket.reference}",
        by=BY,
        now=now,
        files=count,
    )
