"""Reads the platforms' logs, some thousand messages at a time."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from typing import Any

from consent import marks, programs
from consent.check.consents import Row
from consent.honour import What, Window
from consent.instants import instant_of
from consent.models import Event, MessageLog, Program
from consent.programs import About
from consent.reconcile.judging import (
    Late,
    Request,
    Stand,
    is_clear,
    rows_then,
    stopped,
    unwanted,
)
from consent.sql import late
from privacy import stores
from privacy.datamap import Map
from privacy.identifiers import Mark
from privacy.models import Identifier

CHUNK = 20_000  # messages in one statement


def late_messages() -> Iterator[Late]:
    """Every message in every log that was sent against an opt-out in force then."""
    window = Window(What.CONFIRM)
    for log in MessageLog.objects.select_related("table__store"):
        mapped, ours = Map(log.table.store), programs.of_numbers()
        confirmed: dict[int | None, Late] = {}
        with stores.reaching(log.table.store):
            sent = _messages(mapped, log)
            while chunk := list(islice(sent, CHUNK)):
                yield from _unconfirmed(_late(log, chunk, ours), confirmed, window)


def _messages(mapped: Map, log: MessageLog) -> Iterator[dict[str, Any]]:
    table = mapped.tables[log.table.full_name]
    wanted = {log.direction: log.outbound} if log.direction else {}
    names = [log.recipient, log.sent_at, log.kind, log.organization, log.sender]
    rows = mapped.rows(table).filter(**wanted).order_by(*table.key)
    return iter(rows.values(*table.key, *filter(None, names)).iterator(CHUNK))


# --- one chunk ------------------------------------------------------------------
def _late(
    log: MessageLog, chunk: list[dict[str, Any]], ours: dict[str, Program]
) -> list[Late]:
    """Compared with the opt-outs as they stood when each was sent."""
    sent: dict[str, list[Late]] = defaultdict(list)
    for row in chunk:
        number = marks.phone(str(row[log.recipient] or ""))
        at = instant_of(row[log.sent_at])
        if number and at:
            sent[number].append(_message(log, row, at, ours))
    stands, requests = _stands(list(sent)), _requests(list(sent))
    history = _history(sent, stands)
    found: list[Late | None] = []
    for number in {**stands, **requests}:
        told = stands[number]
        for message in sent[number]:
            rows = rows_then(message, told, history)
            found.append(
                stopped(message, told, rows)
                or unwanted(message, requests[number], rows)
            )
    return [each for each in found if each]


def _message(
    log: MessageLog, row: dict[str, Any], at: dt.datetime, ours: dict[str, Program]
) -> Late:
    key = ",".join(str(row[name]) for name in log.table.key)
    is_marketing = bool(log.kind) and str(row[log.kind]) == log.marketing
    organization = str(row[log.organization] or "") if log.organization else ""
    purpose = Program.Purpose.MARKETING if is_marketing else ""
    about = _about(log, row, organization, ours, purpose)
    return Late(log, key, at, is_marketing, about)


def _about(
    log: MessageLog,
    row: dict[str, Any],
    organization: str,
    ours: dict[str, Program],
    purpose: str,
) -> About:
    """The program whose number sent it; the sender as a whole where the log does not
    say, or names another sender."""
    said = str(row[log.sender] or "") if log.sender else ""
    number = marks.phone(said) or said
    program = ours.get(number)
    if program is None or program.organization != (
        organization or program.organization
    ):
        return About(organization)
    return programs.about(program, purpose, [number])


def _stands(numbers: list[str]) -> dict[str, list[Stand]]:
    people = [Mark(Identifier.Kind.PHONE, number) for number in numbers]
    found: dict[str, list[Stand]] = defaultdict(list)
    for place, who, *told in late.standings(marks.digests_of(people), len(people)):
        found[numbers[place]].append(Stand(who, Row(*told)))
    return found


def _requests(numbers: list[str]) -> dict[str, list[Request]]:
    people = [Mark(Identifier.Kind.PHONE, number) for number in numbers]
    found: dict[str, list[Request]] = defaultdict(list)
    for place, *told in late.requests(marks.digests_of(people), len(people)):
        found[numbers[place]].append(Request(*told))
    return found


def _history(
    sent: dict[str, list[Late]], stands: dict[str, list[Stand]]
) -> dict[int, list[Event]]:
    """All that those people said whose present standing is younger than a message."""
    unclear = {
        stand.identifier
        for number, told in stands.items()
        for stand in told
        if any(not is_clear(told, message.sent_at) for message in sent[number])
    }
    events: dict[int, list[Event]] = defaultdict(list)
    told = Event.objects.filter(identifier__in=unclear).select_related("program")
    for event in told.iterator():
        events[event.identifier_id].append(event)
    return events


def _unconfirmed(
    found: list[Late], confirmed: dict[int | None, Late], window: Window
) -> Iterator[Late]:
    """Without the first service message that came soon enough after each opt-out, which
    is its confirmation; a second one is late."""
    for message in found:
        first = confirmed.get(message.event)
        if not _may_confirm(message, window):
            yield message
        elif first is None:
            confirmed[message.event] = message
        elif message.sent_at < first.sent_at:
            confirmed[message.event] = message
            yield first
        else:
            yield message


def _may_confirm(message: Late, window: Window) -> bool:
    after = message.sent_at - message.opted_out_at
    return after <= window.at(message.opted_out_at) and not message.is_marketing
