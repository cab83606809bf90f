"""One row of a list: whose it is, what they said, when; or why it is refused."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from consent import dealings, ledger, listings, marks, programs
from consent.instants import FIRST_DAY
from consent.models import Channel, DealingRule, DoNotCallRule, Event, Listing
from consent.transfer import cells, dealt
from consent.transfer.columns import Columns, Kind
from consent.transfer.options import Options
from privacy.identifiers import Mark

# The words that were shown, and where; of a request to us, until when it is kept.
Proof = tuple[tuple[str, str], ...]
LONGEST_ORGANIZATION = 64
LONGEST_PROOF = {"wording": 4000, "page": 300}  # as `events.LONGEST_EVIDENCE`

NO_ADDRESS = "no phone number or e-mail address"
ROUNDED = "a spreadsheet rounded the number; save the column as text"
NO_KIND = "neither an opt-out nor an opt-in"
NOT_OUT = "it does not say that they opted out"
NOT_BLOCKED = "the carrier's refusal was not because of an opt-out"
CAME_IN = "an incoming message: its recipient is one of our numbers"
NO_CHANNEL = "no channel that fits the address"
NO_DATE = "the date cannot be read"
UNDATED_OPT_IN = "an opt-in needs its date"
FROM_THE_FUTURE = "the date is in the future"
TOO_EARLY = "the date is before 20 December 1991"
UNPROVEN = (
    "kept as unproven, not as consent: the wording shown, or where it was "
    "shown, is missing"
)
STOPPED = (
    "kept as unproven, and no consent: they said STOP before, which only a row with "
    "words and page of its own lifts"
)
LONG_ORGANIZATION = "the organization's id is too long"
SAYS_IN = "it says that they opted in, but this is a do-not-call list"
UNKNOWN_SENDER = "an opt-in to a sender that has no program"


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
    proof: Proof = ()
    is_proven: bool = True  # a consent: by words and a page of its own row


@dataclass(frozen=True)
class Ours:
    """What we know and no list says, read once: whose organization's each of our
    numbers is, and the periods of the law."""

    senders: Mapping[str, str] = field(default_factory=programs.by_number)
    requests: Sequence[DoNotCallRule] = field(default_factory=listings.rules)
    dealings: Sequence[DealingRule] = field(default_factory=dealings.rules)


def read(
    number: int,
    row: list[str],
    columns: Columns,
    options: Options,
    now: dt.datetime,
    ours: Ours,
) -> Ready | str:
    wanted = Kind.EMAIL if options.channel == Channel.EMAIL else Kind.PHONE
    kind, text = columns.address(row, wanted)
    value = marks.read(kind, text)
    if value is None:
        return ROUNDED if cells.ROUNDED.fullmatch(text) else NO_ADDRESS
    understand = _dealt if options.dealing else _told
    mark = Mark(kind, value)
    return understand(number, row, columns, options, mark, now, ours)


def _told(
    number: int,
    row: list[str],
    columns: Columns,
    options: Options,
    mark: Mark,
    now: dt.datetime,
    ours: Ours,
) -> Ready | str:
    """What the person said, or which list they are on."""
    event = _event(row, columns, options)
    if event not in EVENTS:
        return event
    channel = _channel(columns.of(row, "channel"), mark.kind, options)
    covers = REACHES.get((event, channel, mark.kind))
    if covers is None:
        return NO_CHANNEL
    organization = _organization(row, columns, options, ours.senders)
    if organization is None:
        if event == Event.Kind.OPT_IN:
            return UNKNOWN_SENDER
        organization = ""
    if is_no_organization(organization):
        return LONG_ORGANIZATION
    when = columns.of(row, "occurred_at")
    if event == Event.Kind.OPT_OUT:
        when = columns.of(row, "opted_out_at") or when
    occurred_at = _moment(when, options) if when else None
    if problem := _problem(event, when, occurred_at, now):
        return problem
    proof: Proof = ()
    is_proven = True
    if options.listing == Listing.List.REQUESTED:
        proof = _kept(mark, occurred_at or now, ours)
    if event == Event.Kind.OPT_IN:
        proof = _proof(row, columns, options)
        event, covers = _proven(proof, covers)
        is_proven = all(columns.of(row, name) for name in LONGEST_PROOF)
    told = event, channel, covers, organization, occurred_at, proof, is_proven
    return Ready(number, mark.kind, mark.value, *told)


def _dealt(
    number: int,
    row: list[str],
    columns: Columns,
    options: Options,
    mark: Mark,
    now: dt.datetime,
    ours: Ours,
) -> Ready | str:
    """The person's dealing with a named sender, and until when it implies consent."""
    what = dealt.kind(row, columns, options.dealing)
    organization = _organization(row, columns, options, ours.senders)
    when = columns.of(row, "occurred_at")
    if not what:
        return dealt.NO_KIND
    if not organization or is_no_organization(organization):
        return LONG_ORGANIZATION if organization else dealt.NO_SENDER
    happened_at = _moment(when, options) if when else None
    if problem := _problem(what, when, happened_at, now):
        return problem
    if happened_at is None:
        return dealt.NO_DATE
    facts = dealt.facts(
        row,
        columns,
        mark=mark,
        what=what,
        happened_at=happened_at,
        country=options.country,
        rules=ours.dealings,
    )
    if isinstance(facts, str):
        return facts
    channel = Channel.EMAIL if mark.kind == Kind.EMAIL else options.channel
    told = what, channel, (), organization, happened_at, facts
    return Ready(number, mark.kind, mark.value, *told)


def _moment(text: str, options: Options) -> dt.datetime | None:
    return cells.moment(text, options.timezone, day_first=options.day_first)


def _kept(mark: Mark, asked_at: dt.datetime, ours: Ours) -> Proof:
    until = listings.kept_until(mark, asked_at, ours.requests)
    return (("ends_at", until.isoformat()),)


def _proof(row: list[str], columns: Columns, options: Options) -> Proof:
    """What is known of the wording that was shown, and where."""
    said = {
        name: (columns.of(row, name) or getattr(options, name)).replace("\x00", "")
        for name in LONGEST_PROOF
    }
    return tuple(
        (name, text[: LONGEST_PROOF[name]]) for name, text in said.items() if text
    )


def _proven(proof: Proof, covers: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Consent, or no more than a claim of it."""
    if len(proof) < len(LONGEST_PROOF):
        return Event.Kind.CLAIM, ()
    return Event.Kind.OPT_IN, covers


def _event(row: list[str], columns: Columns, options: Options) -> str:
    """An opt-out or an opt-in, or why neither. In a log of messages only those count
    that the carrier refused because the person had opted out."""
    if columns.error:
        if columns.of(row, "direction").casefold().startswith("inbound"):
            return CAME_IN
        code = columns.of(row, "error")
        is_out = cells.is_blocked(code, columns)
        return Event.Kind.OPT_OUT if is_out else NOT_BLOCKED
    if cells.says_yes(columns.of(row, "opted_out")):
        return Event.Kind.OPT_OUT
    said = columns.of(row, "kind")
    if meant := cells.meaning(said) if said else None:
        return SAYS_IN if options.listing and meant == Event.Kind.OPT_IN else meant
    if columns.of(row, "opted_out_at"):
        return Event.Kind.OPT_OUT
    return NO_KIND if said else _unsaid(row, columns, options)


def _unsaid(row: list[str], columns: Columns, options: Options) -> str:
    """What a row is that does not say it: like the whole list, unless it denies it."""
    if "opted_out" in columns.places and options.means != Event.Kind.OPT_IN:
        is_no = cells.says_yes(columns.of(row, "opted_out")) is False
        return NOT_OUT if is_no else NO_KIND
    if options.means:
        return options.means
    if columns.says_out:
        return Event.Kind.OPT_OUT
    return NOT_OUT if "opted_out_at" in columns.places else NO_KIND


def _organization(
    row: list[str], columns: Columns, options: Options, senders: Mapping[str, str]
) -> str | None:
    """Empty: every sender. None: a sender that no program has."""
    if named := columns.of(row, "organization") or options.organization:
        return named
    if sender := columns.of(row, "sender"):
        return senders.get(marks.phone(sender) or sender)
    return ""


def is_no_organization(text: str) -> bool:
    return len(text) > LONGEST_ORGANIZATION or "\x00" in text


def _channel(said: str, kind: str, options: Options) -> str:
    if said:
        return cells.channel(said)
    return Channel.EMAIL if kind == Kind.EMAIL else options.channel


def _problem(
    event: str, when: str, occurred_at: dt.datetime | None, now: dt.datetime
) -> str:
    """An undated opt-in could lift a STOP that came after it."""
    if when and occurred_at is None:
        return NO_DATE
    if occurred_at is None and event == Event.Kind.OPT_IN:
        return UNDATED_OPT_IN
    if occurred_at and occurred_at < FIRST_DAY:
        return TOO_EARLY
    return FROM_THE_FUTURE if occurred_at and occurred_at > now else ""


EVENTS = (Event.Kind.OPT_OUT, Event.Kind.OPT_IN)


def _reaches() -> dict[tuple[str, str, str], tuple[str, ...]]:
    """What each kind of event decides, by `ledger.reach`; impossible combinations are
    left out."""
    found = {}
    for event in EVENTS:
        for channel in Channel.values:
            for kind in (Kind.PHONE, Kind.EMAIL):
                try:
                    reach = ledger.reach(kind=event, channel=channel, mark_kind=kind)
                except ledger.WrongChannel:
                    continue
                found[str(event), str(channel), str(kind)] = reach
    return found


REACHES = _reaches()
