"""The answer of a check, and questions that make no sense."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from consent import ledger
from consent.ledger import WrongChannel
from consent.models import Channel, Event, Program
from privacy.models import Identifier
from privacy.refusals import Refusal

Purpose = Program.Purpose
# Of consent; then of what stands against it now.
CODES = (
    "opted_out",
    "opted_in",
    "implied_consent",
    "consent_ended",
    "no_consent_on_record",
    "no_consent_needed",
    "objected",
    "restricted",
    "reassigned",
    "do_not_call",
    "held_for_review",
    "frequency_cap",
    "frequency_unknown",
    "quiet_hours",
)
SCOPE = "consent:check"  # of the keys that may ask
ALL = (*ledger.BY_NUMBER, Channel.EMAIL)
CHANNELS: dict[str, tuple[str, ...]] = {
    Identifier.Kind.PHONE: ledger.BY_NUMBER,
    Identifier.Kind.EMAIL: (Channel.EMAIL,),
}


class UnknownChannel(Refusal):
    """The channel is one of sms, mms, voice and email."""


class UnknownPurpose(Refusal):
    """The purpose is marketing, service, targeted_ads or profiling."""


class KeyRefused(Refusal):
    """This key is not in use, or may not ask for consent."""


class NotYet(Refusal):
    """That time is in the future; nobody knows yet what people will have said by
    then."""


@dataclass(frozen=True)
class Answer:
    """`reason` is one of `CODES`, `sentence` says it to people.

    `decided_by` is the event, when there is one;
    `rule` what decided otherwise; `until` when that ends, if known.
    """

    allowed: bool
    reason: str
    sentence: str
    since: dt.datetime | None = None
    decided_by: Event | None = None
    until: dt.datetime | None = None
    rule: str = ""

    def facts(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "allowed": self.allowed,
            "reason": self.reason,
            "sentence": self.sentence,
            "since": self.since,
            "until": self.until,
            "rule": self.rule,
            "decided_by": ledger.facts(self.decided_by) if self.decided_by else None,
        }


def refuse_nonsense(mark_kind: str, channel: str, purpose: str) -> None:
    if channel not in ALL:
        raise UnknownChannel
    if channel not in CHANNELS.get(mark_kind, (channel,)):
        raise WrongChannel
    if purpose not in Purpose:
        raise UnknownPurpose


def refuse_the_future(at: dt.datetime | None, now: dt.datetime) -> None:
    if at and at > now:
        raise NotYet
