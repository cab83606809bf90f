"""How letters are sent: by mail at most once, or by staff by hand."""

import datetime as dt
import json
import logging
import re
import zoneinfo

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import QuerySet

from dsr import deadlines, tickets
from dsr.models import Notice, Representative, Ticket
from privacy import audit, handing, identifiers
from privacy.identifiers import Kind
from privacy.refusals import Refusal

log = logging.getLogger(__name__)
LONGEST_SENDING = dt.timedelta(minutes=10)
MOST = 500  # letters to send by hand, shown at once


class NotInDoubt(Refusal):
    """That letter is not in doubt."""


class SentAlready(Refusal):
    """That letter has been sent."""


class NotThatDay(Refusal):
    """It was sent between the day on which it was written and today."""


def send_waiting(*, ticket: Ticket, now: dt.datetime) -> int:
    """Sends what was written and not sent; returns how many the mail server accepted.

    Without an address, staff send it by hand. What a server refuses or can't take now
    stays unsent, for the next attempt and for staff to see.
    """
    address = address_of(ticket)
    if not address:
        return 0
    unsent = ticket.notices.filter(sent_at=None, tried_at=None).values_list(
        "pk", flat=True
    )
    return sum(_send(pk, address, now) for pk in unsent)


def _send(pk: int, address: str, now: dt.datetime) -> bool:
    """Recorded before it is handed over: if a worker dies in between, or a server falls
    silent, the letter is in doubt, and nobody sends it twice without looking
    (`doubtful`)."""
    notice = _take(pk, now)
    if notice is None:
        return False
    mail = EmailMessage(
        notice.subject or str(notice.ticket),
        notice.text.open(),
        settings.DEFAULT_FROM_EMAIL,
        [address],
        headers={"Message-ID": message_id(notice)},
    )
    rows = Notice.objects.filter(pk=pk)
    try:
        is_taken = handing.hand_over(mail)
    except handing.InDoubt:
        log.warning("Notice %s is in doubt", pk)
        return False
    if not is_taken:
        rows.update(tried_at=None)
        return False
    rows.update(sent_at=now)
    _acknowledge(notice, now)
    return True


def _take(pk: int, now: dt.datetime) -> Notice | None:
    """Only one of two workers gets it; a letter that was tried before goes to none."""
    with transaction.atomic():
        free = Notice.objects.select_for_update(skip_locked=True, of=("self",))
        notice = free.filter(pk=pk, sent_at=None, tried_at=None).first()
        if notice is not None:
            Notice.objects.filter(pk=pk).update(tried_at=now)
    return notice


def message_id(notice: Notice) -> str:
    """The same at every attempt, so that a mailbox recognises a repeated letter."""
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip(" >")
    return f"<notice-{notice.pk}@{domain}>"


def sent_as(message_id: str) -> tuple[str, int]:
    """The kind and the number of the letter or message of ours that was sent under it;
    nothing for anybody else's."""
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip(" >")
    ours = rf"<(notice|message)-([0-9]{{1,18}})@{re.escape(domain)}>"
    found = re.fullmatch(ours, message_id)
    return (found[1], int(found[2])) if found else ("", 0)


def doubtful(*, now: dt.datetime) -> QuerySet[Notice]:
    """Handed to a mail server that did not answer, or by a worker that died: sent or
    not, we can't know.

    The mail server's log has it under `message_id`; then `settle` records which.
    """
    return Notice.objects.filter(sent_at=None, tried_at__lt=now - LONGEST_SENDING)


def settle(*, notice: Notice, was_sent: bool, by: str, now: dt.datetime) -> None:
    """What a person found in the mail server's log; if it was not sent, it is sent
    now."""
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


def to_post() -> list[Notice]:
    """Letters that no machine can send, because nobody named an e-mail address; the
    oldest first."""
    rows = Notice.objects.filter(sent_at=None, tried_at=None)
    some = rows.select_related("ticket__request").order_by("written_at", "pk")
    some = some.prefetch_related("ticket__left_out")
    return [each for each in some[:MOST] if not address_of(each.ticket)]


def by_hand(
    *, notice: Notice, by: str, now: dt.datetime, on: dt.date | None = None
) -> None:
    """Somebody printed or copied it and sent it, where no mail could be sent; `on` is
    the day, today without it. Raises `NotThatDay`."""
    sent_at = _moment(on, notice.written_at, now) if on else now
    with transaction.atomic():
        rows = Notice.objects.filter(pk=notice.pk, sent_at=None, tried_at=None)
        if not rows.update(sent_at=sent_at):
            raise SentAlready
        _acknowledge(notice, sent_at)
        audit.record(
            action="notice.sent_by_hand",
            subject=f"ticket:{notice.ticket}",
            by=by,
            now=now,
            notice=notice.pk,
            sent=sent_at.isoformat(),
        )


def _moment(on: dt.date, written_at: dt.datetime, now: dt.datetime) -> dt.datetime:
    """Noon of that day, if it is over; nothing is sent before it was written."""
    today = deadlines.day_of(now)
    if not deadlines.day_of(written_at) <= on <= today:
        raise NotThatDay
    zone = zoneinfo.ZoneInfo(settings.LEGAL_TIME_ZONE)
    noon = dt.datetime.combine(on, dt.time(12), zone)
    return now if on == today else max(noon, written_at)


def _acknowledge(notice: Notice, now: dt.datetime) -> None:
    """A receipt that was sent acknowledges the whole request."""
    if notice.kind == Notice.Kind.RECEIPT:
        mine = Ticket.objects.filter(request=notice.ticket.request_id)
        asked = mine.filter(acknowledged_at=None)
        with transaction.atomic():
            tickets.lock(asked)
            asked.update(acknowledged_at=now)


def unsent() -> list[Ticket]:
    """Requests with a letter that no mail server has accepted yet."""
    mine = Notice.objects.filter(sent_at=None, tried_at=None)
    return list(Ticket.objects.filter(notices__in=mine).distinct())


def envelope_of(ticket: Ticket) -> str:
    """The lines of a postal address, if somebody gave one, below the name of
    whoever asks."""
    known = json.loads(ticket.requester.open()) if ticket.requester else {}
    if not known.get("post"):
        return ""
    name = _acting(ticket).get("name", "") or known.get("name", "")
    return "\n".join(filter(None, (name, known["post"])))


def address_of(ticket: Ticket) -> str:
    """Where they wrote from; else an address that the request named, if any, unless
    letters go by post or somebody else named it. Never one that was left out."""
    known = json.loads(ticket.requester.open()) if ticket.requester else {}
    written = str(known.get("email", ""))
    if written and not _is_left_out(ticket, written):
        return written
    if known.get("post") or _acting(ticket):
        return ""
    for row in ticket.identifiers.filter(kind=Kind.EMAIL, erased_at=None):
        return identifiers.value(row).value
    return ""


def correspondents(ticket: Ticket) -> set[str]:
    """The addresses that letters about it come from and go to: of whoever asked, or
    asks for them."""
    known = {address_of(ticket), _acting(ticket).get("email", "")} - {""}
    return {each.lower() for each in known if not _is_left_out(ticket, each)}


def _acting(ticket: Ticket) -> dict[str, str]:
    """The name and address of whoever asks for the person; empty if nobody does."""
    row = Representative.objects.filter(ticket__request=ticket.request_id).first()
    return dict(json.loads(row.details.open())) | {"as": row.capacity} if row else {}


def _is_left_out(ticket: Ticket, address: str) -> bool:
    gone = {row.digest for row in ticket.left_out.all()}
    try:
        return bool(gone) and not gone.isdisjoint(
            identifiers.digests(identifiers.email(address))
        )
    except identifiers.NotAnIdentifier:
        return False
