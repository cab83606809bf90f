"""How long records of consent are kept: dated periods, and what is removed by them:
messages, dealings, do-not-call requests. For months of the ledger: `consent.months`.

What somebody wrote is kept sealed for its period, to prove what was understood. Then
the text is destroyed; the row stays, so that a message that a carrier delivers again is
recognised, and goes once the ledger months of its time are gone.
"""

import datetime as dt
import functools
from pathlib import Path

import yaml
from dateutil.relativedelta import relativedelta
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from consent import months, review
from consent.models import (
    Dealing,
    InboundMessage,
    KeepingRule,
    Listing,
    ListingBefore,
)
from privacy import audit, periods
from privacy import keeping as ends
from privacy.models import Hold

FILE = Path(__file__).resolve().parent / "rules" / "keeping.yaml"
BATCH = 1000  # messages a transaction
BY = "system"
What = KeepingRule.What
REQUESTED = Listing.List.REQUESTED


# --- the period ---------------------------------------------------------------------
def period(what: str, *, now: dt.datetime) -> KeepingRule:
    rules = KeepingRule.objects.filter(what=what)
    return periods.longest(rules, day=now.astimezone(dt.UTC).date())


def load() -> int:
    """Adds the periods of the file that are not rows yet; returns how many."""
    return periods.load(KeepingRule, FILE)


def too_short() -> list[KeepingRule]:
    """Periods of the ledger that are shorter than what their own citation requires."""
    said = yaml.safe_load(FILE.read_text())
    cited = {(each["code"], each["valid_from"]): each["months"] for each in said}
    rules = KeepingRule.objects.filter(what=What.LEDGER)
    return [
        rule
        for rule in rules
        if rule.months < cited.get((rule.code, rule.valid_from), 0)
    ]


# --- messages -----------------------------------------------------------------------
def cutoff(*, now: dt.datetime, what: str = What.MESSAGES) -> dt.datetime:
    return now - relativedelta(months=period(what, now=now).months)


def told(before: dt.datetime) -> QuerySet[InboundMessage]:
    """Messages from before that whose text still exists, except unclear ones after
    which the person said nothing clear."""
    return _may_go(before).filter(body__isnull=False)


def _may_go(before: dt.datetime) -> QuerySet[InboundMessage]:
    return InboundMessage.objects.filter(
        ~Q(meaning=InboundMessage.Meaning.AMBIGUOUS) | review.clear_since(),
        received_at__lt=before,
    )


def end_words(keys: list[int], by: str, now: dt.datetime) -> None:
    InboundMessage.objects.filter(pk__in=keys).update(
        body=None, call=None, ended_at=now
    )


KIND = ends.Kind(
    code="messages",
    title="What people wrote to senders",
    period=functools.partial(period, What.MESSAGES),
    cutoff=cutoff,
    parts=(
        ends.Part(
            "Message texts",
            "Text and call are deleted; meaning, time and carrier stay",
            told,
            "inboundmessage",
            end_words,
        ),
    ),
)


# --- purchases and inquiries ----------------------------------------------------------
def dealt(before: dt.datetime) -> QuerySet[Dealing]:
    """Dealings that no longer implied consent before that; the database refuses the
    rest."""
    return Dealing.objects.filter(ends_at__lt=before)


def end_dealings(keys: list[int], by: str, now: dt.datetime) -> None:
    Dealing.objects.filter(pk__in=keys).delete()


DEALINGS = ends.Kind(
    code="dealings",
    title="Purchases and inquiries that no longer imply consent",
    period=functools.partial(period, What.DEALINGS),
    cutoff=functools.partial(cutoff, what=What.DEALINGS),
    parts=(
        ends.Part(
            "Purchases and inquiries",
            "Deleted; the audit trail still shows that they were recorded",
            dealt,
            "dealing",
            end_dealings,
        ),
    ),
)


# --- requests to be left alone --------------------------------------------------------
def asked(before: dt.datetime) -> QuerySet[Listing]:
    """Requests that no longer counted before that; the database refuses the rest."""
    return Listing.objects.filter(list=REQUESTED, ends_at__lt=before)


def asked_before(before: dt.datetime) -> QuerySet[ListingBefore]:
    """What those said until they were repeated: nothing of it outlives the request, or
    goes before it."""
    same = Listing.objects.filter(identifier=OuterRef("identifier"), list=REQUESTED)
    lasting = same.exclude(ends_at__lt=before) | same.filter(ends_at=None)
    rows = ListingBefore.objects.filter(list=REQUESTED, ends_at__lt=before)
    return rows.exclude(Exists(lasting))


def end_requests(keys: list[int], by: str, now: dt.datetime) -> None:
    Listing.objects.filter(pk__in=keys).delete()


def end_before(keys: list[int], by: str, now: dt.datetime) -> None:
    ListingBefore.objects.filter(pk__in=keys).delete()


REQUESTS = ends.Kind(
    code="requests",
    title="Do-not-call requests that no longer count",
    period=functools.partial(period, What.REQUESTS),
    cutoff=functools.partial(cutoff, what=What.REQUESTS),
    parts=(
        ends.Part(
            "Do-not-call requests",
            "Deleted; the audit trail still shows that they were recorded",
            asked,
            "listing",
            end_requests,
        ),
        ends.Part(
            "What they said before they were repeated",
            "Deleted",
            asked_before,
            "listingbefore",
            end_before,
        ),
    ),
)


# --- rows without words -------------------------------------------------------------
def forget(*, now: dt.datetime) -> int:
    """Rows whose text was destroyed, from ledger months that are gone; returns how
    many."""
    count = 0
    while some := _forget_some(by=BY, now=now):
        count += some
    return count


def _forget_some(*, by: str, now: dt.datetime) -> int:
    began = months.began()
    if began is None:
        return 0
    with transaction.atomic():
        old = _may_go(began).filter(~Exists(_holds()), body=None).order_by("pk")
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


def _holds() -> QuerySet[Hold]:
    return Hold.objects.filter(released_at=None, identifiers=OuterRef("identifier"))
