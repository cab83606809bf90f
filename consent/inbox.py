"""Takes a carrier's message once: understands it, acts on it, answers it.

STOP is confirmed once (47 CFR 64.1200(a)(12)), perhaps with a question which programs
were meant (`consent.clarification`); HELP is always answered, also to those who opted
out. A message delivered again changes nothing and is not answered again: the answer
went with the first delivery. Through a carrier that forwards no answer of ours nobody
is answered, unless the carrier does it, as declared. A late message counts as of when
it was written; what the person has said since stands, and it is not answered. A START
that may have been written before the present STOP is unclear.
"""

import datetime as dt
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from django.conf import settings
from django.db import transaction

from consent import (
    check,
    clarification,
    honour,
    keywords,
    ledger,
    programs,
    telling,
    wording,
)
from consent.carriers.base import UNDERSTOOD, Message
from consent.instants import FIRST_DAY, written
from consent.keywords import Meaning
from consent.models import Channel, Event, InboundMessage, Program
from consent.sql import messages
from privacy import identifiers
from privacy.identifiers import Mark
from privacy.models import Identifier
from privacy.sql import prepared

Says = InboundMessage.Meaning
Replier = InboundMessage.Replier
# The answers that change or ask something; the rest is kept for people to read.
ACTED_ON = (Says.OPT_OUT, Says.OPT_IN, Says.HELP)

DOUBTFUL = Meaning(Says.AMBIGUOUS, "product.which_came_last: START or STOP")
CONFIRMATIONS = Path(__file__).resolve().parent / "rules" / "confirmations.yaml"


def receive(*, message: Message, now: dt.datetime) -> str:
    """What to answer; empty for nothing. One transaction; of two at once one waits."""
    mark = identifiers.phone(message.sender)
    meaning = _meaning(message, now)
    is_stop = meaning.meaning == Says.OPT_OUT
    at = written(message.written_at, is_stop=is_stop, now=now)
    with transaction.atomic():
        person = identifiers.keep(mark, now=now, alone=True)
        before = _before(message, mark, person)
        program = before.program
        if before.is_known:
            return ""
        if meaning.meaning == Says.OPT_IN and before.is_doubtful(message, now):
            meaning = DOUBTFUL
        counts = is_stop or at > (person.erased_at or FIRST_DAY)  # no old consent does
        kept = None
        if counts and not is_stop:
            kept = clarification.answer(message, person, at)
        meaning = clarification.MEANING if kept else meaning
        is_late = at < before.last and meaning.meaning != Says.HELP
        is_told = is_stop and (before.is_stopped or _is_over(at, now))
        answers = not (kept or is_late or is_told)
        reply = _reply(message, program, meaning, now) if answers else ""
        asked = clarification.choices(mark, program, now) if is_stop and reply else []
        if program and asked:
            reply = f"{reply} {clarification.question(program, asked)}"
        keep(message, person, program, meaning, reply, now)
        if kept:
            clarification.keep(kept, message, person, key_of(message), at=at, now=now)
        elif counts and meaning.meaning in ACTED_ON:
            evidence = _evidence(message, meaning) | clarification.asked_about(asked)
            if reply and meaning.meaning == Says.OPT_IN:
                evidence |= {"wording": reply, "language": _language(program, now)}
            _record(message, person, program, meaning, evidence, at=at, now=now)
    return reply


def _is_over(at: dt.datetime, now: dt.datetime) -> bool:
    """Whether a STOP comes too late to be confirmed (47 CFR 64.1200(a)(12)): then the
    confirmation would be one more text to somebody who opted out."""
    return at < now and now - at > honour.Window(honour.What.CONFIRM).at(at)


def _is_service(program: Program | None) -> bool:
    return program is not None and program.purpose == Program.Purpose.SERVICE


def key_of(message: Message | InboundMessage) -> str:
    return f"{message.carrier}:{message.carrier_message_id}"


class Before(NamedTuple):
    """The program of the number that it came to, whether this message was delivered
    before, whether a STOP already stands, and when the person last said something that
    still stands."""

    program: Program | None
    is_known: bool
    is_stopped: bool
    last: dt.datetime

    def is_doubtful(self, message: Message, now: dt.datetime) -> bool:
        """Whether it may have been written before the STOP, and only delivered after
        it."""
        return self.is_stopped and now - self.last < message.may_be_late


def _before(message: Message, mark: Mark, person: Identifier) -> Before:
    """One statement, under the lock."""
    values = check.texts_of(mark) | {
        "number": message.recipient,
        "carrier": message.carrier,
        "message": message.carrier_message_id,
        "key": key_of(message),
    }
    rows = prepared.read_with(Program, messages.BEFORE, values)
    program, (is_known, *_) = rows[0]
    told = [stands for _, (_, *stands) in rows if any(stands)]
    said = [renewed_at for _, _, _, renewed_at, *_ in told]
    last = max([*said, person.erased_at or FIRST_DAY])
    sender = program.organization if program else ""
    return Before(program, is_known, check.stops(told, sender, program), last)


def _meaning(message: Message, now: dt.datetime) -> Meaning:
    """Ours, or the carrier's where it knows more; a STOP by either is a STOP.

    The carrier's START alone is not enough: carriers take a YES to any question for
    one.
    """
    by = keywords.route(message.carrier, message.recipient)
    ours, theirs = keywords.understand(message.text, now, by), message.understood
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
    if message.understood or not message.answerable or meaning.meaning not in ACTED_ON:
        return ""
    text = programs.texts(program)[meaning.meaning]
    if meaning.meaning != Says.OPT_OUT:
        return text
    theirs = confirmed_in(meaning.language)
    if theirs and program and _language(program, now) == meaning.language:
        return text
    return f"{theirs} {text}".strip()


def _language(program: Program | None, now: dt.datetime) -> str:
    """Of our answers; those without a program are English."""
    return wording.language(program, now=now) if program else "en"


@cache
def confirmed_in(language: str) -> str:
    """The confirmation in the language of the word or phrase; empty for English."""
    return str(yaml.safe_load(CONFIRMATIONS.read_text()).get(language, ""))


def _replier(message: Message, reply: str) -> str:
    if message.understood or _answers_itself(message):
        return Replier.CARRIER
    return Replier.PORTAL if reply else Replier.NOBODY


def _answers_itself(message: Message) -> bool:
    """By its account's settings, as the operator has declared, and only the bare word:
    no carrier understands a sentence."""
    is_word = message.text.strip().upper() in UNDERSTOOD
    return is_word and message.carrier in settings.CARRIERS_THAT_ANSWER


def _record(
    message: Message,
    person: Identifier,
    program: Program | None,
    meaning: Meaning,
    evidence: dict[str, Any],
    *,
    at: dt.datetime,
    now: dt.datetime,
) -> None:
    """A bare STOP is for the organization whose number it was sent to."""
    ledger.enter(
        person=person,
        kind=meaning.meaning,
        channel=message.channel,
        organization=program.organization if program else "",
        program=program,
        source=Event.Source.DIRECT,
        route=message.carrier,
        occurred_at=at,
        idempotency_key=key_of(message),
        evidence=evidence,
        by=f"carrier:{message.carrier}",
        now=now,
    )


def tell_of_review(row: InboundMessage, *, is_held: bool, now: dt.datetime) -> None:
    """An unclear message holds marketing; a clear word that ends it is an event."""
    telling.tell(
        telling.Type.REVIEWED,
        person=row.identifier,
        now=now,
        message=row.pk,
        held=is_held,
        channel=Channel.SMS,
        organization=row.program.organization if row.program else "",
        since=row.received_at.isoformat(),
    )


def keep(
    message: Message,
    person: Identifier,
    program: Program | None,
    meaning: Meaning,
    reply: str,
    now: dt.datetime,
) -> InboundMessage:
    """What was written, sealed, with what was understood and answered."""
    row = prepared.add(
        InboundMessage(
            carrier=message.carrier,
            carrier_message_id=message.carrier_message_id,
            identifier=person,
            program=program,
            our_number=message.recipient,
            body=message.text,
            # it names the person: of an erased one it is not kept
            call=None if person.erased_at else message.call or None,
            meaning=meaning.meaning,
            rule=meaning.rule,
            also=meaning.also if _is_service(program) else "",
            received_at=now,
            replied_by=_replier(message, reply),
            reply=reply,
        )
    )
    if row.meaning == Says.AMBIGUOUS:
        tell_of_review(row, is_held=True, now=now)
    return row


def _evidence(message: Message, meaning: Meaning) -> dict[str, str]:
    return {
        "message": message.carrier_message_id,
        "keyword": meaning.keyword,
        "rule": meaning.rule,
        "our_number": message.recipient,
    }
