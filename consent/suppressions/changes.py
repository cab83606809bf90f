"""The platform suppresses a recipient, or releases one that it had suppressed."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction

from consent import check, ledger, lines, standings
from consent.check import CHANNELS
from consent.models import Channel, Event, Standing
from consent.scopes import WHOLE
from consent.standings import PLATFORM
from consent.suppressions.entries import Kind, channels
from privacy import identifiers
from privacy.identifiers import Mark
from privacy.refusals import Refusal


class NothingToRelease(Refusal):
    """That organization has not suppressed this recipient on that channel."""


class TheirOwnWord(Refusal):
    """The person opted out themselves, and only they can undo it; record their opt-in
    when they give one."""


def suppress(
    *,
    marks: Sequence[Mark],
    channel: str,
    organization: str,
    reason: str,
    by: str,
    now: dt.datetime,
) -> Event:
    """The entry for the first identifier; one that already stands is not made again."""
    with transaction.atomic():
        ledger.lock()
        events = [
            _suppress(mark, channel, organization, reason, by, now) for mark in marks
        ]
    return events[0]


def _suppress(
    mark: Mark, channel: str, organization: str, reason: str, by: str, now: dt.datetime
) -> Event:
    covers = _covers(mark, channel)
    standing = _opted_out(mark, organization, covers)
    if {row.channel for row in standing} == set(covers):
        return standing[0].event
    return _record(Kind.OPT_OUT, mark, covers, organization, reason, by, now)


def release(
    *,
    marks: Sequence[Mark],
    channel: str,
    organization: str,
    reason: str,
    by: str,
    now: dt.datetime,
) -> Event:
    """The entry that was released, for the first identifier that had one."""
    released = []
    with transaction.atomic():
        ledger.lock()
        for mark in marks:
            covers = _covers(mark, channel)
            standing = _opted_out(mark, organization, covers)
            if any(standings.word_of(row.event) == Kind.OPT_OUT for row in standing):
                raise TheirOwnWord
            if standing:
                left = [row.channel for row in standing]
                _record(Kind.RELEASE, mark, left, organization, reason, by, now)
                released.append(standing[0].event)
    if not released:
        raise NothingToRelease
    return released[0]


def _covers(mark: Mark, channel: str) -> list[str]:
    """Whoever wants no SMS wants no MMS either."""
    asked = set(channels(channel))
    asked |= {Channel.MMS} if Channel.SMS in asked else set()
    possible = CHANNELS.get(mark.kind, check.ALL)
    covers = [each for each in possible if each in asked]
    if not covers:
        raise ledger.WrongChannel
    return covers


def _opted_out(mark: Mark, organization: str, covers: list[str]) -> list[Standing]:
    rows = Standing.objects.filter(
        identifier__kind=mark.kind,
        identifier__digest__in=identifiers.digests(mark),
        organization=organization,
        channel__in=covers,
        part=WHOLE,
        state=Standing.State.OPTED_OUT,
    )
    found = list(rows.select_related("identifier").order_by("-event_id", "channel"))
    began = lines.events(row.event_id for row in found)
    for row in found:
        row.event = began[row.event_id]
        row.event.identifier = row.identifier
    return found


def _record(
    kind: str,
    mark: Mark,
    covers: list[str],
    organization: str,
    reason: str,
    by: str,
    now: dt.datetime,
) -> Event:
    return ledger.record(
        mark=mark,
        kind=kind,
        channel=covers[0],
        covers=covers,
        organization=organization,
        source=Event.Source.PROVIDERS,
        route=PLATFORM,
        occurred_at=now,
        words=reason,
        by=by,
        now=now,
    )
