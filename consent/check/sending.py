"""May this message go out now? Consent, and everything else that stands against it."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from consent import marks as marked
from consent import reasons, standings
from consent.check import consents, verdicts
from consent.check.answers import Answer, Purpose, refuse_nonsense, refuse_the_future
from consent.check.consents import Stand
from consent.check.verdicts import Against, Question, Verdict
from consent.models import Event
from consent.sql import checks
from consent.standings import Turn
from privacy.identifiers import Mark

Stands = dict[int, list[Stand]]  # by the person's place in the question


class Row(NamedTuple):
    """A standing, as the statement gives it."""

    organization: str
    state: str
    since: dt.datetime
    renewed_at: dt.datetime
    number: int


def may_send(
    mark: Mark,
    *,
    channel: str,
    now: dt.datetime,
    organization: str = "",
    purpose: str = Purpose.MARKETING,
    at: dt.datetime | None = None,
    state: str = "",
) -> Answer:
    """One message to one person, now or as of the instant `at`."""
    refuse_nonsense(mark.kind, channel, purpose)
    refuse_the_future(at, now)
    question = Question(channel, at or now, organization, purpose, state)
    turns = consents.turns(mark, channel, at)
    (found,) = _verdicts(question, [mark], {0: list(turns)})
    turn = found.said if isinstance(found.said, Turn) else None
    return Answer(
        allowed=found.allowed,
        reason=found.reason,
        sentence=reasons.sentence(
            found.reason, channel, turn, until=found.until, rule=found.rule
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
    purpose: str = Purpose.MARKETING,
    at: dt.datetime | None = None,
    state: str = "",
) -> list[Verdict]:
    """The same for many people of one kind, in their order, by a few statements."""
    for kind in {mark.kind for mark in marks}:
        refuse_nonsense(kind, channel, purpose)
    refuse_the_future(at, now)
    question = Question(channel, at or now, organization, purpose, state)
    stands = _stands_at(question, marks) if at else _stands(question, marks)
    return _verdicts(question, marks, stands)


def _verdicts(
    question: Question, marks: Sequence[Mark], stands: Stands
) -> list[Verdict]:
    against = _against(question, marks)
    nothing: list[Any] = []
    found = [
        verdicts.judge(
            question, stands.get(place, nothing), against.get(place, nothing)
        )
        for place in range(len(marks))
    ]
    return _at_the_moment(question, marks, found)


def _at_the_moment(
    question: Question, marks: Sequence[Mark], found: list[Verdict]
) -> list[Verdict]:
    """Those who may be contacted, asked whether this is the time."""
    places = [
        place
        for place, mark in enumerate(marks)
        if found[place].allowed and verdicts.has_hours(question, mark)
    ]
    allowed = [marks[place] for place in places]
    capped = verdicts.within_caps(question, allowed, [found[each] for each in places])
    for place, mark, verdict in zip(places, allowed, capped, strict=True):
        found[place] = (
            verdicts.in_time(question, mark, verdict) if verdict.allowed else verdict
        )
    return found


# --- what the statements say --------------------------------------------------
def _asked(question: Question, marks: Sequence[Mark]) -> dict[str, Any]:
    digests, places = marked.digests_of(marks)
    return {
        "digests": digests,
        "places": places,
        "kind": marks[0].kind if marks else "",
        "channel": question.channel,
        "organization": question.organization,
        "at": question.moment,
    }


def _stands(question: Question, marks: Sequence[Mark]) -> Stands:
    found: Stands = defaultdict(list)
    for place, *row in checks.rows(checks.STANDS, _asked(question, marks)):
        found[place].append(Row(*row))
    return found


def _against(question: Question, marks: Sequence[Mark]) -> dict[int, list[Against]]:
    found: dict[int, list[Against]] = defaultdict(list)
    for place, *row in checks.rows(checks.AGAINST, _asked(question, marks)):
        found[place].append(Against(*row))
    return found


def _stands_at(question: Question, marks: Sequence[Mark]) -> Stands:
    """Folded from what had occurred by then; for as-of questions."""
    digests, places = marked.digests_of(marks)
    told: dict[str, list[Event]] = defaultdict(list)
    events = Event.objects.filter(
        identifier__digest__in=digests, occurred_at__lte=question.moment
    ).select_related("identifier")
    for event in events:
        told[event.identifier.digest].append(event)
    found: Stands = defaultdict(list)
    for digest, place in zip(digests, places, strict=True):
        for turn in standings.fold(told.get(digest, [])):
            if turn.channel == question.channel:
                found[place].append(turn)
    return found
