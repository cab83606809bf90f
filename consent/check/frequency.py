"""How many marketing messages a person got, from the platform's own message tables.

A program's cap counts thirty days, a state's cap twenty-four hours.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet

from consent import marks
from consent.models import MessageLog
from privacy import spellings, stores
from privacy.datamap import Map
from privacy.identifiers import Mark
from privacy.models import Identifier

MONTH, DAY = dt.timedelta(days=30), dt.timedelta(hours=24)
CHUNK = 200  # people in one statement: each number has some twenty notations


class Cap(NamedTuple):
    """At most `most` in any `period`; `rule` names the source."""

    most: int
    period: dt.timedelta
    rule: str


Sent = dict[str, list[dt.datetime]]  # number: when it got messages, latest first
Span = tuple[dt.datetime, dt.datetime]


def reached(
    caps: Iterable[Cap], sent: Sequence[dt.datetime], at: dt.datetime
) -> tuple[Cap, dt.datetime] | None:
    """The cap that is used up at this instant, and when it allows a message again."""
    found = []
    for cap in caps:
        recent = [moment for moment in sent if moment > at - cap.period]
        if len(recent) >= cap.most:
            ends = recent[cap.most - 1] + cap.period if cap.most else at + cap.period
            found.append((cap, ends))
    return max(found, key=lambda each: each[1], default=None)


def sent_to(
    people: Sequence[Mark],
    organization: str,
    at: dt.datetime,
    period: dt.timedelta = MONTH,
) -> Sent:
    """Messages before that instant; raises what the store raises when it can't be
    read."""
    sent: Sent = defaultdict(list)
    for log in MessageLog.objects.select_related("table__store"):
        with stores.reaching(log.table.store):
            for start in range(0, len(people), CHUNK):
                some = people[start : start + CHUNK]
                _count(log, some, organization, (at - period, at), sent)
    for moments in sent.values():
        moments.sort(reverse=True)
    return sent


def _count(
    log: MessageLog,
    people: Sequence[Mark],
    organization: str,
    between: Span,
    to: Sent,
) -> None:
    written = [text for mark in people for text in spellings.written(mark)]
    wanted: dict[str, Any] = {f"{log.recipient}__in": written}
    if log.organization and organization:
        wanted[log.organization] = organization
    try:
        rows = _marketing(log, between).filter(**wanted)
    except (ValidationError, ValueError):
        return  # an organization that the table's ids cannot name sent nothing
    for text, moment in rows.values_list(log.recipient, log.sent_at).iterator():
        to[marks.phone(str(text)) or ""].append(moment)


def _marketing(log: MessageLog, between: Span) -> QuerySet[Any]:
    """Marketing sent after the first instant and until the second."""
    after, until = between
    wanted: dict[str, Any] = {
        f"{log.sent_at}__gt": after,
        f"{log.sent_at}__lte": until,
    }
    for column, value in (
        (log.direction, log.outbound),
        (log.kind, log.marketing),
    ):
        if column and value:
            wanted[column] = value
    mapped = Map(log.table.store)
    return mapped.rows(mapped.tables[log.table.full_name]).filter(**wanted)


# --- looking back ---------------------------------------------------------------
def above(most: Mapping[str, int], now: dt.datetime) -> dict[str, int]:
    """For each sender, how many people got more marketing than its cap within some
    thirty days that ended in the last thirty.

    Senders without such people are left out. Counted by notation first, so that only a
    few are examined message by message.
    """
    totals: Counter[tuple[str, str]] = Counter()
    for log in MessageLog.objects.select_related("table__store"):
        with stores.reaching(log.table.store):
            for sender, number, count in _totals(log, (now - 2 * MONTH, now)):
                totals[sender, number] += count
    people: dict[str, list[Mark]] = defaultdict(list)
    for (sender, number), count in totals.items():
        if count > most.get(sender, count):
            people[sender].append(Mark(Identifier.Kind.PHONE, number))
    found = {
        sender: _exceeding(sent_to(those, sender, now, 2 * MONTH), most[sender])
        for sender, those in people.items()
    }
    return {sender: count for sender, count in found.items() if count}


def _totals(log: MessageLog, between: Span) -> Iterator[tuple[str, str, int]]:
    names = [log.organization, log.recipient] if log.organization else [log.recipient]
    rows = _marketing(log, between).order_by().values_list(*names)
    for *sender, text, count in rows.annotate(count=Count("*")).iterator():
        if number := marks.phone(str(text)):
            yield str(sender[0] or "") if sender else "", number, count


def _exceeding(sent: Sent, most: int) -> int:
    """How many of them; each one's times are latest first."""
    return sum(
        any(
            latest - first < MONTH
            for latest, first in zip(moments, moments[most:], strict=False)
        )
        for moments in sent.values()
    )
