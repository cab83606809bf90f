"""How many marketing messages a person got, from the platform's own message tables.

The program's cap counts thirty days, a state's cap twenty-four hours.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError

from consent.models import MessageLog
from privacy import identifiers, spellings, stores
from privacy.datamap import Map
from privacy.identifiers import Mark, NotAnIdentifier

MONTH, DAY = dt.timedelta(days=30), dt.timedelta(hours=24)
CHUNK = 200  # people in one statement: each number has some twenty notations


class Cap(NamedTuple):
    """At most `most` in any `period`; `rule` says who wants it."""

    most: int
    period: dt.timedelta
    rule: str


Sent = dict[str, list[dt.datetime]]  # number: when it got messages, latest first


def reached(
    caps: Iterable[Cap], sent: Sequence[dt.datetime], at: dt.datetime
) -> tuple[Cap, dt.datetime] | None:
    """The cap that allows no more at this instant, and when it does again."""
    found = []
    for cap in caps:
        recent = [moment for moment in sent if moment > at - cap.period]
        if len(recent) >= cap.most:
            ends = recent[cap.most - 1] + cap.period if cap.most else at + cap.period
            found.append((cap, ends))
    return max(found, key=lambda each: each[1], default=None)


def sent_to(marks: Sequence[Mark], organization: str, at: dt.datetime) -> Sent:
    """Of thirty days; raises what the store raises when it can't be read."""
    sent: Sent = defaultdict(list)
    for log in MessageLog.objects.select_related("table__store"):
        with stores.reaching(log.table.store):
            for start in range(0, len(marks), CHUNK):
                _count(log, marks[start : start + CHUNK], organization, at, sent)
    for moments in sent.values():
        moments.sort(reverse=True)
    return sent


def _count(
    log: MessageLog, marks: Sequence[Mark], organization: str, at: dt.datetime, to: Sent
) -> None:
    wanted: dict[str, Any] = {
        f"{log.recipient}__in": [text for m in marks for text in spellings.written(m)],
        f"{log.sent_at}__gt": at - MONTH,
        f"{log.sent_at}__lte": at,
    }
    for column, value in (
        (log.direction, log.outbound),
        (log.kind, log.marketing),
        (log.organization, organization),
    ):
        if column and value:
            wanted[column] = value
    mapped = Map(log.table.store)
    try:
        rows = mapped.rows(mapped.tables[log.table.full_name]).filter(**wanted)
    except (ValidationError, ValueError):
        return  # an organization that the table's ids cannot name sent nothing
    for text, moment in rows.values_list(log.recipient, log.sent_at).iterator():
        to[_number(text)].append(moment)


def _number(text: str) -> str:
    try:
        return identifiers.phone(text).value
    except NotAnIdentifier:
        return ""
