"""May we contact this person? Yes or no, why, since when, and what decided it.

An opt-out from every sender ends all; one from a named sender ends that sender's. A
later opt-in to a named sender lifts both for that sender; an opt-in to every sender
does not lift a STOP to a named one. Asked without a sender, one opt-out is enough.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from consent import ledger, reasons, standings
from consent.ledger import WrongChannel
from consent.models import Channel, Event, Program, Standing
from consent.standings import State, Turn
from privacy import identifiers
from privacy.identifiers import Mark
from privacy.models import Identifier
from privacy.refusals import Refusal

Purpose = Program.Purpose
ALL = (*ledger.BY_NUMBER, Channel.EMAIL)
CHANNELS: dict[str, tuple[str, ...]] = {
    Identifier.Kind.PHONE: ledger.BY_NUMBER,
    Identifier.Kind.EMAIL: (Channel.EMAIL,),
}


class UnknownChannel(Refusal):
    """The channel is one of sms, mms, voice and email."""


class UnknownPurpose(Refusal):
    """The purpose is marketing or service."""


class NotYet(Refusal):
    """That instant is in the future; nobody knows what people will say by then."""


@dataclass(frozen=True)
class Answer:
    """`reason` is a code: opted_out, opted_in, no_consent_on_record or, for service
    messages, no_consent_needed. `decided_by` is the event, when there is one."""

    allowed: bool
    reason: str
    sentence: str
    since: dt.datetime | None = None
    decided_by: Event | None = None

    def facts(self) -> dict[str, Any]:
        """For machines."""
        return {
            "allowed": self.allowed,
            "reason": self.reason,
            "sentence": self.sentence,
            "since": self.since,
            "decided_by": ledger.facts(self.decided_by) if self.decided_by else None,
        }


def may_contact(
    mark: Mark,
    *,
    channel: str,
    now: dt.datetime,
    organization: str = "",
    purpose: str = Purpose.MARKETING,
    at: dt.datetime | None = None,
) -> Answer:
    """Now, or as of the instant `at`; by digest, so an erased STOP holds too."""
    _refuse_nonsense(mark, channel, purpose)
    if at and at > now:
        raise NotYet
    turns = _turns_at(mark, channel, at) if at else _turns(mark, channel)
    return answer(turns, channel=channel, organization=organization, purpose=purpose)


def answer(
    turns: Iterable[Turn], *, channel: str, organization: str, purpose: str
) -> Answer:
    """From where one channel stands with each sender."""
    turns = list(turns)
    decisive = blocking(turns, organization) or consenting(turns, organization)
    if decisive and decisive.state == State.OPTED_OUT:
        reason = "opted_out"
    elif decisive:
        reason = "opted_in"
    elif purpose == Purpose.SERVICE:
        reason = "no_consent_needed"
    else:
        reason = "no_consent_on_record"
    return Answer(
        allowed=reason in ("opted_in", "no_consent_needed"),
        reason=reason,
        sentence=reasons.sentence(reason, channel, decisive),
        since=decisive.since if decisive else None,
        decided_by=decisive.event if decisive else None,
    )


def blocking(turns: Iterable[Turn], organization: str) -> Turn | None:
    """The opt-out that forbids it; the latest of several."""
    turns = list(turns)
    out = [turn for turn in turns if turn.state == State.OPTED_OUT]
    if organization:
        own = _of(turns, organization)
        out = [turn for turn in out if turn.organization in ("", organization)]
        if own and own.state == State.OPTED_IN:
            out = [turn for turn in out if turn.renewed_at >= own.renewed_at]
    return max(out, key=lambda turn: turn.since, default=None)


def consenting(turns: Iterable[Turn], organization: str) -> Turn | None:
    """The opt-in to that sender, or to every sender; without a name, to any."""
    given = [turn for turn in turns if turn.state == State.OPTED_IN]
    if organization:
        given = [turn for turn in given if turn.organization in ("", organization)]
    return max(given, key=lambda turn: turn.since, default=None)


def is_stopped(mark: Mark, organization: str) -> bool:
    """Does a STOP by text to this sender, or to every sender, stand already?"""
    turns = _turns(mark, Channel.SMS)
    told = [turn for turn in turns if turn.organization in ("", organization)]
    return blocking(told, organization) is not None


def _of(turns: Iterable[Turn], organization: str) -> Turn | None:
    return next((turn for turn in turns if turn.organization == organization), None)


def _turns(mark: Mark, channel: str) -> list[Turn]:
    rows = Standing.objects.filter(
        identifier__kind=mark.kind,
        identifier__digest__in=identifiers.digests(mark),
        channel=channel,
    ).select_related("event")
    return [
        Turn(row.channel, row.organization, row.event, row.renewed_at) for row in rows
    ]


def _turns_at(mark: Mark, channel: str, at: dt.datetime) -> list[Turn]:
    told = ledger.told_by(mark).filter(occurred_at__lte=at)
    return [turn for turn in standings.fold(told) if turn.channel == channel]


def _refuse_nonsense(mark: Mark, channel: str, purpose: str) -> None:
    if channel not in ALL:
        raise UnknownChannel
    if channel not in CHANNELS.get(mark.kind, (channel,)):
        raise WrongChannel
    if purpose not in Purpose:
        raise UnknownPurpose
