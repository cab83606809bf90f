"""A phone number has owners over time; a row belongs to the owner of its own day."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils import timezone

from privacy import identifiers
from privacy.identifiers import Mark
from privacy.models import OwnerPeriod
from privacy.subjects.rows import Days, Found, Row


def read(founds: Sequence[Found]) -> None:
    """Notes, for everyone searched for, when they had each of their marks."""
    periods = _periods({mark for found in founds for mark in found.marks})
    for found in founds:
        for mark in found.marks:
            if mark in periods:
                found.had[mark] = time_of(periods[mark], found.at)


def noted(marks: Iterable[Mark], at: dt.datetime) -> dict[Mark, Days]:
    """When whoever asks had each mark, where staff noted that owners changed."""
    return {mark: time_of(some, at) for mark, some in _periods(marks).items()}


def _periods(marks: Iterable[Mark]) -> dict[Mark, list[OwnerPeriod]]:
    digests = {d: mark for mark in marks for d in identifiers.digests(mark)}
    rows = OwnerPeriod.objects.filter(identifier__digest__in=list(digests))
    periods: dict[Mark, list[OwnerPeriod]] = {}
    for row in rows.select_related("identifier").order_by("since"):
        periods.setdefault(digests[row.identifier.digest], []).append(row)
    return periods


def time_of(periods: Sequence[OwnerPeriod], at: dt.datetime) -> Days:
    """First and last day of the owner on the day of the request.

    The days between two known owners belong to an unknown one, from the day after the
    last one's end.
    """
    today = _day(at)
    ended = [p.until for p in periods if p.until and p.until < today]
    for period in periods:
        begun = period.since is None or period.since <= today
        if begun and (period.until is None or period.until >= today):
            return period.since, period.until
    after = max(ended) + dt.timedelta(days=1) if ended else None
    coming = [p.since for p in periods if p.since and p.since > today]
    return after, min(coming) - dt.timedelta(days=1) if coming else None


def is_elsewhere(found: Found, mark: Mark, row: Row, date: Any) -> bool:
    """Whether the row is from a time when somebody else had the number."""
    if mark not in found.had:
        return False
    if date is None:
        found.undated.add(row.place)
        return True
    return not is_within(found.had[mark], date)


def is_within(days: Days, date: Any) -> bool:
    since, until = days
    day = _day(date)
    return not ((since and day < since) or (until and day > until))


def common(one: Days, other: Days) -> Days:
    """The days that both have."""
    since = [day for day, _ in (one, other) if day]
    until = [day for _, day in (one, other) if day]
    return max(since, default=None), min(until, default=None)


GivenUp = tuple[Found, Mark, Any]  # by another owner, on that day


def note_given_up(some: Sequence[GivenUp]) -> None:
    """The store itself says when the number was another's: the person had it from the
    day after, unless staff noted something more exact."""
    for found, mark, gone in some:
        first = _day(gone) + dt.timedelta(days=1)
        since, until = found.had.get(mark, (None, None))
        if since is None or (found.told.get(mark) and since < first):
            found.had[mark] = (first, until)
            found.told[mark] = True


def is_past(gone: Any, at: dt.datetime) -> bool:
    """Whether it had been given up when the person asked."""
    if isinstance(gone, dt.datetime) and timezone.is_aware(gone):
        return gone <= at
    return _day(gone) < _day(at)


def _day(date: Any) -> dt.date:
    if not isinstance(date, dt.datetime):
        return date
    aware = date if timezone.is_aware(date) else date.replace(tzinfo=dt.UTC)
    return aware.astimezone(dt.UTC).date()
