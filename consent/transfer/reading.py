"""One row of a list: whose it is, what they said, when; or why it is refused."""

import datetime as dt
from dataclasses import dataclass
from typing import NamedTuple

from consent import ledger, marks
from consent.models import Channel, Event
from consent.transfer import files
from consent.transfer.files import Columns, Kind

LONGEST_ORGANIZATION = 64

NO_ADDRESS = "no phone number or e-mail address"
NO_KIND = "neither an opt-out nor an opt-in"
NO_CHANNEL = "no channel that fits the address"
NO_DATE = "the date cannot be read"
UNDATED_OPT_IN = "an opt-in needs its date"
FROM_THE_FUTURE = "the date is in the future"
LONG_ORGANIZATION = "the organization's id is too long"


@dataclass(frozen=True)
class Options:
    """What holds for every row that does not say it itself."""

    kind: str = ""
    channel: str = Channel.SMS
    organization: str = ""
    source: str = Event.Source.PROVIDERS


class Ready(NamedTuple):
    """A row as it will be recorded."""

    row: int
    kind: str
    value: str
    event: str
    channel: str
    covers: tuple[str, ...]
    organization: str
    occurred_at: dt.datetime | None


def read(
    number: int, row: list[str], columns: Columns, options: Options, now: dt.datetime
) -> Ready | str:
    wanted = Kind.EMAIL if options.channel == Channel.EMAIL else Kind.PHONE
    kind, text = columns.address(row, wanted)
    value = marks.read(kind, text)
    if value is None:
        return NO_ADDRESS
    said = columns.of(row, "kind")
    event = files.meaning(said) if said else options.kind
    if not event:
        return NO_KIND
    channel = _channel(columns.of(row, "channel"), kind, options)
    covers = REACHES.get((event, channel, kind))
    if covers is None:
        return NO_CHANNEL
    organization = columns.of(row, "organization") or options.organization
    if is_no_organization(organization):
        return LONG_ORGANIZATION
    when = columns.of(row, "occurred_at")
    occurred_at = files.moment(when) if when else None
    if problem := _problem(event, when, occurred_at, now):
        return problem
    return Ready(number, kind, value, event, channel, covers, organization, occurred_at)


def is_no_organization(text: str) -> bool:
    return len(text) > LONGEST_ORGANIZATION or "\x00" in text


def _channel(said: str, kind: str, options: Options) -> str:
    if said:
        return files.CHANNELS.get(files.plain(said), "")
    return Channel.EMAIL if kind == Kind.EMAIL else options.channel


def _problem(
    event: str, when: str, occurred_at: dt.datetime | None, now: dt.datetime
) -> str:
    """An undated opt-in could undo a STOP that came after it."""
    if when and occurred_at is None:
        return NO_DATE
    if occurred_at is None and event == Event.Kind.OPT_IN:
        return UNDATED_OPT_IN
    return FROM_THE_FUTURE if occurred_at and occurred_at > now else ""


def _reaches() -> dict[tuple[str, str, str], tuple[str, ...]]:
    """What each kind of event decides, by `ledger.reach`; nonsense is left out."""
    found = {}
    for event in (Event.Kind.OPT_OUT, Event.Kind.OPT_IN):
        for channel in Channel.values:
            for kind in (Kind.PHONE, Kind.EMAIL):
                try:
                    reach = ledger.reach(kind=event, channel=channel, mark_kind=kind)
                except ledger.WrongChannel:
                    continue
                found[str(event), str(channel), str(kind)] = reach
    return found


REACHES = _reaches()
