"""Compares the ledger with what was sent: every message that went out after an opt-out.

It reads the platform's own message table, not what the portal believes. One
confirmation soon after the opt-out is allowed (47 CFR 64.1200(a)(12)); how soon is a
dated rule. Each chunk is joined by digest, so that a number that has been erased here,
and an opt-out that a later consent lifted, are seen as well.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, NamedTuple

from consent import marks, programs, standings
from consent.check import consents
from consent.check.consents import Row
from consent.honour import What, Window
from consent.instants import instant_of, is_after
from consent.models import Channel, Event, LateMessage, MessageLog, Program, Standing
from consent.programs import About
from consent.scopes import WHOLE
from consent.sql import late
from privacy import stores
from privacy.datamap import Map
from privacy.identifiers import Mark
from privacy.models import Identifier

CHUNK = 20_000  # messages in one statement
BATCH = 1000
NEVER = dt.datetime.max.replace(tzinfo=dt.UTC)


@dataclass(frozen=True)
class Late:
    """One message to a person who had opted out, named by its key alone."""

    log: MessageLog
    key: str
    sent_at: dt.datetime
    is_marketing: bool
    about: About
    identifier: int = 0
    event: int = 0
    opted_out_at: dt.datetime = NEVER

    @property
    def subject(self) -> str:
        return f"{self.log.table}:{self.key}"


class Stand(NamedTuple):
    """A standing of the person with that row."""

    identifier: int
    told: Row


def look(*, now: dt.datetime) -> None:
    """Searches every log and stores what was found; removes what is no longer found."""
    found = late_messages()
    while batch := list(islice(found, BATCH)):
        LateMessage.objects.bulk_create(
            [
                LateMessage(
                    log=each.log,
                    key=each.key,
                    identifier_id=each.identifier,
                    organization=each.about.organization,
                    program_id=each.about.program,
                    sent_at=each.sent_at,
                    opted_out_at=each.opted_out_at,
                    event_id=each.event,
                    is_marketing=each.is_marketing,
                    seen_at=now,
                )
                for each in batch
            ],
            update_conflicts=True,
            unique_fields=["log", "key"],
            update_fields=[
                "event",
                "program",
                "opted_out_at",
                "is_marketing",
                "seen_at",
            ],
        )
    LateMessage.objects.filter(seen_at__lt=now).delete()


def found(most: int, *, after: int = 0) -> list[LateMessage]:
    """What the last search found, in the order of our own numbers."""
    rows = LateMessage.objects.filter(pk__gt=after).order_by("pk")
    return list(rows.select_related("log__table__store", "program")[:most])


def facts(row: LateMessage) -> dict[str, Any]:
    """As plain data, without the numbers."""
    return {
        "id": row.pk,
        "message": str(row),
        "organization": row.organization,
        "program": row.program.name if row.program else "",
        "sent_at": row.sent_at,
        "opted_out_at": row.opted_out_at,
        "event": row.event_id,
        "marketing": row.is_marketing,
        "seen_at": row.seen_at,
    }


def late_messages() -> Iterator[Late]:
    """Every message in every log that was sent against an opt-out in force then."""
    window = Window(What.CONFIRM)
    for log in MessageLog.objects.select_related("table__store"):
        mapped, ours = Map(log.table.store), programs.of_numbers()
        confirmed: dict[int, Late] = {}
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
    stands = _stands(list(sent))
    history = _history(sent, stands)
    found: list[Late] = []
    for number, told in stands.items():
        for message in sent[number]:
            found += _against(message, told, history)
    return found


def _message(
    log: MessageLog, row: dict[str, Any], at: dt.datetime, ours: dict[str, Program]
) -> Late:
    key = ",".join(str(row[name]) for name in log.table.key)
    is_marketing = bool(log.kind) and str(row[log.kind]) == log.marketing
    organization = str(row[log.organization] or "") if log.organization else ""
    return Late(log, key, at, is_marketing, _about(log, row, organization, ours))


def _about(
    log: MessageLog, row: dict[str, Any], organization: str, ours: dict[str, Program]
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
    return programs.about(program, numbers=[number])


def _stands(numbers: list[str]) -> dict[str, list[Stand]]:
    people = [Mark(Identifier.Kind.PHONE, number) for number in numbers]
    found: dict[str, list[Stand]] = defaultdict(list)
    for place, who, *told in late.standings(marks.digests_of(people), len(people)):
        found[numbers[place]].append(Stand(who, Row(*told)))
    return found


def _history(
    sent: dict[str, list[Late]], stands: dict[str, list[Stand]]
) -> dict[int, list[Event]]:
    """All that those people said whose present standing is younger than a message."""
    unclear = {
        stand.identifier
        for number, told in stands.items()
        for stand in told
        if any(not _is_clear(told, message.sent_at) for message in sent[number])
    }
    events: dict[int, list[Event]] = defaultdict(list)
    for event in Event.objects.filter(identifier__in=unclear).iterator():
        events[event.identifier_id].append(event)
    return events


def _is_clear(told: list[Stand], at: dt.datetime) -> bool:
    """Nothing was said since, or nothing but STOP."""
    return all(is_after(at, each.told.renewed_at) for each in told) or all(
        each.told.state == Standing.State.OPTED_OUT and is_after(at, each.told.since)
        for each in told
    )


def _against(
    message: Late, told: list[Stand], history: dict[int, list[Event]]
) -> Iterator[Late]:
    """The message with the opt-out that forbade it, if one did."""
    if _is_clear(told, message.sent_at):
        rows = [each.told for each in told]
    else:
        rows = [
            row
            for who in {each.identifier for each in told}
            for row in _rows_at(history.get(who, ()), message.sent_at)
        ]
    about = message.about
    if not about.organization:  # an opt-out from a named sender says nothing of it
        rows = [row for row in rows if not row.organization]
    if not about.parts:
        rows = [row for row in rows if row.part == WHOLE]
    stop = consents.blocking(rows, about)
    if stop:
        yield replace(
            message,
            identifier=told[0].identifier,
            event=stop.number,
            opted_out_at=stop.since,
        )


def _rows_at(events: Iterable[Event], at: dt.datetime) -> list[Row]:
    """Where a person stood just before the message."""
    before = [
        event
        for event in events
        if event.kind == Event.Kind.CORRECTION or is_after(at, event.occurred_at)
    ]
    return [
        Row(
            turn.organization,
            turn.state,
            turn.since,
            turn.renewed_at,
            turn.number,
            turn.part,
        )
        for turn in standings.fold(before)
        if turn.channel == Channel.SMS
    ]


def _unconfirmed(
    found: list[Late], confirmed: dict[int, Late], window: Window
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
