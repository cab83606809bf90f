"""Purchases and inquiries that imply consent for a while, where the law says so.

In Canada for two years after a purchase or a contract, six months after an inquiry
(CASL s.10(9)-(10)). It is consent to that sender alone, lifts no STOP, and is not
needed beside express consent.
"""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db import transaction

from consent import telling
from consent.check import places
from consent.instants import happened
from consent.models import Dealing, DealingRule
from privacy import audit, identifiers, periods
from privacy.identifiers import Mark
from privacy.models import Identifier
from privacy.refusals import Refusal

MOST = 1000
RULES = Path(__file__).resolve().parent / "rules" / "dealings.yaml"


class ImpliesNothing(Refusal):
    """Where this person lives, a purchase or an inquiry implies no consent. For an
    e-mail address, give the country: CA."""


class NoSender(Refusal):
    """Say which sender they bought from or asked, and what proves it."""


class TooMany(Refusal):
    """At most 1,000 purchases or inquiries at once."""


def record(
    *,
    mark: Mark,
    organization: str,
    kind: str,
    happened_at: dt.datetime,
    source: str,
    by: str,
    now: dt.datetime,
    country: str = "",
) -> Dealing:
    """Once; reported again, it is the same row. A number shows its country itself."""
    if not organization or not source.strip():
        raise NoSender
    happened_at = happened(happened_at, now=now)
    ends_at, citation = implied(mark, kind, happened_at, country)
    found = {
        "ends_at": ends_at,
        "citation": citation,
        "source": source.strip(),
        "recorded_at": now,
        "recorded_by": by,
    }
    with transaction.atomic():
        row, is_new = Dealing.objects.get_or_create(
            identifier=identifiers.keep(mark, now=now),
            organization=organization,
            kind=kind,
            happened_at=happened_at,
            defaults=found,
        )
        if is_new:
            _record(row, by=by, now=now)
    return row


def record_many(
    *, told: Sequence[dict[str, Any]], by: str, now: dt.datetime
) -> list[Dealing]:
    """All or none; each as `record` takes it."""
    if len(told) > MOST:
        raise TooMany
    with transaction.atomic():
        return [record(**each, by=by, now=now) for each in told]


def _record(row: Dealing, *, by: str, now: dt.datetime) -> None:
    audit.record(
        action="dealing.recorded",
        subject=f"identifier:{row.identifier_id}",
        by=by,
        now=now,
        kind=row.kind,
        organization=row.organization,
    )
    telling.tell(
        telling.Type.DEALT,
        person=row.identifier,
        now=now,
        kind=row.kind,
        organization=row.organization,
        since=row.happened_at.isoformat(),
        until=row.ends_at.isoformat(),
    )


def implied(
    mark: Mark,
    kind: str,
    happened_at: dt.datetime,
    country: str,
    known: Sequence[DealingRule] | None = None,
) -> tuple[dt.datetime, str]:
    """Until when it implies consent, and by which rule; raises `ImpliesNothing`. Who
    asks for many reads the `rules` once."""
    known = rules() if known is None else known
    rule = _rule(known, _country(mark, country), kind, happened_at.date())
    return _end(happened_at, rule.months), rule.citation


def _country(mark: Mark, said: str) -> str:
    if mark.kind == Identifier.Kind.PHONE:
        return places.of_number(mark.value).country
    return said.upper()


def _rule(
    known: Sequence[DealingRule], country: str, kind: str, day: dt.date
) -> DealingRule:
    for rule in known:
        fits = rule.jurisdiction == country and rule.kind == kind
        if fits and rule.is_in_force(day):
            return rule
    raise ImpliesNothing


def _end(happened_at: dt.datetime, months: int) -> dt.datetime:
    """The midnight after the last day, UTC: in Canada that day is not over yet."""
    day = happened_at.astimezone(dt.UTC).date() + relativedelta(months=months, days=1)
    return dt.datetime.combine(day, dt.time(), dt.UTC)


def rules() -> Sequence[DealingRule]:
    """Of several in force, the longest first."""
    return list(DealingRule.objects.order_by("-months", "pk"))


def load() -> int:
    """Adds the rules of the file that are not rows yet; returns how many."""
    return periods.load(DealingRule, RULES)
