"""Who had a number when: carriers reassign numbers.

An entry is a fact with its ground; a mistake is withdrawn, never edited.
"""

import datetime as dt

from django.db import transaction

from privacy import audit
from privacy.models import Identifier, OwnerPeriod
from privacy.refusals import Refusal


class GroundNeeded(Refusal):
    """Say how we know since when, or until when, it is theirs."""


class NoDay(Refusal):
    """Say the first day, the last day, or both."""


class WrongOrder(Refusal):
    """The last day is before the first."""


class TwoOwners(Refusal):
    """Another owner had it on some of these days. Withdraw the wrong entry first."""


def note(
    *,
    identifier: Identifier,
    since: dt.date | None,
    until: dt.date | None,
    ground: str,
    by: str,
    now: dt.datetime,
) -> OwnerPeriod:
    """One owner's first and last day; a row dated otherwise is not theirs."""
    if not (since or until):
        raise NoDay
    if since and until and until < since:
        raise WrongOrder
    if not ground.strip():
        raise GroundNeeded
    with transaction.atomic():
        Identifier.objects.select_for_update().get(pk=identifier.pk)
        if any(_overlap(each, since, until) for each in identifier.owner_periods.all()):
            raise TwoOwners
        period = OwnerPeriod.objects.create(
            identifier=identifier, since=since, until=until, ground=ground.strip(),
            noted_by=by, noted_at=now,
        )  # fmt: skip
        _tell("owner.noted", period, by, now)
    return period


def withdraw(*, period: OwnerPeriod, by: str, now: dt.datetime) -> None:
    with transaction.atomic():
        _tell("owner.withdrawn", period, by, now)
        period.delete()


def _overlap(period: OwnerPeriod, since: dt.date | None, until: dt.date | None) -> bool:
    begins = period.since is None or until is None or period.since <= until
    ends = period.until is None or since is None or since <= period.until
    return begins and ends


def _tell(action: str, period: OwnerPeriod, by: str, now: dt.datetime) -> None:
    audit.record(
        action=action,
        subject=f"identifier:{period.identifier_id}",
        by=by,
        now=now,
        since=period.since and period.since.isoformat(),
        until=period.until and period.until.isoformat(),
        ground=period.ground,
    )
