"""The end of a month of the ledger (16 CFR 310.5(b); the policy: at least five years).

The events of a month that is past its period go all at once: its partition is dropped.
This is the only code that takes anything out of the ledger, so what could go wrong, and
what stands against it, is written here.

- *A STOP that still counts is forgotten.* Not all goes. As in a book that is closed, a
  balance is carried: where every channel stood with every sender when the month was
  over (the event where that state began, and the one that last said so). It is carried
  for as long as it counts, and until five years after. So the record can still say, of
  any instant from its beginning on, where somebody stood; and standings made again from
  it are the same to the byte. Before anything goes, each standing is asked whether the
  event it rests on stays; if not, nothing goes (`StillDecides`).

- *The past is told later.* A list brings in what happened years ago; a correction takes
  something back. Of people of whom we learnt such a thing after the month, everything
  stays until that is past as well. What came first is then still there to compare with.

- *A hold.* Everything of people who are on hold, or whose data is restricted, stays.

- *A month goes too early, or nobody meant it.* It goes by the longest dated period in
  force, a day longer, in order, one after the other. One person previews it, another
  approves; the database refuses that both are the same. The approval is of a number of
  events, and the month must still have that number.

- *The worker dies.* All is one transaction, the row of the audit trail before the first
  change; killed, nothing happened, and the clock comes again. Letters about events
  (deliveries) go before it, some at a time: they are of no use after five years.

- *Somebody writes meanwhile.* What stays is read and copied while others write. Then
  everything is locked for the exchange alone, and whatever came since is looked at: if
  it tells of the past, or is a new hold, we start anew. Nobody waits long for us: the
  copy was checked before, and whoever is busy makes us step back (`_be_alone`).

- *Nobody sees that it went.* The trail says how many events went and how many stayed,
  `audit verify` says which months, and questions about a time before the record begins
  are answered with just that (`RecordEnded`), not with “no”. The lines of the events
  stay, so that numbers have no gap and no list brings the same facts in again.
"""

import datetime as dt

from dateutil.relativedelta import relativedelta
from django.db import OperationalError, transaction
from django.db.models import QuerySet

from consent import keeping, months
from consent.models import KeepingRule, LedgerMonth
from consent.sql import endings
from consent.sql import months as partitions
from consent.sql import statements as ledger
from privacy import audit
from privacy.periods import NoPeriod
from privacy.refusals import Refusal

TRIES = 20


class NotDue(Refusal):
    """That month is not past its period, or an earlier one must be destroyed first."""


class SamePerson(Refusal):
    """You previewed it yourself; another person must approve it."""


class NotPreviewed(Refusal):
    """Somebody must preview first what would be destroyed."""


class Changed(Refusal):
    """The month has changed since the preview. Preview it again."""


class StillDecides(Refusal):
    """Some standings rest on events that would be destroyed. Run “consent rebuild” to
    derive them again from the ledger, then try again."""


class Unsettled(Refusal):
    """The ledger is busy; it is tried again by itself."""


# --- which --------------------------------------------------------------------------
def due(*, now: dt.datetime) -> list[dt.date]:
    """Months (their first days) that are past their period by a day, oldest first."""
    try:
        period = keeping.period(KeepingRule.What.LEDGER, now=now)
    except NoPeriod:
        return []
    today = now.astimezone(dt.UTC).date()
    over = relativedelta(months=1 + period.months)
    return [each for each in endings.months_there() if each + over < today]


def preview(*, by: str, now: dt.datetime) -> LedgerMonth:
    """What would be removed with the next month that is due, for another person to
    approve."""
    first = _next(now)
    with transaction.atomic():
        events = endings.count(months.after(first))
        kept = endings.staying(months.after(first))
        row, _ = LedgerMonth.objects.update_or_create(
            first=first,
            defaults={
                "events": events,
                "kept": kept,
                "previewed_by": by,
                "previewed_at": now,
                "approved_by": "",
                "approved_at": None,
                "problem": "",
            },
        )
        _record("ledger.month_previewed", row, by, now)
    return row


def waiting() -> QuerySet[LedgerMonth]:
    """Months that were previewed and wait for another person to approve."""
    return LedgerMonth.objects.filter(approved_at=None, ended_at=None)


def approve(*, row: LedgerMonth, by: str, now: dt.datetime) -> LedgerMonth:
    """It will be destroyed within the hour."""
    with transaction.atomic():
        row = LedgerMonth.objects.select_for_update().get(pk=row.pk)
        if row.ended_at or row.approved_at or row.first != _next(now):
            raise NotDue
        if row.previewed_by == by:
            raise SamePerson
        row.approved_by, row.approved_at = by, now
        row.save(update_fields=["approved_by", "approved_at"])
        _record("ledger.month_approved", row, by, now)
    return row


def _next(now: dt.datetime) -> dt.date:
    found = due(now=now)
    if not found:
        raise NotDue("No ledger month is past its period yet: there is nothing to do.")
    if found[0] != endings.months_there()[0]:
        raise NotDue
    return found[0]


# --- the end ------------------------------------------------------------------------
def end_approved(*, now: dt.datetime) -> int:
    """Removes all that is approved; returns how many months. One that can't be removed
    raises why."""
    ended = 0
    for row in LedgerMonth.objects.filter(
        approved_at__isnull=False, ended_at=None
    ).order_by("first"):
        try:
            end(row=row, now=now)
        except Refusal as refusal:
            LedgerMonth.objects.filter(pk=row.pk).update(problem=str(refusal))
            return ended
        ended += 1
    return ended


def end(*, row: LedgerMonth, now: dt.datetime) -> None:
    """Raises why it can't be removed now; then nothing has happened."""
    if row.approved_at is None:
        raise NotPreviewed
    if row.first != _next(now):
        raise NotDue
    until = months.after(row.first)
    while endings.forget_letters(until, endings.newest(until)):
        pass
    try:
        with transaction.atomic():
            partitions.hurry()
            endings.prepare(until)
        _end(row, until, now)
    except OperationalError:
        raise Unsettled from None


def _end(row: LedgerMonth, until: dt.datetime, now: dt.datetime) -> None:
    with transaction.atomic():
        partitions.hurry()
        last = endings.last()
        row.events, before = endings.count(until), row.events
        if row.events != before or partitions.unfiled()[0]:
            raise Changed
        row.kept = endings.staying(until)
        newest = endings.newest(until)
        if endings.undone(until, newest):
            raise StillDecides
        endings.copy(until)
        _be_alone()
        if endings.arrived(until, last):
            raise Unsettled
        _record(audit.MONTH_ENDED, row, row.approved_by, now)
        endings.forget_words(until, newest)
        endings.swap(row.first)
        row.ended_at, row.problem = now, ""
        row.save(update_fields=["events", "kept", "ended_at", "problem"])


def _be_alone() -> None:
    """Locks until commit, with a few tries: whoever is in the middle of something goes
    first."""
    for left in reversed(range(TRIES)):
        try:
            with transaction.atomic():
                partitions.alone()
                ledger.lock()
            return
        except OperationalError:
            if not left:
                raise


def _record(action: str, row: LedgerMonth, by: str, now: dt.datetime) -> None:
    audit.record(
        action=action,
        subject=f"ledgermonth:{row.pk}",
        by=by,
        now=now,
        month=f"{row.first:%Y-%m}",
        events=row.events,
        kept=row.kept,
        gone=row.events - row.kept,
    )
