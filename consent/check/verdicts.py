"""The answer about one person as codes, from what is known about them; the same for
many."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.conf import settings

from consent.check import frequency, places
from consent.check.answers import Purpose
from consent.check.consents import ALLOWING, ENDED, Stand, decide, times
from consent.check.frequency import Cap, Message, Sent
from consent.check.hours import Hours
from consent.models import Listing
from consent.programs import About
from consent.versions import Then
from privacy.identifiers import Mark
from privacy.models import Identifier
from privacy.refusals import Refusal

List = Listing.List
REGISTRIES = (List.DO_NOT_CALL, List.STATE)
HELD = "held"
RESTRICTED = "restricted"
DEALING = "dealing"


@dataclass(frozen=True)
class Question:
    """`moment` is when it would be sent, `state` where the person is known to live;
    answered by what we knew at `known_at`, or by all that we know. Of an instant that
    was asked for (`is_past`) the events tell, not what stands at present."""

    channel: str
    moment: dt.datetime
    about: About
    state: str = ""
    known_at: dt.datetime | None = None
    is_past: bool = False

    def __post_init__(self) -> None:
        """Raises `UnknownState`, also where no hours are asked in the end."""
        if self.state:
            places.of_state(self.state)

    @property
    def organization(self) -> str:
        return self.about.organization

    @property
    def purpose(self) -> str:
        return self.about.purpose

    @property
    def then(self) -> Then | None:
        """Whose rules count; None for the present ones."""
        return Then(self.moment, self.known_at) if self.is_past else None


class Against(NamedTuple):
    """A list the person is on, or an unclear message of theirs; or what implies consent
    to a sender, and by which rule."""

    what: str
    since: dt.datetime
    until: dt.datetime | None
    organization: str = ""
    rule: str = ""


class Verdict(NamedTuple):
    """`said` is the event that decided, if one did."""

    reason: str
    said: Stand | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    rule: str = ""

    @property
    def allowed(self) -> bool:
        return self.reason in ALLOWING


def judge(
    question: Question, stands: Sequence[Stand], against: Sequence[Against]
) -> Verdict:
    """By consent and lists; `in_time` and `within_caps` check the rest."""
    reason, said = decide(stands, question.about, question.moment)
    found = Verdict(reason, said, *times(reason, said, question.about))
    if reason == "opted_out" or not against:
        return found
    if reason in ("no_consent_on_record", ENDED):
        found = _implied(question, against) or found
    against = [each for each in against if each.what != DEALING]
    return forbidding(question, found, against) or found


def _implied(question: Question, among: Sequence[Against]) -> Verdict | None:
    """Until the person's last dealing with this sender no longer implies it."""
    dealt = [
        each
        for each in among
        if each.what == DEALING and each.organization == question.organization
    ]
    if not dealt:
        return None
    last = max(dealt, key=lambda each: (each.until, each.since))
    return Verdict("implied_consent", None, last.since, last.until, last.rule)


def forbidding(
    question: Question, found: Verdict, against: Sequence[Against]
) -> Verdict | None:
    for each in sorted(against, key=_severity):
        if reason := _reason(question, found, each):
            return Verdict(reason, None, each.since, each.until, _list_name(each))
    return None


def _severity(each: Against) -> int:
    order = [RESTRICTED, List.REASSIGNED, List.REQUESTED, *REGISTRIES, HELD]
    return order.index(each.what)


def _reason(question: Question, found: Verdict, each: Against) -> str:
    """Consent given after the listing lifts it; to a registry, any consent does (47 CFR
    64.1200(c)(2)(ii))."""
    consent = found.said if found.allowed else None
    lifted = consent is not None and consent.renewed_at > each.since
    if each.what == RESTRICTED:
        return "restricted"
    if each.what == List.REASSIGNED:
        return "" if lifted else "reassigned"
    if question.purpose == Purpose.SERVICE:
        return ""
    if each.what == HELD:
        return "held_for_review" if found.allowed else ""
    if each.what in REGISTRIES:
        return "" if consent else "do_not_call"
    return "" if lifted else "do_not_call"


def _list_name(each: Against) -> str:
    return "" if each.what in (HELD, RESTRICTED) else str(List(each.what).label)


# --- the moment -------------------------------------------------------------
def has_hours(question: Question, mark: Mark) -> bool:
    return question.purpose == Purpose.MARKETING and mark.kind == Identifier.Kind.PHONE


def in_time(question: Question, mark: Mark, found: Verdict, hours: Hours) -> Verdict:
    """The verdict, or a no until it is day where the person is."""
    closed = hours.closed(mark.value, question.moment, state=question.state)
    if closed is None:
        return found
    rule = f"{closed.rule.place}: {closed.rule.citation}"
    return Verdict("quiet_hours", None, None, closed.until, rule)


def within_caps(
    question: Question, marks: Sequence[Mark], found: list[Verdict], hours: Hours
) -> list[Verdict]:
    """The verdicts, or a no for those who have got as many messages as they may, or of
    whom nobody knows how many they have got."""
    own = frequency.of_programs(question.about, question.then)
    caps = [own + _legal_caps(question, mark, hours) for mark in marks]
    counted = [mark for mark, each in zip(marks, caps, strict=True) if _to_count(each)]
    try:
        sent = _sent_to(counted, question)
    except Refusal as refusal:  # fail closed
        unknown = Verdict("frequency_unknown", rule=str(refusal))
        return [
            unknown if _to_count(each) else _capped(each, [], question.moment) or before
            for each, before in zip(caps, found, strict=True)
        ]
    return [
        _capped(each, sent.get(mark.value, []), question.moment) or before
        for mark, each, before in zip(marks, caps, found, strict=True)
    ]


def _to_count(caps: list[Cap]) -> bool:
    """A cap of 0 allows nothing, whatever was sent."""
    return bool(caps) and all(cap.most for cap in caps)


def _sent_to(people: Sequence[Mark], question: Question) -> Sent:
    """Nothing where the caller counts, and we could not."""
    if not people or (settings.CALLER_COUNTS_MESSAGES and not frequency.is_counted()):
        return {}
    return frequency.sent_to(people, question.organization, question.moment)


def _capped(
    caps: list[Cap], sent: Sequence[Message], at: dt.datetime
) -> Verdict | None:
    reached = frequency.reached(caps, sent, at)
    if reached is None:
        return None
    cap, until = reached
    return Verdict("frequency_cap", None, None, until, cap.rule)


def _legal_caps(question: Question, mark: Mark, hours: Hours) -> list[Cap]:
    rules = hours.caps(mark.value, question.moment, state=question.state)
    return [
        Cap(rule.cap or 0, frequency.DAY, f"{rule.place}: {rule.citation}")
        for rule in rules
    ]
