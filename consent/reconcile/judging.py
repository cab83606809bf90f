"""Was a message sent against somebody's wish, as they stood when it went out?"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from consent import standings
from consent.check import consents
from consent.check.consents import Row
from consent.instants import is_after
from consent.models import Channel, Event, MessageLog, Program, Standing
from consent.programs import About
from consent.scopes import MARKETING, SERVICE, WHOLE

Purpose = Program.Purpose
NEVER = dt.datetime.max.replace(tzinfo=dt.UTC)


@dataclass(frozen=True)
class Late:
    """One message to a person who had opted out, named by its key alone; the event or
    the listing says what forbade it."""

    log: MessageLog
    key: str
    sent_at: dt.datetime
    is_marketing: bool
    about: About
    identifier: int = 0
    event: int | None = None
    listing: int | None = None
    opted_out_at: dt.datetime = NEVER

    @property
    def subject(self) -> str:
        return f"{self.log.table}:{self.key}"


class Stand(NamedTuple):
    """A standing of the person with that row."""

    identifier: int
    told: Row


class Request(NamedTuple):
    """To be left alone: a row of our own do-not-call list."""

    identifier: int
    listing: int
    since: dt.datetime
    until: dt.datetime | None

    def is_in_force(self, at: dt.datetime) -> bool:
        return is_after(at, self.since) and (self.until is None or at < self.until)


def is_clear(told: Sequence[Stand], at: dt.datetime) -> bool:
    """Nothing was said since, or nothing but STOP."""
    return all(is_after(at, each.told.renewed_at) for each in told) or all(
        each.told.state == Standing.State.OPTED_OUT and is_after(at, each.told.since)
        for each in told
    )


def rows_then(
    message: Late, told: Sequence[Stand], history: Mapping[int, Iterable[Event]]
) -> list[Row]:
    """Where the person stood with each sender when it was sent."""
    if is_clear(told, message.sent_at):
        return [each.told for each in told]
    return [
        row
        for who in {each.identifier for each in told}
        for row in _rows_at(history.get(who, ()), message.sent_at)
    ]


def stopped(message: Late, told: Sequence[Stand], rows: list[Row]) -> Late | None:
    """The message with the opt-out that forbade it, if one did."""
    about = message.about
    if not about.organization:  # an opt-out from a named sender says nothing of it
        rows = [row for row in rows if not row.organization]
    if not about.parts:
        purpose = Purpose.MARKETING if message.is_marketing else Purpose.SERVICE
        about = replace(about, purpose=purpose)
        own = MARKETING if message.is_marketing else SERVICE
        rows = [row for row in rows if row.part in (WHOLE, own)]
    stop = consents.blocking(rows, about)
    return stop and replace(
        message,
        identifier=told[0].identifier,
        event=stop.number,
        opted_out_at=stop.since,
    )


def unwanted(
    message: Late, requests: Iterable[Request], rows: list[Row]
) -> Late | None:
    """Marketing with the request that forbade it; only consent given later lifts
    one."""
    given = consents.consenting(rows, message.about, message.sent_at)
    for each in requests if message.is_marketing else ():
        is_lifted = given is not None and given.renewed_at > each.since
        if each.is_in_force(message.sent_at) and not is_lifted:
            return replace(
                message,
                identifier=each.identifier,
                listing=each.listing,
                opted_out_at=each.since,
            )
    return None


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
