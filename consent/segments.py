"""A long text that a carrier brings in segments is understood as a whole.

Until all are here each is kept as an unclear message: marketing waits, but nobody is
asked to read half a text. If the rest does not come soon, a segment that asks to stop
is obeyed, and any other goes to a person, since nobody knows what the rest said.
"""

import dataclasses
import datetime as dt

from django.db import transaction
from django.db.models import QuerySet

from consent import inbox, keywords, programs, review
from consent.carriers.base import Message
from consent.keywords import Meaning
from consent.models import InboundMessage, Segment
from privacy import audit, identifiers
from privacy.models import Identifier

WAIT = dt.timedelta(minutes=5)  # for the rest
LONGEST = dt.timedelta(hours=1)  # a phone may use the same reference again after it
BATCH = 1000
Says = InboundMessage.Meaning


def receive(*, message: Message, now: dt.datetime) -> str:
    """What to answer; empty for nothing, as to all segments but the last."""
    if message.segment is None:
        return inbox.receive(message=message, now=now)
    mark = identifiers.phone(message.sender)
    with transaction.atomic():
        person = identifiers.keep(mark, now=now, alone=True)  # of two at once one waits
        if _is_known(message):
            return ""
        others = _others(message, person, now)
        texts = _texts(message, others)
        if len(texts) < message.segment.total:
            _keep(message, person, now)
            return ""
        _settle(others, now)
        whole = "".join(texts[number] for number in sorted(texts))
        return inbox.receive(message=dataclasses.replace(message, text=whole), now=now)


def _is_known(message: Message) -> bool:
    return InboundMessage.objects.filter(
        carrier=message.carrier, carrier_message_id=message.carrier_message_id
    ).exists()


def _others(
    message: Message, person: Identifier, now: dt.datetime
) -> QuerySet[Segment]:
    reference, _, total = message.segment or ("", 0, 0)
    return Segment.objects.filter(
        message__identifier=person,
        message__carrier=message.carrier,
        message__our_number=message.recipient,
        message__received_at__gt=now - LONGEST,
        reference=reference,
        total=total,
    ).order_by("pk")


def _texts(message: Message, others: QuerySet[Segment]) -> dict[int, str]:
    """By number; of two with one number the later."""
    found = {
        each.number: each.message.body.open()
        for each in others.select_related("message")
        if each.message.body
    }
    number = message.segment.number if message.segment else 1
    return found | {number: message.text}


def _keep(message: Message, person: Identifier, now: dt.datetime) -> None:
    if message.segment is None:
        return
    reference, number, total = message.segment
    program = programs.of_number(message.recipient)
    unclear = Meaning(Says.AMBIGUOUS, f"carrier: segment {number} of {total}")
    row = inbox.keep(message, person, program, unclear, "", now)
    Segment.objects.create(message=row, reference=reference, number=number, total=total)


def _settle(others: QuerySet[Segment], now: dt.datetime) -> None:
    """The last one carries the whole text; these mean nothing by themselves."""
    rows = InboundMessage.objects.filter(segment__in=others, meaning=Says.AMBIGUOUS)
    for row in rows.select_related("identifier", "program"):
        inbox.tell_of_review(row, is_held=False, now=now)
    rows.update(meaning=Says.NONE)
    others.delete()


# --- if the rest does not come ----------------------------------------------------
def read_alone(*, now: dt.datetime) -> int:
    """Reads segments whose rest is missing; returns how many. Forgets which text they
    were of once no rest can come."""
    due = Segment.objects.filter(
        read_at=None, message__received_at__lte=now - WAIT
    ).order_by("pk")
    keys = list(due.values_list("pk", flat=True)[:BATCH])
    for key in keys:
        _read(key, now)
    old = Segment.objects.filter(message__received_at__lte=now - LONGEST)
    old.exclude(read_at=None).delete()
    return len(keys)


def _read(key: int, now: dt.datetime) -> None:
    with transaction.atomic():
        audit.alone()  # before any row, as whoever receives the rest
        found = Segment.objects.filter(pk=key, read_at=None).select_related("message")
        if (segment := found.first()) is None:
            return
        Segment.objects.filter(pk=key).update(read_at=now)
        row = segment.message
        route = keywords.route(row.carrier, row.our_number)
        said = keywords.understand(row.body.open() if row.body else "", now, route)
        if said.meaning == Says.OPT_OUT and row.identifier.erased_at is None:
            by = f"carrier:{row.carrier}"
            review.heed(row=row, rule=said.rule, by=by, now=now)
