"""The ledger against what was sent: every message that went out after an opt-out.

Read from the platform's own message table, not from what the portal believes. One
confirmation within five minutes of the opt-out is allowed (47 CFR 64.1200(a)(12)).
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from consent.models import Channel, MessageLog, Standing
from consent.scopes import WHOLE
from privacy import identifiers, spellings, stores
from privacy.datamap import Map
from privacy.identifiers import AlreadyErased, NotAnIdentifier

CONFIRMATION = dt.timedelta(minutes=5)
CHUNK = 200  # people in one statement


@dataclass(frozen=True)
class Late:
    """One message to a person who had opted out; named by its key alone."""

    subject: str
    sent_at: dt.datetime
    is_marketing: bool


def late_messages() -> Iterator[Late]:
    """Every message in every log that was sent against an opt-out still in force."""
    for log in MessageLog.objects.select_related("table__store"):
        mapped = Map(log.table.store)
        with stores.reaching(log.table.store):
            for people in _chunks(_opted_out()):
                yield from _sent_to(mapped, log, people)


def _opted_out() -> Iterator[Standing]:
    """Of senders as a whole: the log does not say which program wrote."""
    rows = Standing.objects.filter(
        channel=Channel.SMS, state=Standing.State.OPTED_OUT, part=WHOLE
    ).select_related("identifier")
    return iter(rows.order_by("pk").iterator(chunk_size=CHUNK))


def _chunks(rows: Iterator[Standing]) -> Iterator[list[Standing]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


def _sent_to(mapped: Map, log: MessageLog, people: list[Standing]) -> Iterator[Late]:
    since: dict[str, list[Standing]] = {}
    texts: list[str] = []
    for person in people:
        try:
            mark = identifiers.value(person.identifier)
        except AlreadyErased:
            continue  # their number is nowhere any more, not even here
        since.setdefault(mark.value, []).append(person)
        texts += spellings.written(mark)
    earliest = min((person.since for person in people), default=None)
    for row in _messages(mapped, log, texts, earliest):
        for person in since.get(_number(row[log.recipient]), []):
            if _is_late(log, row, person):
                yield _named(log, row)
                break


def _messages(
    mapped: Map, log: MessageLog, texts: list[str], earliest: Any
) -> Iterator[dict[str, Any]]:
    table = mapped.tables[log.table.full_name]
    wanted = {f"{log.recipient}__in": texts, f"{log.sent_at}__gt": earliest}
    if log.direction:
        wanted[log.direction] = log.outbound
    names = [log.recipient, log.sent_at, log.kind, log.organization]
    rows = mapped.rows(table).filter(**wanted).order_by(*table.key)
    return iter(rows.values(*table.key, *filter(None, names)).iterator())


def _is_late(log: MessageLog, row: dict[str, Any], person: Standing) -> bool:
    sender = str(row[log.organization]) if log.organization else ""
    if person.organization and person.organization != sender:
        return False
    after = row[log.sent_at] - person.since
    confirms = after <= CONFIRMATION and not _is_marketing(log, row)
    return after > dt.timedelta(0) and not confirms


def _is_marketing(log: MessageLog, row: dict[str, Any]) -> bool:
    return bool(log.kind) and str(row[log.kind]) == log.marketing


def _named(log: MessageLog, row: dict[str, Any]) -> Late:
    key = ",".join(str(row[name]) for name in log.table.key)
    subject = f"{log.table}:{key}"
    return Late(subject, row[log.sent_at], _is_marketing(log, row))


def _number(text: str) -> str:
    try:
        return identifiers.phone(text).value
    except NotAnIdentifier:
        return ""
