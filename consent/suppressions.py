"""The platform's suppressions: opt-outs, in the words of its own contract."""

import datetime as dt
from collections.abc import Sequence

from consent import check
from consent.check import CHANNELS, Answer, UnknownChannel
from consent.models import Channel, Event, Program
from privacy import identifiers
from privacy.identifiers import Mark
from privacy.models import Identifier
from privacy.refusals import Refusal

EVERY = "all"
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


def recipient(*, phone: str, email: str, identifier: str) -> list[Mark]:
    """Whoever is meant, by each mark that was given."""
    marks = [identifiers.phone(phone)] if phone else []
    marks += [identifiers.email(email)] if email else []
    marks += [Mark(Identifier.Kind.OTHER, identifier)] if identifier else []
    if not marks:
        raise NobodyNamed
    return marks


def active(
    *, marks: Sequence[Mark], channel: str, organization: str, now: dt.datetime
) -> Answer | None:
    """The opt-out that forbids contact by that channel, or by any of `all`."""
    answers = [
        check.may_contact(
            mark,
            channel=each,
            organization=organization,
            purpose=Program.Purpose.SERVICE,
            now=now,
        )
        for mark in marks
        for each in channels(channel)
        if each in CHANNELS.get(mark.kind, check.ALL)
    ]
    return next((answer for answer in answers if not answer.allowed), None)


def channels(name: str) -> tuple[str, ...]:
    """The contract's channel is free text: SMS, voice, email, all channels."""
    plain = name.strip().casefold().removesuffix("channels").strip() or EVERY
    if plain not in NAMES:
        raise UnknownChannel
    return NAMES[plain]


def entry_id(event: Event) -> str:
    """An entry is the event that began it: its number never changes."""
    return f"supp_{event.sequence}"
