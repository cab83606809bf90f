"""Unclear messages, which held marketing, and what was decided of each."""

import datetime as dt
from typing import Any

from django.db.models import Q, QuerySet

from consent import reasons, review
from consent.models import Event, InboundMessage
from privacy import identifiers
from privacy.identifiers import Mark

TEXT_ENDED = "The text was kept for its period and then destroyed."
WAITS = "It waits for somebody to read it."
SETTLED = "What the person said clearly since has settled it."


def messages(mark: Mark) -> QuerySet[InboundMessage]:
    """Latest first."""
    rows = InboundMessage.objects.filter(
        Q(meaning=review.Says.AMBIGUOUS) | Q(set_aside_at__isnull=False),
        identifier__kind=mark.kind,
        identifier__digest__in=identifiers.digests(mark),
    )
    return rows.order_by("-received_at", "-pk")


def of(mark: Mark, events: list[Event]) -> list[dict[str, Any]]:
    """`events` are all of theirs: a message that was read as a wish led to one."""
    led = {(each.route, each.evidence.get("message")): each.pk for each in events}
    rows = messages(mark).annotate(is_settled=review.clear_since())
    return [
        _message(row, led.get((row.carrier, row.carrier_message_id)), row.is_settled)
        for row in rows
    ]


def _message(
    row: InboundMessage, event: int | None, is_settled: bool
) -> dict[str, Any]:
    words = row.body.open() if row.body else ""
    return {
        "sentence": _sentence(row, words, _decision(row, event, is_settled)),
        "message": row.pk,
        "carrier": row.carrier,
        "carrier_message": row.carrier_message_id,
        "our_number": row.our_number,
        "received_at": row.received_at.astimezone(dt.UTC).isoformat(),
        "rule": row.rule,
        "words": words,
        "event": event,
        "set_aside_at": row.set_aside_at
        and row.set_aside_at.astimezone(dt.UTC).isoformat(),
        "set_aside_by": row.set_aside_by,
    }


def _sentence(row: InboundMessage, words: str, decision: str) -> str:
    said = f"“{words}”" if words else TEXT_ENDED
    return (
        f"{reasons.moment(row.received_at)}, to {row.our_number}: {said} Marketing was "
        f"held. {decision}"
    )


def _decision(row: InboundMessage, event: int | None, is_settled: bool) -> str:
    found = []
    if row.set_aside_at:
        when = reasons.moment(row.set_aside_at)
        found.append(f"{row.set_aside_by} read it on {when}: it asks for no stop.")
    if event:
        found.append(f"It was read as event {event}.")
    return " ".join(found) or (SETTLED if is_settled else WAITS)
