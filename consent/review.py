"""What waits for a person: unclear messages, and a STOP that may have a second meaning.

No marketing is sent meanwhile. A later clear word of the person themself, to the same
sender or to all, settles it.
"""

import datetime as dt

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from consent import carriers, honour, inbox, ledger
from consent.carriers import kept
from consent.models import Channel, Event, HonourRule, InboundMessage, Segment
from privacy import audit, identifiers
from privacy.refusals import Refusal, reason_given

Says = InboundMessage.Meaning
# Routes by which somebody else passes on what a person said, or said elsewhere.
NOT_THEIRS = ("import", "carried")
READ = "read by a person"
SET_ASIDE = "message.set_aside"


class WordsEnded(Refusal):
    """The message text was kept for its period and then destroyed."""


class NotUnclear(Refusal):
    """The meaning of this message was clear and was acted on when it came, or somebody
    has read it since."""


class NothingToAsk(Refusal):
    """It has no second meaning, or somebody has already asked."""


def unclear() -> QuerySet[InboundMessage]:
    """What waits for somebody to read it: the person has said nothing clear since, and
    it is no segment whose rest may still come."""
    waiting = Segment.objects.filter(message=OuterRef("pk"), read_at=None)
    return InboundMessage.objects.filter(
        ~clear_since(), ~Exists(waiting), meaning=Says.AMBIGUOUS
    )


def clear_since() -> Exists:
    """Of a message: whether the person themself has since told its sender, or all,
    something clear. A list does not say it for them. `sql/events_v2.sql` is the
    same."""
    sender = Q(organization=OuterRef("program__organization"))
    said = Event.objects.filter(
        sender | Q(organization=""),
        identifier=OuterRef("identifier"),
        kind__in=[Event.Kind.OPT_IN, Event.Kind.OPT_OUT],
        source=Event.Source.DIRECT,
        occurred_at__gte=OuterRef("received_at"),
    )
    return Exists(said.exclude(route__in=NOT_THEIRS))


def overdue(*, now: dt.datetime, most: int) -> list[tuple[InboundMessage, dt.date]]:
    """The oldest that wait past the last day on which a stop has to be obeyed, and that
    day: each may be one, and service messages go on meanwhile."""
    rules = list(HonourRule.objects.filter(what=honour.What.HONOUR))
    found = []
    rows = unclear().filter(received_at__lt=now).order_by("received_at", "pk")
    for row in rows.select_related("program")[:most]:
        exemption = row.program.exemption if row.program else ""
        limit = honour.limit(honour.day_of(row.received_at), exemption, rules)
        if limit and limit[0] < honour.day_of(now):
            found.append((row, limit[0]))
    return found


def in_doubt() -> QuerySet[InboundMessage]:
    """Of these, a START that may have been written before the present STOP."""
    return unclear().filter(rule=inbox.DOUBTFUL.rule)


def read(*, row: InboundMessage, reason: str, by: str, now: dt.datetime) -> str:
    """The text in clear, for staff with a reason; reading it is recorded."""
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


def signature(row: InboundMessage) -> str:
    """Whether the carrier's signature can be verified again, and fits."""
    if row.call is None or row.carrier not in carriers.CARRIERS:
        return kept.NOT_KEPT
    return carriers.verified_again(row.carrier, row.call.open(), row.received_at)


def next_unclear(
    *, after: int, by: str, now: dt.datetime
) -> tuple[InboundMessage, str] | None:
    """The next that waits behind the message `after` (0: the first), with its text;
    that they read it is recorded. The text is empty once its period has ended."""
    rows = unclear().select_related("identifier", "program")
    row = rows.filter(pk__gt=after).order_by("pk").first()
    if row is None:
        return None
    if row.body is None:
        return row, ""
    return row, read(row=row, reason="to decide what it means", by=by, now=now)


def heed(*, row: InboundMessage, by: str, now: dt.datetime, rule: str = READ) -> Event:
    """A person read a message and takes it for a wish to stop; also where somebody else
    took it for consent or for neither, because of two readings the stop counts."""
    if row.meaning not in (Says.AMBIGUOUS, Says.NONE):
        raise NotUnclear
    kind = Event.Kind.OPT_OUT
    try:
        return _record(row, kind, rule, by=by, now=now)
    except ledger.KeyTaken:
        return _record(row, kind, rule, by=by, now=now, reading=":stop")


def accept(*, row: InboundMessage, by: str, now: dt.datetime) -> Event:
    """A person read an unclear message and takes it for consent. Of a START in doubt
    only the carrier's log can say so (`believe`)."""
    readable = unclear().exclude(rule=inbox.DOUBTFUL.rule)
    if not readable.filter(pk=row.pk).exists():
        raise NotUnclear
    return _record(row, Event.Kind.OPT_IN, READ, by=by, now=now)


def believe(*, row: InboundMessage, by: str, now: dt.datetime) -> Event:
    """A person saw in the carrier's own log that the START was written last."""
    if not in_doubt().filter(pk=row.pk).exists():
        raise NotUnclear
    return _record(row, Event.Kind.OPT_IN, "the carrier's log", by=by, now=now)


def set_aside(*, row: InboundMessage, by: str, now: dt.datetime) -> None:
    """A person read an unclear message: it asks for no stop, and holds nothing up."""
    with transaction.atomic():
        waiting = unclear().filter(pk=row.pk)
        if not waiting.update(meaning=Says.NONE, set_aside_at=now, set_aside_by=by):
            raise NotUnclear
        inbox.tell_of_review(row, is_held=False, now=now)
        subject = f"inboundmessage:{row.pk}"
        audit.record(action=SET_ASIDE, subject=subject, by=by, now=now, rule=row.rule)


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


def _record(
    row: InboundMessage,
    kind: str,
    rule: str,
    *,
    by: str,
    now: dt.datetime,
    reading: str = "",
) -> Event:
    return ledger.record(
        mark=identifiers.value(row.identifier),
        kind=kind,
        channel=Channel.SMS,
        organization=row.program.organization if row.program else "",
        program=row.program,
        source=Event.Source.DIRECT,
        route=row.carrier,
        occurred_at=row.received_at,
        idempotency_key=inbox.key_of(row) + reading,
        evidence={
            "message": row.carrier_message_id,
            "rule": rule,
            "our_number": row.our_number,
        },
        by=by,
        now=now,
    )
