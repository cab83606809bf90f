"""Letters that were written and not sent: whom they concern hears nothing yet.

An extension of the time counts only if the person is told of it before the first last
day (GDPR Art. 12(3); 11 CCR 7021(b)); that its letter is written is not enough.
"""

import datetime as dt

from dsr import clocks
from dsr.deadlines import day_of
from dsr.models import Notice, Ticket
from dsr.receipts import OF_PARTNERS

Kind = Notice.Kind


def letters(days_after: int, days_before: int) -> list[tuple[Notice, dt.date]]:
    """Each, with the day from which somebody should be told. Receipts have a day of
    their own, and what a partner system asked it answers itself."""
    unsent = Notice.objects.filter(sent_at=None).exclude(kind=Kind.RECEIPT)
    some = unsent.exclude(ticket__request__source__in=OF_PARTNERS)
    some = some.select_related("ticket").order_by("written_at", "pk")
    return [(each, _from(each, days_after, days_before)) for each in some]


def _from(notice: Notice, days_after: int, days_before: int) -> dt.date:
    written = day_of(notice.written_at) + dt.timedelta(days=days_after)
    if notice.kind != Kind.EXTENSION:
        return written
    early = clocks.first_day(notice.ticket) - dt.timedelta(days=days_before)
    return min(written, early)


def untold(*, now: dt.datetime) -> list[tuple[Ticket, dt.date]]:
    """Open requests that were extended, with their first last day, whose person was
    not told by then."""
    sent = Notice.objects.filter(kind=Kind.EXTENSION, ticket__closed_at=None)
    days = [
        (each, clocks.first_day(each.ticket)) for each in sent.select_related("ticket")
    ]
    return [
        (each.ticket, day) for each, day in days if day_of(each.sent_at or now) > day
    ]
