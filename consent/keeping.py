"""How long records of consent are kept: dated periods, and the messages that end by
them. The months of the ledger end in `consent.months`.

What somebody wrote is kept sealed for its period, to prove what was understood. Then
the words are destroyed; the row stays, so that a message that a carrier brings again is
known, and goes once the months of the ledger that it came in are gone.
"""

import datetime as dt
from pathlib import Path

import yaml
from dateutil.relativedelta import relativedelta
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from consent import months
from consent.models import Event, InboundMessage, KeepingRule
from privacy import audit, periods
from privacy.models import Hold
from privacy.periods import NoPeriod, NotApproved

FILE = Path(__file__).resolve().parent / "rules" / "keeping.yaml"
BATCH = 1000  # messages a transaction
BY = "system"
What = KeepingRule.What


# --- the period ---------------------------------------------------------------------
def period(what: str, *, now: dt.datetime) -> KeepingRule:
    rules = KeepingRule.objects.filter(what=what)
    return periods.longest(rules, day=now.astimezone(dt.UTC).date())


def is_approved(*, now: dt.datetime) -> bool:
    """Of messages. A month of the ledger is approved by itself."""
    try:
        return period(What.MESSAGES, now=now).is_approved
    except NoPeriod:
        return False


def approve(*, months: int, by: str, now: dt.datetime) -> KeepingRule:
    """From then on the clock ends messages; another number of months needs it anew."""
    rule, waiting = period(What.MESSAGES, now=now), due(now=now).count()
    return periods.approve(rule, months=months, due=waiting, by=by, now=now)


def load() -> int:
    """The periods of the file that are not rows yet; how many were added."""
    return periods.load(KeepingRule, FILE)


def too_short() -> list[KeepingRule]:
    """Periods of the ledger that are shorter than what their own citation says."""
    said = yaml.safe_load(FILE.read_text())
    cited = {(each["code"], each["valid_from"]): each["months"] for each in said}
    rules = KeepingRule.objects.filter(what=What.LEDGER)
    return [
        rule
        for rule in rules
        if rule.months < cited.get((rule.code, rule.valid_from), 0)
    ]


# --- messages -----------------------------------------------------------------------
def due(*, now: dt.datetime) -> QuerySet[InboundMessage]:
    """Messages past their period whose words are still there. Left alone: those of
    people on hold, and unclear ones after which the person said nothing clear."""
    try:
        months = period(What.MESSAGES, now=now).months
    except NoPeriod:
        return InboundMessage.objects.none()
    rows = _may_go(now - relativedelta(months=months))
    return rows.filter(body__isnull=False).order_by("received_at", "pk")


def _may_go(before: dt.datetime) -> QuerySet[InboundMessage]:
    held = Hold.objects.filter(released_at=None, identifiers=OuterRef("identifier"))
    clear = Event.objects.filter(
        identifier=OuterRef("identifier"),
        kind__in=[Event.Kind.OPT_IN, Event.Kind.OPT_OUT],
        occurred_at__gte=OuterRef("received_at"),
    )
    return InboundMessage.objects.filter(
        ~Q(meaning=InboundMessage.Meaning.AMBIGUOUS) | Exists(clear),
        ~Exists(held),
        received_at__lt=before,
    )


def end_due(*, now: dt.datetime, by: str = BY) -> int:
    """All that are due, some hundred a transaction; how many messages ended."""
    if not is_approved(now=now):
        raise NotApproved
    count = 0
    while done := _end_some(by=by, now=now):
        count += done
    while _forget_some(by=by, now=now):
        pass
    return count


def _end_some(*, by: str, now: dt.datetime) -> int:
    """The audit row comes first, and a worker that dies leaves the batch whole."""
    with transaction.atomic():
        rows = InboundMessage.objects.select_for_update(skip_locked=True, of=("self",))
        keys = list(due(now=now).values_list("pk", flat=True)[:BATCH])
        mine = rows.filter(pk__in=keys, body__isnull=False)
        keys = list(mine.values_list("pk", flat=True))
        if keys:
            rule = period(What.MESSAGES, now=now)
            audit.record(
                action="messages.ended",
                subject=f"keepingrule:{rule.pk}",
                by=by,
                now=now,
                messages=len(keys),
                first=keys[0],
                last=keys[-1],
            )
            InboundMessage.objects.filter(pk__in=keys).update(body=None, ended_at=now)
    return len(keys)


def _forget_some(*, by: str, now: dt.datetime) -> int:
    """Rows whose words ended, from months that went."""
    began = months.began()
    if began is None:
        return 0
    with transaction.atomic():
        old = _may_go(began).filter(body=None).order_by("pk")
        keys = list(old.values_list("pk", flat=True)[:BATCH])
        if keys:
            audit.record(
                action="messages.forgotten",
                subject="messages",
                by=by,
                now=now,
                messages=len(keys),
            )
            InboundMessage.objects.filter(pk__in=keys).delete()
    return len(keys)
