"""How many marketing messages a person got, from the platform's own message tables.

A program's cap counts thirty days of its own messages, a state's cap twenty-four hours
of its sender's. What can't be counted forbids the message: by default no cap is left to
the caller (`CALLER_COUNTS_MESSAGES`).
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet

from consent import marks, programs
from consent.models import MessageLog, Program
from consent.programs import About
from consent.versions import Then
from privacy import spellings, stores
from privacy.datamap import Map
from privacy.identifiers import Mark
from privacy.models import Identifier
from privacy.refusals import Refusal

MONTH, DAY = dt.timedelta(days=30), dt.timedelta(hours=24)
CHUNK = 200  # people in one statement: each number has some twenty notations


class Cap(NamedTuple):
    """At most `most` in any `period`; `rule` names the source. Messages from `others`,
    the numbers of other programs, do not count."""

    most: int
    period: dt.timedelta
    rule: str
    others: frozenset[str] = frozenset()


class Message(NamedTuple):
    """When it was sent; from which of our numbers, empty where the log does not say."""

    at: dt.datetime
    sender: str = ""


class NobodyCounts(Refusal):
    """No table of a connected store is marked as the log of messages."""


Sent = dict[str, list[Message]]  # number: the messages it got, latest first
Span = tuple[dt.datetime, dt.datetime]


def is_counted() -> bool:
    return MessageLog.objects.exists()


def reached(
    caps: Iterable[Cap], sent: Sequence[Message], at: dt.datetime
) -> tuple[Cap, dt.datetime] | None:
    """The cap that is used up at this instant, and when it allows a message again."""
    found = []
    for cap in caps:
        moments = [moment for moment in counting(cap, sent) if moment > at - cap.period]
        if len(moments) >= cap.most:
            ends = moments[cap.most - 1] + cap.period if cap.most else at + cap.period
            found.append((cap, ends))
    return max(found, key=lambda each: each[1], default=None)


def counting(cap: Cap, sent: Sequence[Message]) -> list[dt.datetime]:
    """When those were sent that the cap counts: all but other programs' own."""
    return [each.at for each in sent if each.sender not in cap.others]


def sent_to(
    people: Sequence[Mark],
    organization: str,
    at: dt.datetime,
    period: dt.timedelta = MONTH,
) -> Sent:
    """Messages before that instant; raises `NobodyCounts`, and what the store raises
    when it can't be read."""
    if not is_counted():
        raise NobodyCounts
    sent: Sent = defaultdict(list)
    for log in MessageLog.objects.select_related("table__store"):
        with stores.reaching(log.table.store):
            for start in range(0, len(people), CHUNK):
                some = people[start : start + CHUNK]
                _count(log, some, organization, (at - period, at), sent)
    for messages in sent.values():
        messages.sort(reverse=True)
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
    names = [log.recipient, log.sent_at, *filter(None, [log.sender])]
    for text, moment, *sender in rows.values_list(*names).iterator():
        message = Message(moment, _of_ours(*sender))
        to[marks.phone(str(text)) or ""].append(message)


def _of_ours(text: Any = "") -> str:
    """A number of ours as a program has it: +12025550100, a short code as it is."""
    return marks.phone(str(text or "")) or str(text or "")


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


def of_programs(about: About, then: Then | None = None) -> list[Cap]:
    """That of the named program, else of each of the sender's; without a sender none.
    As of `then`, if not now."""
    if not about.organization and about.program is None:
        return []
    rows = programs.of_sender(about.organization, then)
    return [
        _cap(row, rows)
        for row in rows
        if row.monthly_cap is not None and about.program in (None, row.pk)
    ]


def _cap(program: Program, rows: Sequence[Program]) -> Cap:
    numbers = {number for row in rows for number in row.numbers}
    others = frozenset(numbers - set(program.numbers))
    return Cap(program.monthly_cap or 0, MONTH, f"Program {program.name}", others)


# --- looking back ---------------------------------------------------------------
def above(
    caps: Mapping[str, Sequence[Cap]], now: dt.datetime
) -> Counter[tuple[str, Cap]]:
    """For each cap of a sender, how many people got more marketing than it allows
    within some thirty days that ended in the last thirty.

    Counted by notation first, so that only a few are examined message by message.
    """
    totals: Counter[tuple[str, str]] = Counter()
    for log in MessageLog.objects.select_related("table__store"):
        with stores.reaching(log.table.store):
            for sender, number, count in _totals(log, (now - 2 * MONTH, now)):
                totals[sender, number] += count
    people: dict[str, list[Mark]] = defaultdict(list)
    for (sender, number), count in totals.items():
        if any(count > cap.most for cap in caps.get(sender, [])):
            people[sender].append(Mark(Identifier.Kind.PHONE, number))
    found: Counter[tuple[str, Cap]] = Counter()
    for sender, those in people.items():
        sent = sent_to(those, sender, now, 2 * MONTH)
        for cap in caps[sender]:
            found[sender, cap] = _exceeding(sent, cap)
    return +found


def _totals(log: MessageLog, between: Span) -> Iterator[tuple[str, str, int]]:
    names = [log.organization, log.recipient] if log.organization else [log.recipient]
    rows = _marketing(log, between).order_by().values_list(*names)
    for *sender, text, count in rows.annotate(count=Count("*")).iterator():
        if number := marks.phone(str(text)):
            yield str(sender[0] or "") if sender else "", number, count


def _exceeding(sent: Sent, cap: Cap) -> int:
    """How many of them; each one's messages are latest first."""
    counted = [counting(cap, messages) for messages in sent.values()]
    return sum(
        any(
            latest - first < cap.period
            for latest, first in zip(moments, moments[cap.most :], strict=False)
        )
        for moments in counted
    )
