"""The record of a request: how long it names the person, and what is left of it then.
11 CCR 7101 wants requests and answers kept for 24 months, and used for nothing else; no
law wants the person named for longer.

What 7101(b) lists is kept for good, because it names nobody: date, nature, manner, day
and nature of the answer, ground. Counts and the register read only that. This module
says which records end; `privacy.keeping` removes them.
"""

import datetime as dt
import zoneinfo
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from dateutil.relativedelta import relativedelta
from django.conf import settings
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
    Task,
    Ticket,
    Upload,
    Withdrawal,
)
from dsr.recipients import subjects_of
from privacy import identifiers, keeping, periods, plans
from privacy.models import Identifier, Instruction, Plan

FILE = Path(__file__).resolve().parent / "rules" / "records.yaml"
TAKEN_OUT = "Removed with the record."
# Rows about a ticket that say who it is, or in whose words; they go as a whole.
NAMING: tuple[type[Any], ...] = (
    Withdrawal, Message, Note, Task, Notice, Link, Representative, Upload, Proof,
    IdentityDecision, Package,
)  # fmt: skip


# --- the period -------------------------------------------------------------------


def period(*, now: dt.datetime) -> RecordRule:
    return periods.longest(RecordRule.objects.all(), day=day_of(now))


def load() -> int:
    """Adds the periods of the file that are not rows yet; returns how many."""
    return periods.load(RecordRule, FILE)


# --- which --------------------------------------------------------------------------
def cutoff(*, now: dt.datetime) -> dt.datetime:
    """Closed before this midnight: the whole period is over."""
    first = day_of(now) - relativedelta(months=period(now=now).months)
    zone = zoneinfo.ZoneInfo(settings.LEGAL_TIME_ZONE)
    return dt.datetime.combine(first, dt.time(), zone)


def answered(before: dt.datetime) -> QuerySet[Request]:
    """Requests whose last answer is from before that, and so is that of their appeals.
    A request stays if it or its appeal is open."""
    young = Q(closed_at=None) | Q(closed_at__gte=before)
    mine = Ticket.objects.filter(request=OuterRef("pk"))
    appeals = Ticket.objects.filter(about__request=OuterRef("pk"))
    return Request.objects.filter(
        Exists(mine),
        ~Exists(mine.filter(young)),
        ~Exists(appeals.filter(young)),
        ended_at=None,
    )


def settled(before: dt.datetime) -> QuerySet[Mail]:
    """Mails that became no request, as long after somebody settled them."""
    return Mail.objects.filter(tickets=None, settled_at__lt=before)


# --- the end of some hundred: `privacy.keeping` calls it ------------------------------
def end_requests(keys: list[int], by: str, now: dt.datetime) -> None:
    mine = {"ticket__request__in": keys}
    named = Q(tickets__request__in=keys) | Q(left_out_of__request__in=keys)
    people = list(Identifier.objects.filter(named).distinct())
    mails = list(Mail.objects.filter(tickets__request__in=keys).distinct())
    for model in NAMING:
        model.objects.filter(**mine).delete()
    Ticket.identifiers.through.objects.filter(**mine).delete()
    Ticket.left_out.through.objects.filter(**mine).delete()
    Mail.tickets.through.objects.filter(**mine).delete()
    plans.unname(Plan.objects.filter(tickets__request__in=keys))
    for field in ("decision", "extension_reason"):
        said = Ticket.objects.filter(request__in=keys).exclude(**{field: ""})
        said.update(**{field: TAKEN_OUT})
    told = [
        name
        for each in Ticket.objects.filter(request__in=keys)
        for name in subjects_of(each)
    ]
    Instruction.objects.filter(subject__in=told).update(document=None)
    Exchange.objects.filter(request__in=keys).update(number="", callbacks=[])
    Request.objects.filter(pk__in=keys).update(
        requester=None, words=None, once="", ended_at=now
    )
    alone = Mail.objects.filter(pk__in=[mail.pk for mail in mails], tickets=None)
    end_mails(list(alone.values_list("pk", flat=True)), by, now)
    _forget(people, by, now)


def end_mails(keys: list[int], by: str, now: dt.datetime) -> None:
    people = list(Identifier.objects.filter(mail__in=keys).distinct())
    Mail.objects.filter(pk__in=keys).delete()
    _forget(people, by, now)


def _forget(people: Iterable[Identifier], by: str, now: dt.datetime) -> None:
    """The value of an identifier goes with the last row that needed it."""
    for row in people:
        if row.erased_at is None and not identifiers.is_used(row):
            identifiers.forget(identifier=row, by=by, now=now)


KIND = keeping.Kind(
    code="records",
    title="Records of requests",
    period=period,
    cutoff=cutoff,
    parts=(
        keeping.Part(
            "Requests",
            "Letters, messages, notes, tasks, documents, mails and copies are deleted, "
            "and the person's details removed; the number, dates, right, law, outcome "
            "and ground stay",
            answered,
            "tickets__request",
            end_requests,
        ),
        keeping.Part(
            "Mails that became no request", "Deleted", settled, "mail", end_mails
        ),
    ),
)
