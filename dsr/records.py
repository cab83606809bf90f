"""The record of a request: how long it names the person, and what is left of it then.

11 CCR 7101 wants requests and answers kept for 24 months, and used for nothing else; no
law wants the person named for longer. What 7101(b) lists stays for good, because it is
nobody's: date, nature, manner, day and nature of the answer, ground. Counts and the
register read only that.
"""

import datetime as dt
import zoneinfo
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from dateutil.relativedelta import relativedelta
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from dsr.deadlines import day_of
from dsr.models import (
    Exchange,
    IdentityDecision,
    Link,
    Mail,
    Message,
    Note,
    Notice,
    Package,
    Proof,
    RecordRule,
    Representative,
    Request,
    Ticket,
    Upload,
)
from privacy import audit, identifiers, periods, plans
from privacy.models import Hold, Identifier, Plan
from privacy.periods import NoPeriod, NotApproved

FILE = Path(__file__).resolve().parent / "rules" / "records.yaml"
BATCH = 200  # requests a transaction
BY = "system"
TAKEN_OUT = "Taken out with the record."
# Rows about a ticket that say who it is, or in whose words; they go as a whole.
NAMING: tuple[type[Any], ...] = (
    Message, Note, Notice, Link, Representative, Upload, Proof, IdentityDecision,
    Package,
)  # fmt: skip


# --- the period -------------------------------------------------------------------


def period(*, now: dt.datetime) -> RecordRule:
    return periods.longest(RecordRule.objects.all(), day=day_of(now))


def is_approved(*, now: dt.datetime) -> bool:
    try:
        return period(now=now).is_approved
    except NoPeriod:
        return False


def approve(*, months: int, by: str, now: dt.datetime) -> RecordRule:
    """From then on the clock ends records; another number of months needs it anew."""
    rule, waiting = period(now=now), due(now=now).count()
    return periods.approve(rule, months=months, due=waiting, by=by, now=now)


def load() -> int:
    """The periods of the file that are not rows yet; how many were added."""
    return periods.load(RecordRule, FILE)


# --- which --------------------------------------------------------------------------


def due(*, now: dt.datetime) -> QuerySet[Request]:
    """Requests whose last answer is longer ago than the period, day by whole day.

    One that is open, has an appeal that is open or younger, or whose person is held
    (a matter, a restriction) stays as it is.
    """
    try:
        end = _end(now)
    except NoPeriod:
        return Request.objects.none()
    young = Q(closed_at=None) | Q(closed_at__gte=end)
    mine = Ticket.objects.filter(request=OuterRef("pk"))
    appeals = Ticket.objects.filter(about__request=OuterRef("pk"))
    held = Hold.objects.filter(
        released_at=None, identifiers__tickets__request=OuterRef("pk")
    )
    return Request.objects.filter(
        Exists(mine),
        ~Exists(mine.filter(young)),
        ~Exists(appeals.filter(young)),
        ~Exists(held),
        ended_at=None,
    ).order_by("pk")


def _end(now: dt.datetime) -> dt.datetime:
    """Closed before this midnight: at least the whole period is over."""
    first = day_of(now) - relativedelta(months=period(now=now).months)
    zone = zoneinfo.ZoneInfo(settings.LEGAL_TIME_ZONE)
    return dt.datetime.combine(first, dt.time(), zone)


# --- the end ------------------------------------------------------------------------


def end_due(*, now: dt.datetime, by: str = BY) -> int:
    """All that are due, some hundred a transaction; how many records ended."""
    if not is_approved(now=now):
        raise NotApproved
    count = 0
    while done := _end_some(now, by):
        count += done
    _end_mails(now, by)
    return count


def _end_some(now: dt.datetime, by: str) -> int:
    """The audit row comes first, and a worker that dies leaves the batch whole."""
    with transaction.atomic():
        rows = Request.objects.select_for_update(skip_locked=True).filter(
            pk__in=list(due(now=now).values_list("pk", flat=True)[:BATCH])
        )
        keys = list(rows.filter(ended_at=None).values_list("pk", flat=True))
        if keys:
            audit.record(
                action="records.ended",
                subject=f"recordrule:{period(now=now).pk}",
                by=by,
                now=now,
                requests=keys,
            )
            _end_each(keys, by, now)
    return len(keys)


def _end_each(keys: list[int], by: str, now: dt.datetime) -> None:
    mine = {"ticket__request__in": keys}
    people = list(Identifier.objects.filter(tickets__request__in=keys).distinct())
    mails = list(Mail.objects.filter(tickets__request__in=keys).distinct())
    for model in NAMING:
        model.objects.filter(**mine).delete()
    Ticket.identifiers.through.objects.filter(**mine).delete()
    Mail.tickets.through.objects.filter(**mine).delete()
    alone = Mail.objects.filter(pk__in=[mail.pk for mail in mails], tickets=None)
    people += Identifier.objects.filter(mail__in=alone).distinct()
    alone.delete()
    plans.unname(Plan.objects.filter(ticket__request__in=keys))
    for field in ("decision", "extension_reason"):
        said = Ticket.objects.filter(request__in=keys).exclude(**{field: ""})
        said.update(**{field: TAKEN_OUT})
    Exchange.objects.filter(request__in=keys).update(number="", callbacks=[])
    Request.objects.filter(pk__in=keys).update(requester=None, words=None, ended_at=now)
    _forget(people, by, now)


def _end_mails(now: dt.datetime, by: str) -> None:
    """Mails that became no request, as long after somebody settled them."""
    old = Mail.objects.filter(tickets=None, settled_at__lt=_end(now))
    with transaction.atomic():
        people = list(Identifier.objects.filter(mail__in=old).distinct())
        count = old.count()
        if count:
            audit.record(
                action="mails.ended", subject="mails", by=by, now=now, mails=count
            )
            old.delete()
            _forget(people, by, now)


def _forget(people: Iterable[Identifier], by: str, now: dt.datetime) -> None:
    """The value of an identifier goes with the last row that needed it."""
    for row in people:
        if row.erased_at is None and not identifiers.is_used(row):
            identifiers.forget(identifier=row, by=by, now=now)
