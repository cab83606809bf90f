"""Is this recipient suppressed?"""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import Q

from consent import carrying, check
from consent.check import CHANNELS, Answer
from consent.suppressions.entries import channels, entry_id
from consent.suppressions.sources import EVENTS, SOURCES
from privacy import identifiers
from privacy.identifiers import Mark
from privacy.models import Identifier


class Active(NamedTuple):
    """Why they are, by which entry, and who told us."""

    answer: Answer
    entry: str | None
    source: str


def active(
    *, marks: Sequence[Mark], channel: str, organization: str, now: dt.datetime
) -> Active | None:
    """What forbids contact by that channel, or by any of `all`. Who is named by an id
    alone is asked about by the number and address of their record, too."""
    for mark in _with_owners(marks, now):
        for each in channels(channel):
            if each in CHANNELS.get(mark.kind, check.ALL):
                answer = check.forbidden(
                    mark, channel=each, organization=organization, now=now
                )
                if answer:
                    return _active(mark, answer, now)
    return None


def _with_owners(marks: Sequence[Mark], now: dt.datetime) -> list[Mark]:
    if any(mark.kind != Identifier.Kind.OTHER for mark in marks):
        return list(marks)
    whose = [each for mark in marks for each in carrying.owners(mark.value, now=now)]
    return [*marks, *carrying.in_order(whose)]


def _active(mark: Mark, answer: Answer, now: dt.datetime) -> Active:
    if event := answer.decided_by:
        return Active(answer, entry_id(event), event.route)
    whose = Q(
        identifier__kind=mark.kind, identifier__digest__in=identifiers.digests(mark)
    )
    for source in SOURCES:
        rows = source.rows("active", now).filter(whose, source.told_by(answer.reason))
        if source is not EVENTS and (row := rows.first()):
            return Active(answer, f"{source.prefix}_{row.pk}", answer.reason)
    return Active(answer, None, answer.reason)
