"""May this message go out now? Checks consent, and everything else that may forbid
it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from consent import programs, reasons, versions
from consent.check import consents, hours, known, uses, verdicts
from consent.check.answers import (
    ALL,
    CHANNELS,
    Answer,
    Purpose,
    refuse_nonsense,
    refuse_the_future,
)
from consent.check.known import Known, Stands
from consent.check.stands import Stand
from consent.check.verdicts import Question, Verdict
from consent.models import Listing
from consent.programs import About
from consent.standings import Turn
from privacy import apikeys
from privacy.identifiers import Mark


def may_send(
    mark: Mark,
    *,
    channel: str,
    now: dt.datetime,
    organization: str = "",
    purpose: str = "",
    program: str = "",
    at: dt.datetime | None = None,
    known_at: dt.datetime | None = None,
    state: str = "",
) -> Answer:
    """One message to one person, now or as of the instant `at`, by all that we know or
    by what we knew at `known_at`. `program` is its name, or the number of ours that
    would send; `purpose` may be one of `uses.USES`."""
    use, purpose = uses.told_apart(purpose)
    then = versions.when(at, known_at)
    about = programs.asked(program, organization, purpose, then)
    refuse_nonsense(mark.kind, channel, about.purpose)
    question = _question(channel, about, state, at=at, known_at=known_at, now=now)
    if no := uses.forbidden(use, [mark], question.moment):
        return _in_words(question, no[0])
    return _answer(question, mark, _as_of(question, mark))


def may_send_by_each(mark: Mark, **asked: Any) -> dict[str, Answer]:
    """As `may_send`, for every channel that the address has, the most important first:
    texts for a number."""
    channels = CHANNELS.get(mark.kind, ALL)
    return {channel: may_send(mark, channel=channel, **asked) for channel in channels}


def may_ever(
    mark: Mark,
    *,
    channel: str,
    now: dt.datetime,
    organization: str = "",
    purpose: str = "",
    at: dt.datetime | None = None,
    known_at: dt.datetime | None = None,
) -> Answer:
    """By consent and lists alone, whatever the hour and however many were sent."""
    about = programs.asked("", organization, purpose)
    refuse_nonsense(mark.kind, channel, about.purpose)
    question = _question(channel, about, "", at=at, known_at=known_at, now=now)
    told = _as_of(question, mark)
    (found,) = _judge(question, [mark], told)
    return _in_words(question, found, told.stands.get(0, ()))


def forbidden(
    mark: Mark, *, channel: str, now: dt.datetime, organization: str = ""
) -> Answer | None:
    """What forbids every message, whatever its purpose: an opt-out, a restriction, a
    number that is somebody else's, our own do-not-call list. By one statement."""
    about = programs.asked("", organization, Purpose.SERVICE)
    refuse_nonsense(mark.kind, channel, about.purpose)
    question = Question(channel, now, about)
    told = known.of_one(question, mark)
    (found,) = _judge(question, [mark], told)
    if found.allowed:
        about = replace(about, purpose=Purpose.MARKETING)
        marketing = replace(question, about=about)
        asked = [each for each in told.lists[0] if each.what == Listing.List.REQUESTED]
        found = verdicts.forbidding(marketing, found, asked) or found
    return None if found.allowed else _in_words(question, found)


def _question(
    channel: str,
    about: About,
    state: str,
    *,
    at: dt.datetime | None,
    known_at: dt.datetime | None,
    now: dt.datetime,
) -> Question:
    refuse_the_future(at, now)
    refuse_the_future(known_at, now)
    asked = at or known_at
    return Question(channel, asked or now, about, state, known_at, bool(asked))


def _as_of(question: Question, mark: Mark) -> Known:
    if not question.is_past:
        return known.of_one(question, mark)
    asked = question.channel, question.moment, question.known_at
    turns: Stands = {0: list(consents.turns(mark, *asked, question.organization))}
    return known.of_each(question, [mark])._replace(stands=turns)


def may_send_by_key(
    key: str,
    mark: Mark,
    *,
    channel: str,
    now: dt.datetime,
    organization: str = "",
    purpose: str = "",
    state: str = "",
) -> Answer:
    """The same, now, for a partner; the same statement checks its API key. Raises
    `KeyRefused`."""
    about = programs.asked("", organization, purpose)
    refuse_nonsense(mark.kind, channel, about.purpose)
    question = Question(channel, now, about, state)
    return _answer(question, mark, known.of_one(question, mark, apikeys.digest(key)))


def _answer(question: Question, mark: Mark, told: Known) -> Answer:
    judged = _judge(question, [mark], told)
    (found,) = _at_the_moment(question, [mark], judged, told.hours)
    return _in_words(question, found, told.stands.get(0, ()))


def _in_words(
    question: Question, found: Verdict, stands: Sequence[Stand] = ()
) -> Answer:
    turn = found.said if isinstance(found.said, Turn) else None
    return Answer(
        allowed=found.allowed,
        reason=found.reason,
        sentence=reasons.sentence(
            found.reason,
            question.channel,
            turn,
            since=found.since,
            until=found.until,
            rule=found.rule,
            others=consents.others(stands, question.about, question.moment),
        ),
        since=found.since,
        decided_by=turn.event if turn else None,
        until=found.until,
        rule=found.rule,
    )


def may_send_each(
    marks: Sequence[Mark],
    *,
    channel: str,
    now: dt.datetime,
    organization: str = "",
    purpose: str = "",
    program: str = "",
    at: dt.datetime | None = None,
    known_at: dt.datetime | None = None,
    state: str = "",
) -> list[Verdict]:
    """The same for many people with one kind of address, in their order, by a few
    statements."""
    use, purpose = uses.told_apart(purpose)
    then = versions.when(at, known_at)
    about = programs.asked(program, organization, purpose, then)
    question = _question(channel, about, state, at=at, known_at=known_at, now=now)
    told = _told(question, marks)
    judged = _judge(question, marks, told)
    found = _at_the_moment(question, marks, judged, told.hours)
    for place, no in uses.forbidden(use, marks, question.moment).items():
        found[place] = no
    return found


def may_contact_each(
    marks: Sequence[Mark],
    *,
    channel: str,
    now: dt.datetime,
    organization: str = "",
    purpose: str = "",
    program: str = "",
) -> list[Verdict]:
    """By consent and lists alone, for a list that is used later."""
    question = Question(channel, now, programs.asked(program, organization, purpose))
    return _judge(question, marks, _told(question, marks))


def _told(question: Question, marks: Sequence[Mark]) -> Known:
    for kind in {mark.kind for mark in marks}:
        refuse_nonsense(kind, question.channel, question.purpose)
    if not marks:
        return Known({}, {}, "")
    told = known.of_each(question, marks, standings_too=not question.is_past)
    if not question.is_past:
        return told
    return told._replace(stands=known.stands_at(question, marks))


def _judge(question: Question, marks: Sequence[Mark], told: Known) -> list[Verdict]:
    """In a long list most are unknown, and share one verdict."""
    found = [verdicts.judge(question, [], [])] * len(marks)
    for place in told.stands.keys() | told.lists.keys():
        found[place] = verdicts.judge(
            question, told.stands.get(place, []), told.lists.get(place, [])
        )
    return found


def _at_the_moment(
    question: Question, marks: Sequence[Mark], found: list[Verdict], version: str
) -> list[Verdict]:
    """For those who may be contacted: is this the right moment?"""
    places = [
        place
        for place, mark in enumerate(marks)
        if found[place].allowed and verdicts.has_hours(question, mark)
    ]
    if not places:
        return found
    rules = hours.then(question.then) if question.then else hours.of(version)
    allowed = [marks[place] for place in places]
    capped = verdicts.within_caps(
        question, allowed, [found[each] for each in places], rules
    )
    for place, mark, verdict in zip(places, allowed, capped, strict=True):
        is_capped = verdict.reason == "frequency_cap"  # what is unknown says less
        found[place] = (
            verdict if is_capped else verdicts.in_time(question, mark, verdict, rules)
        )
    return found
