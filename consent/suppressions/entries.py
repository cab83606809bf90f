"""Entries of the suppression list: who, by which channel, since when, until when."""

import contextlib
from collections.abc import Iterable
from typing import Any

from consent import check, reasons, standings
from consent.check import CHANNELS, UnknownChannel
from consent.models import Channel, Event, Utterance
from consent.standings import PLATFORM
from privacy import identifiers
from privacy.identifiers import AlreadyErased, Mark, NotAnIdentifier
from privacy.models import Identifier
from privacy.refusals import Refusal

Kind = Event.Kind
EVERY = "all"
LIFTING = (Kind.OPT_IN, Kind.RELEASE)
NAMES = {
    "sms": (Channel.SMS,),
    "mms": (Channel.MMS,),
    "text": (Channel.SMS, Channel.MMS),
    "voice": (Channel.VOICE,),
    "phone": (Channel.VOICE,),
    "call": (Channel.VOICE,),
    "email": (Channel.EMAIL,),
    EVERY: tuple(check.ALL),
}


class NobodyNamed(Refusal):
    """Give phoneNumber, email or recipientIdentifier."""


class NoSuchEntry(Refusal):
    """There is no suppression entry with that id."""


def recipient(
    *, phone: str, email: str, identifier: str, channel: str = ""
) -> list[Mark]:
    """The recipient, by each identifier that was given. One that is written as a number
    or an address names that, too, where the channel can reach it; digits alone may be
    the key of somebody else's row."""
    marks = [identifiers.phone(phone)] if phone else []
    marks += [identifiers.email(email)] if email else []
    marks += [Mark(Identifier.Kind.OTHER, identifier)] if identifier else []
    if not marks:
        raise NobodyNamed
    with contextlib.suppress(NotAnIdentifier):
        named = identifiers.understand("" if identifier.isdigit() else identifier)
        if set(CHANNELS[named.kind]) & set(channels(channel)):
            marks.append(named)
    return list(dict.fromkeys(marks))


def channels(name: str) -> tuple[str, ...]:
    """The contract's channel is free text: SMS, voice, email, all channels."""
    plain = name.strip().casefold().removesuffix("channels").strip() or EVERY
    if plain not in NAMES:
        raise UnknownChannel
    return NAMES[plain]


def entry_id(event: Event) -> str:
    return f"supp_{event.sequence}"


# --- an entry in the contract's words ---------------------------------------
def shown(event: Event) -> dict[str, Any]:
    """With the recipient in clear: the platform asks about its own contacts."""
    changes = history(event)
    lifted = _lifted(event, changes)
    words = _words(changes)
    return {
        "id": entry_id(event),
        "organizationId": event.organization or None,
        **recipient_fields(event.identifier),
        "channel": channel_name(event),
        "source": event.route,
        "status": "released" if lifted else "active",
        "reason": _reason(lifted or event, words),
        "suppressedAt": event.occurred_at,
        "releasedAt": lifted.occurred_at if lifted else None,
        "audit": [_change(each, words) for each in changes],
    }


def history(event: Event) -> list[Event]:
    """From the opt-out to what lifted it, for the same person and sender."""
    told = Event.objects.filter(
        identifier_id=event.identifier_id,
        organization=event.organization,
        covers__overlap=event.covers,
        occurred_at__gte=event.occurred_at,
    ).order_by("occurred_at", "sequence")
    left = set(event.covers)
    found: list[Event] = []
    for each in told:
        if each.kind == Kind.OPT_OUT and each.pk != event.pk and not found:
            continue  # at the same instant, but told before
        if not _concerns(event, each):
            continue
        found.append(each)
        if _lifts(event, each):
            left -= set(each.covers)
        if not left:
            break
    return found


def _concerns(event: Event, each: Event) -> bool:
    """Events about the same program or number of ours, where the person chose one.
    Consent to a part lifts no STOP to the whole; a bare START lifts that of its
    program."""
    if event.scope == Event.Scope.PROGRAM:
        is_bare = each.scope in (Event.Scope.BARE, Event.Scope.PROGRAM)
        return is_bare and each.program_id == event.program_id
    if event.scope == Event.Scope.SENDER:
        numbers = {e.evidence.get("our_number", "") for e in (event, each)}
        return each.scope == event.scope and len(numbers) == 1
    return each.scope not in (Event.Scope.PROGRAM, Event.Scope.SENDER)


def _lifted(event: Event, changes: Iterable[Event]) -> Event | None:
    left = set(event.covers)
    for each in changes:
        if _lifts(event, each):
            left -= set(each.covers)
            if not left:
                return each
    return None


def _lifts(event: Event, each: Event) -> bool:
    """A release lifts what the platform had entered, and nobody's own word."""
    if each.kind == Kind.RELEASE:
        return standings.word_of(event) == standings.SUPPRESSED
    return each.kind == Kind.OPT_IN


def channel_name(event: Event) -> str:
    covers = set(event.covers)
    if covers == set(CHANNELS.get(event.identifier.kind, check.ALL)) and (
        len(covers) > 1
    ):
        return EVERY
    return next((name for name, each in NAMES.items() if covers == set(each)), "sms")


def recipient_fields(identifier: Identifier) -> dict[str, str | None]:
    """Empty for a person who was erased: only their digest is left."""
    try:
        mark = identifiers.value(identifier)
    except AlreadyErased:
        mark = Mark("", "")
    kinds = {
        "recipientIdentifier": Identifier.Kind.OTHER,
        "normalizedPhoneNumber": Identifier.Kind.PHONE,
        "normalizedEmail": Identifier.Kind.EMAIL,
    }
    return {
        field: mark.value if mark.kind == kind else None
        for field, kind in kinds.items()
    }


def _change(event: Event, words: dict[int, str]) -> dict[str, Any]:
    evidence = event.evidence
    return {
        "id": f"event_{event.sequence}",
        "status": "released" if event.kind in LIFTING else "active",
        "source": event.route,
        "timestamp": event.occurred_at,
        "actorId": event.recorded_by,
        "reason": _reason(event, words),
        "safeMetadata": {k: v for k, v in evidence.items() if isinstance(v, str)},
    }


def _words(events: Iterable[Event]) -> dict[int, str]:
    """The reason that the platform itself gave; other people's words stay sealed."""
    own = [event.sequence for event in events if event.route == PLATFORM]
    rows = Utterance.objects.filter(event_id__in=own)
    return {row.event_id: row.words.open() for row in rows}


def _reason(event: Event, words: dict[int, str]) -> str:
    return words.get(event.sequence) or reasons.how(event)
