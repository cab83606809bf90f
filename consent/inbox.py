"""Take a carrier's message once: understand it, act on it, answer it.

STOP is confirmed once (47 CFR 64.1200(a)(12)), perhaps with a question which programs
were meant (`consent.clarification`); HELP is always answered, also to those who opted
out. A message delivered again changes nothing and is not answered
again: the answer went with the first delivery. One that comes late counts as of when it
was written; what the person has said since stands, and it is not answered.
"""

import datetime as dt
from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from consent import check, clarification, keywords, ledger, programs, wording
from consent.carriers.base import Message
from consent.instants import FIRST_DAY, written
from consent.keywords import Meaning
from consent.models import Channel, Event, InboundMessage, Program
from consent.sql import messages
from privacy import audit, identifiers
from privacy.identifiers import Mark
from privacy.models import Identifier
from privacy.refusals import Refusal, reason_given
from privacy.sql import prepared

Says = InboundMessage.Meaning
Replier = InboundMessage.Replier
# The answers that change or ask something; the rest is kept for people to read.
ACTED_ON = (Says.OPT_OUT, Says.OPT_IN, Says.HELP)

CONFIRMATIONS = Path(__file__).resolve().parent / "rules" / "confirmations.yaml"


class WordsEnded(Refusal):
    """What was written was kept for its period and then destroyed."""


class NotUnclear(Refusal):
    """What this message means was clear, and it was acted on when it came; or somebody
    has read it since."""


class NothingToAsk(Refusal):
    """It means nothing else, or somebody has asked already."""


def receive(*, message: Message, now: dt.datetime) -> str:
    """What to answer; empty for nothing. One transaction; of two at once one waits."""
    mark = identifiers.phone(message.sender)
    program = programs.of_number(message.recipient)
    meaning, at = _meaning(message, now), written(message.written_at, now=now)
    with transaction.atomic():
        person = identifiers.keep(mark, now=now, alone=True)
        before = _before(message, mark, person, program)
        if before.is_known:
            return ""
        is_stop = meaning.meaning == Says.OPT_OUT
        counts = is_stop or at > (person.erased_at or FIRST_DAY)  # no old consent does
        kept = None
        if counts and not is_stop:
            kept = clarification.answer(message, person, at)
        meaning = clarification.MEANING if kept else meaning
        is_late = at < before.last and meaning.meaning != Says.HELP
        answers = not (kept or is_late or (is_stop and before.is_stopped))
        reply = _reply(message, program, meaning, now) if answers else ""
        asked = clarification.choices(mark, program, now) if is_stop and reply else []
        if program and asked:
            reply = f"{reply} {clarification.question(program, asked)}"
        _keep(message, person, program, meaning, reply, now)
        if kept:
            key = _key(message.carrier, message.carrier_message_id)
            clarification.keep(kept, message, person, key, at=at, now=now)
        elif counts and meaning.meaning in ACTED_ON:
            _record(message, person, program, meaning, asked, at=at, now=now)
    return reply


def read(*, row: InboundMessage, reason: str, by: str, now: dt.datetime) -> str:
    """The text in clear, for staff with a reason; that they read it is recorded."""
    reason = reason_given(reason)
    if row.body is None:
        raise WordsEnded
    audit.record(
        action="message.read",
        subject=f"inboundmessage:{row.pk}",
        by=by,
        now=now,
        reason=reason,
    )
    return row.body.open()


def heed(*, row: InboundMessage, by: str, now: dt.datetime) -> Event:
    """A person read an unclear message and takes it for a wish to stop."""
    if row.meaning != Says.AMBIGUOUS:
        raise NotUnclear
    return ledger.record(
        mark=identifiers.value(row.identifier),
        kind=Event.Kind.OPT_OUT,
        channel=Channel.SMS,
        organization=row.program.organization if row.program else "",
        program=row.program,
        source=Event.Source.DIRECT,
        route=row.carrier,
        occurred_at=row.received_at,
        idempotency_key=_key(row.carrier, row.carrier_message_id),
        evidence={
            "message": row.carrier_message_id,
            "rule": "read by a person",
            "our_number": row.our_number,
        },
        by=by,
        now=now,
    )


def set_aside(*, row: InboundMessage, by: str, now: dt.datetime) -> None:
    """A person read an unclear message: it asks for no stop, and holds nothing up."""
    with transaction.atomic():
        if not unclear().filter(pk=row.pk).update(meaning=Says.NONE):
            raise NotUnclear
        subject = f"inboundmessage:{row.pk}"
        audit.record(
            action="message.set_aside", subject=subject, by=by, now=now, rule=row.rule
        )


def unclear() -> QuerySet[InboundMessage]:
    """What waits for somebody to read it: the person said nothing clear since."""
    said_since = Event.objects.filter(
        identifier=OuterRef("identifier"),
        kind__in=[Event.Kind.OPT_IN, Event.Kind.OPT_OUT],
        occurred_at__gte=OuterRef("received_at"),
    )
    return InboundMessage.objects.filter(~Exists(said_since), meaning=Says.AMBIGUOUS)


def to_ask() -> QuerySet[InboundMessage]:
    """A STOP that may mean something else as well: CANCEL, of an appointment. Messages
    have ended; nobody has asked yet whether the appointment has, too."""
    return InboundMessage.objects.filter(asked_at=None).exclude(also="")


def asked(*, row: InboundMessage, by: str, now: dt.datetime) -> None:
    """Somebody has asked the person or the sender."""
    with transaction.atomic():
        if not to_ask().filter(pk=row.pk).update(asked_at=now):
            raise NothingToAsk
        subject = f"inboundmessage:{row.pk}"
        audit.record(action="message.asked", subject=subject, by=by, now=now)


def _is_service(program: Program | None) -> bool:
    return program is not None and program.purpose == Program.Purpose.SERVICE


def _key(carrier: str, message_id: str) -> str:
    return f"{carrier}:{message_id}"


class Before(NamedTuple):
    """Was this message brought before, does a STOP stand already, and when did the
    person last say something that still stands?"""

    is_known: bool
    is_stopped: bool
    last: dt.datetime


def _before(
    message: Message, mark: Mark, person: Identifier, program: Program | None
) -> Before:
    """One statement, under the lock."""
    sender, name = program.organization if program else "", message.carrier_message_id
    values = check.texts_of(mark, sender) | {
        "carrier": message.carrier,
        "message": name,
        "key": _key(message.carrier, name),
    }
    rows = prepared.rows(messages.BEFORE, values)
    told = [stands for _, *stands in rows if any(stands)]
    said = [renewed_at for _, _, _, renewed_at, *_ in told]
    last = max([*said, person.erased_at or FIRST_DAY])
    return Before(bool(rows[0][0]), check.stops(told, sender, program), last)


def _meaning(message: Message, now: dt.datetime) -> Meaning:
    """Ours, and the carrier's where it knows more; a STOP by either is a STOP.

    The carrier's START alone is not enough: it takes a YES to any question for one.
    """
    ours, theirs = keywords.understand(message.text, now), message.understood
    if Says.OPT_OUT in (ours.meaning, theirs) and ours.meaning != Says.OPT_OUT:
        return Meaning(Says.OPT_OUT, "carrier: STOP")
    if ours.meaning in ACTED_ON or not theirs:
        return ours
    if theirs == Says.HELP:
        return Meaning(Says.HELP, "carrier: HELP")
    return Meaning(Says.AMBIGUOUS, "carrier: START")


def _reply(
    message: Message, program: Program | None, meaning: Meaning, now: dt.datetime
) -> str:
    if message.understood or meaning.meaning not in ACTED_ON:
        return ""
    text = programs.texts(program)[meaning.meaning]
    if meaning.meaning != Says.OPT_OUT:
        return text
    theirs = confirmed_in(meaning.language)
    if theirs and program and wording.language(program, now=now) == meaning.language:
        return text
    return f"{theirs} {text}".strip()


@cache
def confirmed_in(language: str) -> str:
    """The confirmation in the language of the word or phrase; empty for English."""
    return str(yaml.safe_load(CONFIRMATIONS.read_text()).get(language, ""))


def _replier(message: Message, reply: str) -> str:
    if message.understood:
        return Replier.CARRIER
    return Replier.PORTAL if reply else Replier.NOBODY


def _record(
    message: Message,
    person: Identifier,
    program: Program | None,
    meaning: Meaning,
    asked: list[Program],
    *,
    at: dt.datetime,
    now: dt.datetime,
) -> None:
    """A bare STOP is for the organization whose number it came to."""
    ledger.enter(
        person=person,
        kind=meaning.meaning,
        channel=message.channel,
        organization=program.organization if program else "",
        program=program,
        source=Event.Source.DIRECT,
        route=message.carrier,
        occurred_at=at,
        idempotency_key=_key(message.carrier, message.carrier_message_id),
        evidence=_evidence(message, meaning) | clarification.asked_about(asked),
        by=f"carrier:{message.carrier}",
        now=now,
    )


def _keep(
    message: Message,
    person: Identifier,
    program: Program | None,
    meaning: Meaning,
    reply: str,
    now: dt.datetime,
) -> None:
    """What was written, sealed, with what was understood and answered."""
    prepared.add(
        InboundMessage(
            carrier=message.carrier,
            carrier_message_id=message.carrier_message_id,
            identifier=person,
            program=program,
            our_number=message.recipient,
            body=message.text,
            meaning=meaning.meaning,
            rule=meaning.rule,
            also=meaning.also if _is_service(program) else "",
            received_at=now,
            replied_by=_replier(message, reply),
            reply=reply,
        )
    )


def _evidence(message: Message, meaning: Meaning) -> dict[str, str]:
    return {
        "message": message.carrier_message_id,
        "keyword": meaning.keyword,
        "rule": meaning.rule,
        "our_number": message.recipient,
    }
