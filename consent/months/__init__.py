"""The months of the consent ledger: each a partition, made before it begins.

An event belongs to the month (UTC) in which we learned of it. Nothing is refused
because a month has no partition: the event waits in the default one, which the
scheduler empties and the promise board watches.
"""

import datetime as dt

from dateutil.relativedelta import relativedelta
from django.db import transaction

from consent.models import LedgerMonth
from consent.sql import months as statements
from privacy.refusals import Refusal

AHEAD = 3  # months


class RecordEnded(Refusal):
    """That is before the consent record begins; older records were destroyed."""


def month_of(at: dt.datetime) -> dt.date:
    """Its first day."""
    return at.astimezone(dt.UTC).date().replace(day=1)


def unfiled() -> tuple[int, dt.datetime | None]:
    """How many events have no month yet, and when the oldest was recorded."""
    return statements.unfiled()


def began() -> dt.datetime | None:
    """Where the record begins, once months were removed: the instant after the last of
    them."""
    gone = LedgerMonth.objects.filter(ended_at__isnull=False).order_by("-first")
    last = gone.values_list("first", flat=True).first()
    return after(last) if last else None


def beginning() -> str:
    """Where the record begins, in words; empty while it is complete."""
    begin = began()
    if begin is None:
        return ""
    return (
        f"The consent record begins on {begin.day} {begin:%B %Y}. Earlier events that "
        "no longer count were kept for their period and then destroyed."
    )


def after(month: dt.date) -> dt.datetime:
    """The instant at which a month is over."""
    following = month + relativedelta(months=1)
    return dt.datetime.combine(following, dt.time(), dt.UTC)


def refuse_what_ended(*instants: dt.datetime | None) -> None:
    """How it was before the record begins nobody can say; “no” would be wrong."""
    begin = began()
    if begin and any(instant and instant < begin for instant in instants):
        raise RecordEnded(f"{beginning()} Nobody can say what applied before that.")


def keep_ready(*, now: dt.datetime) -> int:
    """Makes the partitions of this month and the next ones, and files every event under
    its month; returns how many partitions were made. Raises `OperationalError` when the
    ledger is busy: then the scheduler tries again."""
    with transaction.atomic():
        first = month_of(now)
        ahead = [first + relativedelta(months=n) for n in range(AHEAD + 1)]
        wait = statements.unfiled()[0]
        if not wait and all(map(statements.is_there, ahead)):
            return 0
        statements.hurry()
        statements.alone()
        if wait:
            statements.file()
        return sum(map(statements.make, ahead))
